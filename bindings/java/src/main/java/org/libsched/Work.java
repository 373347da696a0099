package org.libsched;

/**
 * What a {@link Dispatcher} does with the tasks of its channels.
 *
 * @param <T> the type of the tasks
 * @since 0.1
 */
@FunctionalInterface
public interface Work<T> {
  /**
   * Does a task, on a worker of the pool.
   *
   * @param task the task, as it was sent
   * @param context this run, valid during the call
   * @throws Exception counts as a failure, which the finalizer is told of
   */
  void run(T task, TaskContext context) throws Exception;
}
