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

  /** Submits slots without waiting for room; gives how many were taken, or a status. */
  abstract long submit(long[] slots, long priority);

  /** Counts work that the engine does not do, and that ends with {@link #leave}; a negative result: it was cancelled. */
  abstract long enter();

  /** Such work has ended, with a code; `entered` is what enter gave. */
  abstract void leave(long entered, int code);

  /** A task will never run. */
  void discarded(Runnable task) {
    if (task instanceof Loop) {
      ((Loop) task).dropped();
      return;
    }
    if (engine().end.drop(task)) return;
    if (task instanceof Future) ((Future<?>) task).cancel(false);
  }

  /**
   * Sees to tasks that a worker was given and that were taken away from it, while these still count as its own; `order` is that of
   * its slices.
   */
  final void submitAgain(long[] slots, long order) {
    Intake intake = engine().intake;
    Crew crew = engine().crew;
    long priority = slots[0] >>> 32;
    Taken[] tasks = crew.taken(slots, order, priority);
    intake.direct(slots);
    long taken = RawStatus.E_INTERNAL;
    try {
      taken = submit(slots, priority);
    } catch (LibschedException | OutOfMemoryError e) {
      // As if there were no room.
    }
    if (taken == RawStatus.E_CANCELLED) {
      for (long slot : slots) Upcalls.discard(slot);
      return;
    }
    int from = (int) Math.max(taken, 0);
    if (tasks != null) crew.watch(tasks, from);
    Intake.forget(slots);
    for (int i = from; i < slots.length; i++) crew.add(slots[i]);
    intake.undirected(slots.length - from); // no sooner, as a shutdown waits for those that it can drop
  }
}
