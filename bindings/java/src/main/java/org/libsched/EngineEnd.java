package org.libsched;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How an engine is shut down. */
final class EngineEnd {
  private final Engine engine;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final List<Thread> helpers = new ArrayList<>(); // it is its own lock
  private volatile long mode = Raw.DRAIN;
  private volatile PoolStats last = PoolStats.NONE;
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
    begin();
    List<Runnable> all = new ArrayList<>();
    synchronized (this) {
      if (dropped == null) dropped = all;
    }
    engine.with(pool -> Raw.group_cancel(engine.root()), 0);
    for (Worker worker : engine.workers) {
      long[] slots;
      synchronized (worker) {
        slots = worker.take();
      }
      Upcalls.discard(slots);
    }
    synchronized (this) {
      if (dropped == all) dropped = null;
    }
    mode = Raw.CANCEL;
    begin();
    for (Worker worker : engine.workers) worker.thread.interrupt();
    return all;
  }

  /** A task will never run: whether it is among those that are being dropped. */
  synchronized boolean drop(Runnable task) {
    return dropped != null && dropped.add(task);
  }

  /** Runs tasks that a worker has given away and the engine takes no more. */
  void runOutside(TaskOwner owner, long[] slots) {
    long entered = owner.enter();
    help(
        "-rest",
        () -> {
          int code = 0;
          for (long slot : slots) {
            int result = Upcalls.run(slot);
            if (result != 0) code = result;
          }
          owner.leave(entered, code);
        });
  }

  private void help(String suffix, Runnable body) {
    Thread thread = new Thread(body, engine + suffix);
    thread.setDaemon(true);
    synchronized (helpers) {
      thread.start();
      helpers.add(thread);
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
    if (!engine.isReleased()) engine.intake.handOver();
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
