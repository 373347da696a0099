package org.libsched;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongUnaryOperator;

/**
 * Worker threads that run tasks of three priorities and steal work from each other.
 *
 * <pre>{@code
 * try (Pool pool = Pool.builder().workers(8).name("render").build()) {
 *   Future<Image> image = pool.submit(() -> render(scene));
 *   pool.high().execute(this::answer);
 *   show(image.get());
 * }
 * }</pre>
 *
 * <p>What a task throws goes to its {@link Future}; without one, to the uncaught exception handler of the worker, which lives
 * on. Cancelling a future with an interrupt interrupts the thread that runs the task; the mark is gone before the next task
 * begins. A task may wait for another one's future: a spare thread stands in for it (see {@link Blocking}).
 *
 * <p>A pool that nobody refers to ends when its tasks have ended, and the virtual machine exits whatever a pool is doing.
 */
public final class Pool extends AbstractExecutorService implements AutoCloseable {
  private static final int SLICE = 1024; // tasks that are handed over at once

  private final String name;
  private final Thread.UncaughtExceptionHandler handler;
  private final ClassLoader loader;
  private final NativeHandle pool;
  private final NativeHandle batch;
  private final Owner owner = new Owner();
  private final Set<Worker> workers = ConcurrentHashMap.newKeySet();
  private final PoolView[] views = new PoolView[Priority.values().length];
  private final CountDownLatch isShutdown = new CountDownLatch(1);
  private volatile long mode = Raw.DRAIN; // of the shutdown
  private volatile PoolStats last = PoolStats.NONE;

  Pool(
      long address, String name, Thread.UncaughtExceptionHandler handler, ClassLoader loader) {
    this.name = name;
    this.handler = handler;
    this.loader = loader;
    this.pool = new NativeHandle(this, address, Raw::pool_unref);
    long kind =
        LibschedException.check(
            Raw.batch_create(address, Raw.upcall_run_many(), Raw.upcall_discard(), 0));
    this.batch = new NativeHandle(this, kind, Raw::batch_unref);
    for (Priority priority : Priority.values()) {
      views[priority.ordinal()] = new PoolView(this, priority);
    }
  }

  /**
   * Begins to make a pool.
   *
   * @return all defaults
   */
  public static PoolBuilder builder() {
    return new PoolBuilder();
  }

  // --- tasks ---

  /**
   * Runs a task on a worker. In a pool with a capacity that is reached this waits for room, whether or not it is interrupted,
   * unless the pool's own worker calls: see {@link #tryExecute}.
   *
   * @param task what to run
   * @throws RejectedExecutionException if the pool was shut down
   */
  @Override
  public void execute(Runnable task) {
    execute(task, Priority.NORMAL);
  }

  /**
   * As {@link #execute(Runnable)}.
   *
   * @param task what to run
   * @param priority how urgent it is
   * @throws RejectedExecutionException if the pool was shut down
   */
  public void execute(Runnable task, Priority priority) {
    execute(task, priority.code, owner, 0);
  }

  void execute(Runnable task, long priority, TaskOwner of, long group) {
    Objects.requireNonNull(task, "task");
    long kind = batch.tryEnter();
    if (kind == 0) throw rejected(RawStatus.E_CLOSED);
    long slot = Slots.put(task, of);
    long status = RawStatus.E_INTERNAL;
    try {
      status = isShutdown() ? RawStatus.E_CLOSED : Raw.batch_submit(kind, group, priority, slot);
    } finally {
      batch.leave();
      if (status != 0) Slots.remove(slot);
    }
    if (status != 0) throw rejected(status);
  }

  /**
   * Runs a task on a worker if there is room for it soon enough.
   *
   * @param task what to run
   * @param timeout how long to wait for room in a pool with a capacity
   * @param unit the unit of the timeout
   * @return whether the task will be run
   * @throws InterruptedException if the thread is interrupted; the task will not be run
   * @throws RejectedExecutionException if the pool was shut down
   */
  public boolean tryExecute(Runnable task, long timeout, TimeUnit unit)
      throws InterruptedException {
    return tryExecute(task, Priority.NORMAL, timeout, unit);
  }

