package org.libsched;

/**
 * Is told what has come of a task of a {@link Dispatcher}.
 *
 * @param <T> the type of the tasks
 * @since 0.1
 */
@FunctionalInterface
public interface Finalizer<T> {
  /**
   * A task has ended, and its channel was not cleared before this. The thread is the one that did the task.
   *
   * @param task the task, as it was sent
   * @param failure what its work has thrown; null: it has ended well
   */
  void ended(T task, Throwable failure);
}
