package org.libsched;

import java.util.Collection;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Tasks that belong together, and whose end one waits for.
 *
 * <pre>{@code
 * try (Group group = pool.group()) {
 *   group.execute(() -> load(level));
 *   group.execute(() -> load(sounds));
 *   group.await();
 * }
 * }</pre>
 *
 * <p>A group that one has begun to wait for still takes tasks from its own tasks, until the last of them has ended; after that
 * it takes none. A task of the pool that waits for a group works on it meanwhile, so tasks may wait as deeply nested as they
 * like.
 */
public final class Group implements AutoCloseable {
  private final Engine engine;
  private final Group parent;
  private final NativeHandle handle;
  private final Owner owner = new Owner();
  private Throwable failure;

  Group(Engine engine, Group parent, boolean cancelOnFailure) {
    this.engine = engine;
    this.parent = parent;
    this.handle =
        new NativeHandle(
            this,
            engine.with(pool -> create(pool, engine, parent, cancelOnFailure)),
            Raw::group_unref);
  }

  private static long create(long pool, Engine engine, Group parent, boolean cancelOnFailure) {
    long options = Raw.new_group_options();
    long outer = parent == null ? engine.root() : parent.handle.enter();
    try {
      Raw.group_options_init(options);
      Raw.group_options_flags_set(options, cancelOnFailure ? Raw.GROUP_CANCEL_ON_FAILURE : 0);
      Raw.group_options_parent_set(options, outer);
      return LibschedException.check(Raw.group_create(pool, options));
    } finally {
      if (parent != null) parent.handle.leave();
      Raw.delete_group_options(options);
    }
  }

  /**
   * Makes a group that is a member of this one.
   *
   * @param cancelOnFailure whether its first failure cancels it
   * @return a group of the same pool
   */
  public Group group(boolean cancelOnFailure) {
    return new Group(engine, this, cancelOnFailure);
  }

  /**
   * Runs a task on a worker of the pool.
   *
   * @param task what to run; what it throws is the group's failure
   * @throws RejectedExecutionException if the group has completed or was cancelled, or the pool was shut down
   */
  public void execute(Runnable task) {
    execute(task, Priority.NORMAL);
  }

  /**
   * As {@link #execute(Runnable)}.
   *
   * @param task what to run; what it throws is the group's failure
   * @param priority how urgent it is
   * @throws RejectedExecutionException if the group has completed or was cancelled, or the pool was shut down
   */
  public void execute(Runnable task, Priority priority) {
    long group = handle.enter();
    try {
      engine.execute(task, priority, owner, group);
    } finally {
      handle.leave();
    }
  }

  /**
   * Runs many tasks on the workers of the pool; each is a task of its own.
   *
   * @param tasks what to run, in order
   * @throws RejectedExecutionException as {@link #execute(Runnable)}; the first ones of the tasks may be run all the same
   */
  public void executeAll(Collection<? extends Runnable> tasks) {
    long group = handle.enter();
    try {
      engine.executeAll(tasks, Priority.NORMAL, owner, group);
    } finally {
      handle.leave();
    }
  }

  /**
   * Runs a task on a worker of the pool.
   *
   * @param <T> the type of its result
   * @param task what to run; what it throws is the group's failure, and its future's
   * @return its result; cancelled if the group is before it has started
   * @throws RejectedExecutionException as {@link #execute(Runnable)}
   */
  public <T> Future<T> submit(Callable<T> task) {
    Member<T> future = new Member<>(task);
    execute(future);
    return future;
  }

  /**
   * Waits until all tasks have ended.
   *
   * @throws ExecutionException with what the first of those threw that did
   * @throws CancellationException if the group was cancelled, or its pool has dropped tasks
   * @throws InterruptedException if the thread is interrupted; the tasks go on
   */
  public void await() throws ExecutionException, InterruptedException {
    await(Raw.FOREVER);
  }

  /**
   * Waits until all tasks have ended.
   *
   * @param timeout how long
   * @param unit the unit of the timeout
   * @return whether they have
   * @throws ExecutionException with what the first of those threw that did
   * @throws CancellationException if the group was cancelled, or its pool has dropped tasks
   * @throws InterruptedException if the thread is interrupted; the tasks go on
   */
  public boolean await(long timeout, TimeUnit unit)
      throws ExecutionException, InterruptedException {
    return await(Math.max(unit.toNanos(timeout), 0));
  }

  private boolean await(long timeout) throws ExecutionException, InterruptedException {
    long[] code = new long[1];
    long group = handle.enter();
    long status;
    try {
      status = Waiting.on(timeout, null, (ns, cancel) -> wait(code, group, ns, cancel));
    } finally {
      handle.leave();
    }
    if (status == RawStatus.E_TIMEOUT) return false;
    if (status != RawStatus.E_FAILED) return LibschedException.check(status) == 0;
    if (code[0] == RawStatus.E_CANCELLED) throw new CancellationException("the group was cancelled");
    Throwable cause = failure();
    throw new ExecutionException(cause != null ? cause : LibschedException.of(code[0]));
  }

  private static long wait(long[] code, long group, long timeout, long cancel) {
    return Raw.group_wait(code, group, 0, timeout, cancel);
  }

  /** Drops the tasks that have not started, also of groups inside this one. It takes no more. */
  public void cancel() {
    long group = handle.enter();
    try {
      Raw.group_cancel(group);
    } finally {
      handle.leave();
    }
  }

  /**
   * Waits until all tasks have ended, however they did. If the thread is interrupted meanwhile the group is cancelled; the
   * thread waits for the tasks that run, and stays marked as interrupted. A task of the group may close it too, and does not
   * wait.
   */
  @Override
  public void close() {
    boolean interrupted = false;
    while (!handle.isClosed()) {
      try {
        await();
        handle.close();
      } catch (ExecutionException | CancellationException e) {
        handle.close();
      } catch (LibschedException e) {
        handle.close();
        if (e.status() != Status.DEADLOCK) throw e;
      } catch (InterruptedException e) {
        interrupted = true;
        cancel();
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }

  private synchronized Throwable failure() {
    return failure;
  }

  private int failed(Throwable thrown) {
    for (Group group = this; group != null; group = group.parent) {
      synchronized (group) {
        if (group.failure == null) group.failure = thrown;
      }
    }
    return RawStatus.E_EXCEPTION;
  }

  /** A future whose exception is the group's too. */
  private static final class Member<T> extends PoolFuture<T> {
    private Throwable thrown;

    Member(Callable<T> task) {
      super(task);
    }

    @Override
    protected void setException(Throwable failure) {
      thrown = failure;
      super.setException(failure);
    }
  }

  private final class Owner extends TaskOwner {
    @Override
    Engine engine() {
      return engine;
    }

    @Override
    int run(Runnable task) {
      try {
        task.run();
      } catch (Throwable thrown) {
        return failed(thrown);
      }
      if (!(task instanceof Member)) return 0;
      Throwable thrown = ((Member<?>) task).thrown;
      return thrown == null ? 0 : failed(thrown);
    }
  }
}