  /**
   * As {@link #tryExecute(Runnable, long, TimeUnit)}.
   *
   * @param task what to run
   * @param priority how urgent it is
   * @param timeout how long to wait for room in a pool with a capacity
   * @param unit the unit of the timeout
   * @return whether the task will be run
   * @throws InterruptedException if the thread is interrupted; the task will not be run
   * @throws RejectedExecutionException if the pool was shut down
   */
  public boolean tryExecute(Runnable task, Priority priority, long timeout, TimeUnit unit)
      throws InterruptedException {
    Objects.requireNonNull(task, "task");
    long[] slot = {Slots.put(task, owner)};
    long taken = RawStatus.E_INTERNAL;
    try {
      long wait = Math.max(unit.toNanos(timeout), 0);
      taken =
          Waiting.on(wait, null, (ns, cancel) -> submit(slot, priority.code, 0, ns, cancel));
    } finally {
      if (taken <= 0) Slots.remove(slot[0]);
    }
    if (taken == RawStatus.E_TIMEOUT || taken == RawStatus.E_FULL) return false;
    if (taken < 0) throw rejected(taken);
    return true;
  }

  /**
   * Runs many tasks on the workers; each is a task of its own. This costs far less than one call for each.
   *
   * @param tasks what to run, in order
   * @throws RejectedExecutionException if the pool was shut down; the first ones of the tasks may be run all the same
   */
  public void executeAll(Collection<? extends Runnable> tasks) {
    executeAll(tasks, Priority.NORMAL);
  }

  /**
   * As {@link #executeAll(Collection)}.
   *
   * @param tasks what to run, in order
   * @param priority how urgent they are
   * @throws RejectedExecutionException if the pool was shut down; the first ones of the tasks may be run all the same
   */
  public void executeAll(Collection<? extends Runnable> tasks, Priority priority) {
    executeAll(tasks, priority.code, owner, 0);
  }

  void executeAll(
      Collection<? extends Runnable> tasks, long priority, TaskOwner of, long group) {
    Runnable[] all = tasks.toArray(new Runnable[0]);
    for (Runnable task : all) Objects.requireNonNull(task, "task");
    for (int from = 0; from < all.length; from += SLICE) {
      long[] slots = Slots.put(all, from, Math.min(all.length, from + SLICE), of);
      long taken = 0;
      try {
        taken = submit(slots, priority, group, Raw.FOREVER, 0);
      } finally {
        for (int i = (int) Math.max(taken, 0); i < slots.length; i++) Slots.remove(slots[i]);
      }
      if (taken < slots.length) throw rejected(taken < 0 ? taken : RawStatus.E_CLOSED);
    }
  }

  private long submit(long[] slots, long priority, long group, long timeout, long cancel) {
    long kind = isShutdown() ? 0 : batch.tryEnter();
    if (kind == 0) return RawStatus.E_CLOSED;
    try {
      return Raw.batch_submit_n(kind, group, priority, slots, timeout, cancel);
    } finally {
      batch.leave();
    }
  }

  /**
   * Runs a task on a worker.
   *
   * @param <T> the type of its result
   * @param task what to run
   * @param priority how urgent it is
   * @return its result
   * @throws RejectedExecutionException if the pool was shut down
   */
  public <T> Future<T> submit(Callable<T> task, Priority priority) {
    return views[priority.ordinal()].submit(task);
  }

  /**
   * Runs a task on a worker.
   *
   * @param task what to run
   * @param priority how urgent it is
   * @return null, when it has ended
   * @throws RejectedExecutionException if the pool was shut down
   */
  public Future<?> submit(Runnable task, Priority priority) {
    return views[priority.ordinal()].submit(task);
  }

  /**
   * This pool for urgent tasks.
   *
   * @return an executor with the life of this pool
   */
  public ExecutorService high() {
    return views[Priority.HIGH.ordinal()];
  }

  /**
   * This pool for usual tasks.
   *
   * @return an executor with the life of this pool
   */
  public ExecutorService normal() {
    return views[Priority.NORMAL.ordinal()];
  }

