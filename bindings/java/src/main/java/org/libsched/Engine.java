package org.libsched;

import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/**
 * The native side of a pool: three objects that live and end together. All tasks are items of one batch and members of one group,
 * so that all those that wait can be dropped at once. A task that waits refers to the engine, so an engine with such tasks is
 * not collected.
 */
final class Engine {
  private static final int SLICE = 1024; // tasks that are handed over at once

  private final String name;
  private final Thread.UncaughtExceptionHandler handler;
  private final ClassLoader loader;
  private final NativeHandle handle;
  private final long pool;
  private final long batch;
  private final long root;
  private int places; // how many tasks run at a time
  private final boolean bounded; // then who submits waits for room
  private final Owner owner = new Owner();
  final EngineEnd end;
  final Intake intake = new Intake(this);

  /** The threads that have run a task. */
  final Set<Worker> workers = ConcurrentHashMap.newKeySet();

  /** Takes the one reference of the pool. */
  Engine(
      long pool,
      int spare,
      boolean bounded,
      String name,
      Thread.UncaughtExceptionHandler handler,
      ClassLoader loader) {
    this.pool = pool;
    this.bounded = bounded;
    this.name = name;
    this.handler = handler;
    this.loader = loader;
    long made = 0;
    long group = 0;
    try {
      places = (int) check(Raw.pool_max_workers(pool)) - spare;
      long run = Raw.upcall_run_many();
      made = check(Raw.batch_create(pool, run, Raw.upcall_discard(), Worker.SLICE_SIZE));
      group = check(Raw.group_create(pool, 0));
      Raw.group_enter(group); // so that it does not complete
    } catch (Throwable thrown) {
      Raw.group_unref(group);
      Raw.batch_unref(made);
      Raw.pool_unref(pool);
      throw thrown;
    }
    batch = made;
    root = group;
    handle = new NativeHandle(this, pool, release(batch, root));
    end = new EngineEnd(this);
  }

  private static LongConsumer release(long batch, long root) {
    return pool -> {
      Raw.group_leave(root, 0);
      Raw.group_unref(root);
      Raw.batch_unref(batch);
      Raw.pool_unref(pool);
    };
  }

  private static long check(long result) {
    return LibschedException.check(result);
  }

  /** Calls something with the native pool. */
  long with(LongUnaryOperator call) {
    return handle.with(call);
  }

  /** The same, but gives `closed` if the native pool is gone. */
  long with(LongUnaryOperator call, long closed) {
    return handle.with(call, closed);
  }

  /** The group of all tasks, for calls inside {@link #with}. */
  long root() {
    return root;
  }

  /** The owner of the tasks that belong to no other group. */
  TaskOwner owner() {
    return owner;
  }

  long awaitIdle(long timeout, long cancel) {
    long from = System.nanoTime();
    for (long left = timeout; ; left = Math.max(timeout - (System.nanoTime() - from), 0)) {
      // What waits here is handed over by the tasks ahead of it, before these end, but who is at that may be no task.
      boolean all = intake.isEmpty();
      long wait = timeout < 0 ? timeout : left;
      long status = with(pool -> Raw.pool_wait_idle(pool, wait, cancel), 0);
      if (all || status != 0) return status;
    }
  }

  // --- tasks ---

  /** Submits a task of its own. */
  void execute(Runnable task, Priority priority) {
    if (bounded || priority != Priority.NORMAL) {
      execute(task, priority, owner, root);
      return;
    }
    Objects.requireNonNull(task, "task");
    if (!intake.put(task, owner)) throw rejected(RawStatus.E_CLOSED);
  }

  /** Submits a task to a group. */
  void execute(Runnable task, Priority priority, TaskOwner of, long group) {
    Objects.requireNonNull(task, "task");
    if (handle.tryEnter() == 0) throw rejected(RawStatus.E_CLOSED);
    long slot = intake.direct(Slots.put(task, of) | priority.code << 32);
    long status = RawStatus.E_INTERNAL;
    try {
      status = end.hasBegun() ? RawStatus.E_CLOSED : submit(slot, priority.code, group);
    } finally {
      handle.leave();
      if (status != 0) {
        Slots.remove(slot);
        intake.undirected(1);
      }
    }
    if (status != 0) throw rejected(status);
  }

  /** Submits a loop, which ends if the token is cancelled, also while there is no room. */
  void executeLoop(Loop loop, CancelToken token) throws InterruptedException {
    if (bounded) {
      long taken = offer(loop, Priority.NORMAL, Raw.FOREVER, token);
      if (taken != RawStatus.E_CANCELLED && taken < 0) throw rejected(taken);
    } else {
      execute(loop, Priority.NORMAL);
    }
  }

  /** Submits a task if there is room. */
  boolean tryExecute(Runnable task, Priority priority, long timeout) throws InterruptedException {
    Objects.requireNonNull(task, "task");
    long taken = offer(task, priority, timeout, null);
    if (taken == RawStatus.E_TIMEOUT || taken == RawStatus.E_FULL) return false;
    if (taken < 0) throw rejected(taken);
    return true;
  }

