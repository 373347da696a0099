package org.libsched;

/** Whom the engine's tasks are run for. */
abstract class TaskOwner {
  /** The pool that runs them. */
  abstract Pool pool();

  /**
   * Runs a task.
   *
   * @return 0, or the code of its failure
   */
  abstract int run(Runnable task);

  /** A task will never run, and nobody was given it back. */
  abstract void discarded(Runnable task);
}