  /**
   * This pool for tasks that can wait.
   *
   * @return an executor with the life of this pool
   */
  public ExecutorService low() {
    return views[Priority.LOW.ordinal()];
  }

  @Override
  protected <T> RunnableFuture<T> newTaskFor(Callable<T> task) {
    return new PoolFuture<>(task);
  }

  @Override
  protected <T> RunnableFuture<T> newTaskFor(Runnable task, T result) {
    return new PoolFuture<>(task, result);
  }

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> tasks)
      throws InterruptedException, ExecutionException {
    try (Blocking section = Blocking.begin()) {
      return super.invokeAny(tasks);
    }
  }

  @Override
  public <T> T invokeAny(Collection<? extends Callable<T>> tasks, long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    try (Blocking section = Blocking.begin()) {
      return super.invokeAny(tasks, timeout, unit);
    }
  }

  // --- structure ---

  /**
   * Makes a group of tasks that run on this pool.
   *
   * @return a group that goes on when one of its tasks fails
   */
  public Group group() {
    return group(false);
  }

  /**
   * Makes a group of tasks that run on this pool.
   *
   * @param cancelOnFailure whether its first failure cancels it
   * @return a group
   */
  public Group group(boolean cancelOnFailure) {
    return new Group(this, null, cancelOnFailure);
  }

  /**
   * Runs a loop in parts, on the workers, and waits for its end. A task of this pool may call it, and takes part then.
   *
   * @param from the first index
   * @param to one more than the last; not above `from`: nothing is run
   * @param grain most indices of a part; 0 = chosen
   * @param action runs a part
   * @throws ExecutionException if a part threw something; others may not have been run
   * @throws InterruptedException if the thread is interrupted; the parts that were begun have ended
   * @throws RejectedExecutionException if the pool was shut down
   */
  public void parallelFor(long from, long to, long grain, RangeAction action)
      throws ExecutionException, InterruptedException {
    parallelFor(from, to, grain, action, null);
  }

  /**
   * As {@link #parallelFor(long, long, long, RangeAction)}.
   *
   * @param from the first index
   * @param to one more than the last; not above `from`: nothing is run
   * @param grain most indices of a part; 0 = chosen
   * @param action runs a part
   * @param token ends the loop; may be null
   * @throws ExecutionException if a part threw something; others may not have been run
   * @throws InterruptedException if the thread is interrupted; the parts that were begun have ended
   * @throws CancellationException if the token was cancelled; the parts that were begun have ended
   * @throws RejectedExecutionException if the pool was shut down
   */
  public void parallelFor(long from, long to, long grain, RangeAction action, CancelToken token)
      throws ExecutionException, InterruptedException {
    if (grain < 0) throw new IllegalArgumentException("grain: " + grain);
    if (from >= to) return;
    Loop loop = new Loop(from, Objects.requireNonNull(action, "action"));
    long address = isShutdown() ? 0 : pool.tryEnter();
    if (address == 0) throw rejected(RawStatus.E_CLOSED);
    long slot = Slots.put(loop, null);
    long status;
    try {
      status = Waiting.on(token, (ns, cancel) -> loop.on(address, to - from, grain, slot, cancel));
    } finally {
      Slots.remove(slot);
      pool.leave();
    }
    if (status == RawStatus.E_FAILED) throw loop.failed();
    if (status == RawStatus.E_CANCELLED) throw new CancellationException("the loop was cancelled");
    if (status != 0) throw rejected(status);
  }

  /** Makes something that belongs to this pool. */
  long create(LongUnaryOperator from) {
    long address = pool.enter();
    try {
      return from.applyAsLong(address);
    } finally {
      pool.leave();
    }
  }

  // --- the end ---

  /** Takes no more tasks; those that were taken are run. */
  @Override
  public void shutdown() {
    closeIntake();
    end();
  }

  /**
   * Takes no more tasks, drops those that have not started, and interrupts those that run.
   *
   * @return the tasks that were dropped
   */
  @Override
  public List<Runnable> shutdownNow() {
    closeIntake();
    mode = Raw.CANCEL;
    List<Runnable> dropped = new ArrayList<>();
    Slots.takeAll(of -> of.pool() == this, (of, task) -> dropped.add(task));
    end();
    for (Worker worker : workers) worker.thread.interrupt();
    return dropped;
  }

  private void closeIntake() {
    isShutdown.countDown();
    if (!onWorker()) await(0);
  }

  // The engine lets no task shut its own pool down.
  private void end() {
    if (onWorker()) {
      Thread thread = new Thread(() -> await(Raw.FOREVER), name + "-end");
      thread.setDaemon(true);
      thread.start();
    } else {
      await(0);
    }
  }

  @Override
  public boolean isShutdown() {
    return isShutdown.getCount() == 0;
  }

  @Override
  public boolean isTerminated() {
    return pool.isClosed() || isShutdown() && !onWorker() && await(0);
  }

  /**
   * Waits until all tasks have ended after a shutdown.
   *
   * @throws LibschedException with {@link Status#DEADLOCK} if a task of this pool calls after the shutdown
   */
  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    long begun = System.nanoTime();
    long left = Math.max(unit.toNanos(timeout), 0);
    try (Blocking section = Blocking.begin()) {
      if (!isShutdown.await(left, TimeUnit.NANOSECONDS)) return false;
    }
    left = Math.max(left - (System.nanoTime() - begun), 0);
    return ended(Waiting.on(left, null, this::await));
  }

  /**
   * Shuts the pool down and waits until its tasks have ended. If the thread is interrupted meanwhile, the tasks that have not
   * started are dropped, as by {@link #shutdownNow}; it waits for the others, and stays marked as interrupted. A task of this
   * pool may call it too: the end then comes by itself, and is not waited for.
   */
  @Override
  public void close() {
    shutdown();
    if (onWorker()) return;
    boolean interrupted = false;
    while (!isTerminated()) {
      try {
        awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        if (!interrupted) shutdownNow();
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }

  // Whether the pool has ended, within a time and whatever interrupts.
  private boolean await(long timeout) {
    return ended(await(timeout, 0));
  }

  private long await(long timeout, long cancel) {
    long address = pool.tryEnter();
    if (address == 0) return 0;
    try {
      return Raw.pool_shutdown(address, mode, timeout, cancel);
    } finally {
      pool.leave();
    }
  }

  // What has ended needs its native side no more.
  private boolean ended(long status) {
    if (status != 0) return false;
    long address = pool.tryEnter();
    if (address != 0) {
      try {
        last = new PoolStats(address);
      } finally {
        pool.leave();
      }
    }
    batch.close();
    pool.close();
    return true;
  }

  private boolean onWorker() {
    long address = pool.tryEnter();
    if (address == 0) return false;
    try {
      return Raw.pool_current_worker(address) >= 0;
    } finally {
      pool.leave();
    }
  }

  // --- the rest ---

  /**
   * What the pool has done so far.
   *
   * @return a picture; of a pool that has ended, the last one
   */
  public PoolStats stats() {
    long address = pool.tryEnter();
    if (address == 0) return last;
    try {
      return new PoolStats(address);
    } finally {
      pool.leave();
    }
  }

  /** A worker is about to run its first task; it calls. */
  void began(Worker worker) {
    worker.thread.setContextClassLoader(loader);
    if (handler != null) worker.thread.setUncaughtExceptionHandler(handler);
    worker.colleagues = workers;
    workers.add(worker);
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

  private RejectedExecutionException rejected(long status) {
    LibschedException cause = LibschedException.of(status);
    return new RejectedExecutionException(this + ": " + cause.getMessage(), cause);
  }

  @Override
  public String toString() {
    return "Pool[" + name + "]";
  }

  /** Of the tasks that belong to no group. It is what keeps a pool with tasks from being collected. */
  private final class Owner extends TaskOwner {
    @Override
    Pool pool() {
      return Pool.this;
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

    @Override
    void discarded(Runnable task) {
      if (task instanceof Future) ((Future<?>) task).cancel(false);
    }
  }
}
