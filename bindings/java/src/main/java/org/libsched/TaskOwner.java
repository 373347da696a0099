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

  /** Counts work that the engine does not do, and that ends with {@link #leave}. */
  abstract long enter();

  /** Such work has ended, with a code; `entered` is what enter gave. */
  abstract void leave(long entered, int code);

  /** A task will never run. */
  final void discarded(Runnable task) {
    if (task instanceof Loop) {
      ((Loop) task).dropped();
      return;
    }
    if (engine().end.drop(task)) return;
    if (task instanceof Future) ((Future<?>) task).cancel(false);
  }

  /** Sees to tasks that a worker was given and that were taken away from it, while these still count as its own. */
  final void submitAgain(long[] slots) {
    Intake intake = engine().intake;
    long priority = slots[0] >>> 32;
    intake.direct(slots);
    long taken = RawStatus.E_INTERNAL;
    try {
      taken = submit(slots, priority);
    } catch (LibschedException | OutOfMemoryError e) {
      // As if there were no room.
    }
    if (taken == slots.length) return;
    if (taken == RawStatus.E_CANCELLED) {
      for (long slot : slots) Upcalls.discard(slot);
    } else {
      int from = (int) Math.max(taken, 0);
      intake.undirected(slots.length - from);
      engine().end.runOutside(this, slots, from);
    }
  }
}