  // Gives how many were taken, or a status.
  private long offer(Runnable task, Priority priority, long timeout, CancelToken token)
      throws InterruptedException {
    long[] slot = {intake.direct(Slots.put(task, owner) | priority.code << 32)};
    long taken = RawStatus.E_INTERNAL;
    try {
      taken =
          Waiting.on(
              timeout, token, (ns, cancel) -> submit(slot, priority.code, root, ns, cancel));
      return taken;
    } finally {
      if (taken <= 0) {
        Slots.remove(slot[0]);
        intake.undirected(1);
      }
    }
  }

  /** Submits tasks of its own. */
  void executeAll(Collection<? extends Runnable> tasks, Priority priority) {
    if (bounded || priority != Priority.NORMAL) {
      executeAll(tasks, priority, owner, root);
      return;
    }
    Runnable[] all = all(tasks);
    if (!intake.put(all, owner)) throw rejected(RawStatus.E_CLOSED);
  }

  private static Runnable[] all(Collection<? extends Runnable> tasks) {
    Runnable[] all = tasks.toArray(new Runnable[0]);
    for (Runnable task : all) Objects.requireNonNull(task, "task");
    return all;
  }

  /** Submits tasks to a group. */
  void executeAll(
      Collection<? extends Runnable> tasks, Priority priority, TaskOwner of, long group) {
    Runnable[] all = all(tasks);
    for (int from = 0; from < all.length; from += SLICE) {
      int to = Math.min(all.length, from + SLICE);
      long[] slots = Slots.put(all, from, to, of, priority.code << 32);
      intake.direct(slots);
      long taken = 0;
      try {
        taken = submit(slots, priority.code, group, Raw.FOREVER, 0);
      } finally {
        int rest = (int) Math.max(taken, 0);
        Slots.remove(slots, rest);
        intake.undirected(slots.length - rest);
      }
      if (taken < slots.length) throw rejected(taken < 0 ? taken : RawStatus.E_CLOSED);
    }
  }

  private long submit(long slot, long priority, long group) {
    return Raw.batch_submit(batch, group, priority, slot);
  }

  /** Submits what came through the intake; gives how many were taken, or a status. Throws nothing. */
  long handOver(long[] slots) {
    if (handle.tryEnter() == 0) return RawStatus.E_CLOSED;
    try {
      return Raw.batch_submit_n(batch, root, Raw.NORMAL, slots, Raw.FOREVER, 0);
    } catch (LibschedException e) {
      return e.code();
    } catch (OutOfMemoryError e) {
      return RawStatus.E_INTERNAL; // the exception that would have told more
    } finally {
      handle.leave();
    }
  }

  // Gives how many were taken, or a status.
  private long submit(long[] slots, long priority, long group, long timeout, long cancel) {
    if (end.hasBegun() || handle.tryEnter() == 0) return RawStatus.E_CLOSED;
    try {
      return Raw.batch_submit_n(batch, group, priority, slots, timeout, cancel);
    } finally {
      handle.leave();
    }
  }

  RejectedExecutionException rejected(long status) {
    LibschedException cause = LibschedException.of(status);
    return new RejectedExecutionException(this + ": " + cause.getMessage(), cause);
  }

  // --- workers ---

  boolean onWorker() {
    return with(Raw::pool_current_worker, RawStatus.E_NOT_WORKER) >= 0;
  }

  /** A worker is about to run something; it calls, with null if the virtual machine had no memory to make it one. */
  void began(Worker worker) {
    if (worker == null || worker.colleagues != null) return;
    try {
      prepare(worker.thread);
      worker.places = places;
      workers.add(worker);
      worker.colleagues = workers;
    } catch (OutOfMemoryError e) {
      // The next time, then. What it is about to run must be run.
    }
  }

  /** Makes a thread one for tasks. */
  void prepare(Thread thread) {
    thread.setContextClassLoader(loader);
    if (handler != null) thread.setUncaughtExceptionHandler(handler);
  }

  /** A task has thrown something that nobody else is told of; its thread calls. */
  static void uncaught(Throwable thrown) {
    Thread thread = Thread.currentThread();
    try {
      thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
    } catch (Throwable ofHandler) {
      // As the virtual machine does when a thread ends so.
    }
  }

  boolean isReleased() {
    return handle.isClosed();
  }

  /** The native pool has ended. */
  void release() {
    handle.close();
  }

  @Override
  public String toString() {
    return "Pool[" + name + "]";
  }

  private final class Owner extends TaskOwner {
    @Override
    Engine engine() {
      return Engine.this;
    }

    @Override
    int run(Runnable task) {
      try {
        task.run();
        return 0;
      } catch (Throwable thrown) {
        uncaught(thrown);
        return RawStatus.E_EXCEPTION;
      }
    }
  }
}
