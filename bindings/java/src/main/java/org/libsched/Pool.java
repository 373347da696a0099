package org.libsched;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

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
 * begins. A task may wait for another one's future: a spare thread stands in for it (see {@link Blocking}). So futures may be
 * waited for as deeply nested as there are spare threads ({@link PoolBuilder#spare}); deeper ones wait for each other for ever.
 * Groups and loops have no such bound: who waits for one works on it.
 *
 * <p>Tasks of one thread and priority are begun in order. Only a task that waits (see {@link Blocking}), and among several
 * workers one that takes long, may be overtaken by those behind it. A task that waits for another one by means that this package
 * does not have should say so by {@link Blocking}: else all workers may come to wait for tasks that nobody is left to run, until a
 * spare one stands in after half a second.
 *
 * <p>A pool that nobody refers to ends when its tasks have ended, and the virtual machine exits whatever a pool is doing.
 */
public final class Pool extends AbstractExecutorService implements AutoCloseable {
  private final Engine engine;
  private final PoolView[] views = new PoolView[Priority.values().length];

  Pool(Engine engine) {
    this.engine = engine;
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

  Engine engine() {
    return engine;
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
    engine.execute(task, priority);
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
    return engine.tryExecute(task, priority, Math.max(unit.toNanos(timeout), 0));
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
    engine.executeAll(tasks, priority);
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
    return new Group(engine, null, cancelOnFailure);
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
    Objects.requireNonNull(action, "action");
    if (from >= to) return;
    Loop loop = new Loop(engine, from, to - from, grain, action);
    long status = loop.run(token);
    if (status == RawStatus.E_FAILED) throw loop.failed();
    if (status == RawStatus.E_CANCELLED) throw new CancellationException("the loop was cancelled");
    if (status != 0) throw engine.rejected(status);
  }

  /**
   * Waits until every accepted task has ended. Tasks submitted meanwhile are waited for too.
   *
   * @param timeout how long
   * @param unit the unit of the timeout
   * @return whether the pool is idle
   * @throws InterruptedException if the thread is interrupted
   * @throws LibschedException with {@link Status#DEADLOCK} if a task of this pool calls
   */
  public boolean awaitIdle(long timeout, TimeUnit unit) throws InterruptedException {
    long wait = Math.max(unit.toNanos(timeout), 0);
    return Waiting.on(wait, null, engine::awaitIdle) == 0;
  }

  // --- the end ---

  /** Takes no more tasks; those that were taken are run. */
  @Override
  public void shutdown() {
    engine.end.begin();
  }

  /**
   * Takes no more tasks, drops those that have not started, and interrupts those that run.
   *
   * @return the tasks that were dropped
   */
  @Override
  public List<Runnable> shutdownNow() {
    return engine.end.beginNow();
  }

  @Override
  public boolean isShutdown() {
    return engine.end.hasBegun();
  }

  @Override
  public boolean isTerminated() {
    return engine.end.isOver();
  }

  /**
   * Waits until all tasks have ended after a shutdown.
   *
   * @throws LibschedException with {@link Status#DEADLOCK} if a task of this pool calls after the shutdown
   */
  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    return engine.end.await(timeout, unit);
  }

  /**
   * Shuts the pool down and waits until its tasks have ended. If the thread is interrupted meanwhile, the tasks that have not
   * started are dropped, as by {@link #shutdownNow}; it waits for the others, and stays marked as interrupted. A task of this
   * pool may call it too: the end then comes by itself, and is not waited for.
   */
  @Override
  public void close() {
    shutdown();
    if (engine.onWorker()) return;
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

  /**
   * What the pool has done so far.
   *
   * @return a picture; of a pool that has ended, the last one
   */
  public PoolStats stats() {
    return engine.end.stats();
  }

  @Override
  public String toString() {
    return engine.toString();
  }
}
