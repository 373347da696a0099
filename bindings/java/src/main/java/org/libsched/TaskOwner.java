package org.libsched;

import java.util.concurrent.Future;

/** Whom the engine's tasks are run for. */
abstract class TaskOwner {
  /** The engine that runs them. */
  abstract Engine engine();

  /**
   * Runs a task. It must not throw.
   *
   * @return 0, or the code of its failure
   */
  abstract int run(Runnable task);

  /** A task will never run. */
  final void discarded(Runnable task) {
    if (task instanceof Loop) {
      ((Loop) task).dropped();
      return;
    }
    if (engine().end.drop(task)) return;
    if (task instanceof Future) ((Future<?>) task).cancel(false);
  }
}
