package org.libsched;

/**
 * A task at work, as it sees itself. Valid during the call that it was given to, on the thread of that.
 *
 * @since 0.1
 */
public final class TaskContext extends Scope {
  TaskContext(long task) {
    super(task);
  }

  /**
   * Whether the task should end, since nobody wants it any more: its channel was cleared.
   *
   * @return whether it should
   * @throws IllegalStateException after the call, or on another thread
   */
  public boolean isCancelled() {
    return Raw.task_cancelled(address()) != 0;
  }

  /**
   * Whether something more urgent waits for the worker.
   *
   * @return whether it does
   * @throws IllegalStateException after the call, or on another thread
   */
  public boolean shouldYield() {
    return Raw.should_yield(address()) != 0;
  }

  /**
   * The number of the worker.
   *
   * @return from 0 to one less than the pool has workers, spare ones included
   * @throws IllegalStateException after the call, or on another thread
   */
  public int worker() {
    return (int) Raw.task_worker(address());
  }
}
