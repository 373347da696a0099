package org.libsched;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How an engine is shut down. */
final class EngineEnd {
  // For workers that drop a task each; one without memory may never do so.
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Engine engine;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final List<Thread> helpers = new ArrayList<>(); // it is its own lock
  private volatile long mode = Raw.DRAIN;
  private volatile PoolStats last = PoolStats.NONE;
  private final Object dropping = new Object(); // by one thread at a time
  private List<Runnable> dropped; // as long as tasks are being dropped

  EngineEnd(Engine engine) {
    this.engine = engine;
  }

  boolean hasBegun() {
    return begun.getCount() == 0;
  }

  /** Takes no more tasks. */
  void begin() {
    begun.countDown();
    engine.intake.close();
    if (engine.onWorker()) {
      // The engine lets no task shut its own pool down.
      help("-end", () -> await(Raw.FOREVER));
    } else {
      await(0);
    }
  }

  /** Takes no more tasks, and drops those that wait. */
  List<Runnable> beginNow() {
    synchronized (dropping) {
      List<Runnable> all = new ArrayList<>();
      boolean outermost = beginDropping(all);
      drop();
      if (outermost) beginDropping(null);
      return all;
    }
  }

  // False: a task that is being dropped calls.
  private synchronized boolean beginDropping(List<Runnable> into) {
    if (into != null && dropped != null) return false;
    dropped = into;
    return true;
  }

  private void drop() {
    begun.countDown();
    engine.intake.refuse();
    discardAll(engine.intake);
    long begun = System.nanoTime();
    do {
      engine.with(pool -> Raw.group_cancel(engine.root()), 0); // drops what was given back, too
      for (Worker worker : engine.workers) worker.giveBack();
      Thread.yield(); // workers drop what they come upon
    } while (isAnyUnstarted() && System.nanoTime() - begun < PATIENCE_NANOS);
    mode = Raw.CANCEL;
    begin();
    for (Worker worker : engine.workers) worker.thread.interrupt();
    synchronized (helpers) {
      for (Thread helper : helpers) helper.interrupt();
    }
  }

  // A worker has a slice before its tasks count as started, and no more of it after those that are not do so again.
  private boolean isAnyUnstarted() {
    if (engine.intake.isAnyUnstarted()) return true;
    for (Worker worker : engine.workers) {
      synchronized (worker) { // it may be giving back
        if (worker.hasMore()) return true;
      }
    }
    return engine.intake.isAnyUnstarted();
  }

  private static void discardAll(Intake intake) {
    for (long slot; (slot = intake.take()) >= 0; ) Upcalls.discard(slot);
  }

  /** A task will never run: whether it is among those that are being dropped. */
  synchronized boolean drop(Runnable task) {
    return dropped != null && dropped.add(task);
  }

  /** Sees to tasks that were put in and that the engine does not take. */
  void refused(Intake intake, long status) {
    if (status == RawStatus.E_CANCELLED) {
      discardAll(intake);
      return;
    }
    try {
      help("-rest", () -> runRest(intake));
    } catch (OutOfMemoryError e) {
      runRest(intake);
    }
  }

  private static void runRest(Intake intake) {
    for (long slot; (slot = intake.take()) >= 0; ) Upcalls.run(slot);
  }

  private void help(String suffix, Runnable body) {
    Thread thread = new Thread(body, engine + suffix);
    thread.setDaemon(true);
    engine.prepare(thread);
    synchronized (helpers) {
      helpers.add(thread);
      boolean started = false;
      try {
        thread.start();
        started = true;
      } finally {
        if (!started) helpers.remove(thread);
      }
    }
  }

  // A helper other than the calling thread, or null.
  private Thread helper() {
    synchronized (helpers) {
      helpers.removeIf(thread -> !thread.isAlive());
      for (Thread thread : helpers) {
        if (thread != Thread.currentThread()) return thread;
      }
      return null;
    }
  }

  boolean isOver() {
    return hasBegun() && !engine.onWorker() && await(0);
  }

  /** Waits for the begin, and then for the end. */
  boolean await(long timeout, TimeUnit unit) throws InterruptedException {
    long from = System.nanoTime();
    long wait = Math.max(unit.toNanos(timeout), 0);
    if (!hasBegun()) {
      try (Blocking section = Blocking.begin()) {
        if (!begun.await(wait, TimeUnit.NANOSECONDS)) return false;
      }
    }
    long left = Math.max(wait - (System.nanoTime() - from), 0);
    if (Waiting.on(left, null, this::await) != 0) return false;
    for (Thread helper = helper(); helper != null; helper = helper()) {
      left = wait - (System.nanoTime() - from);
      if (left <= 0) return false;
      TimeUnit.NANOSECONDS.timedJoin(helper, left);
    }
    return over(0);
  }

  // Whatever interrupts.
  private boolean await(long timeout) {
    return over(await(timeout, 0));
  }

  private long await(long timeout, long cancel) {
    return engine.with(pool -> Raw.pool_shutdown(pool, mode, timeout, cancel), 0);
  }

  // What has ended needs its native side no more.
  private boolean over(long status) {
    if (status != 0 || helper() != null) return false;
    last = stats();
    engine.release();
    return true;
  }

  /** What the pool has done so far, or at its end. */
  PoolStats stats() {
    if (!engine.isReleased()) engine.intake.handOverAll();
    PoolStats[] now = {last};
    engine.with(
        pool -> {
          now[0] = new PoolStats(pool);
          return 0;
        },
        0);
    return now[0];
  }
}
