package org.libsched;

import java.util.Arrays;
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
    if (engine().end.drop(task)) return;
    if (task instanceof Future) ((Future<?>) task).cancel(false);
  }

  /** Sees to tasks that a worker was given and that were taken away from it, while these still count as its own. */
  final void submitAgain(long[] slots) {
    Intake.forget(slots);
    long taken = RawStatus.E_INTERNAL;
    try {
      taken = submit(slots, slots[0] >>> 32);
    } catch (LibschedException e) {
      // As if there were no room.
    }
    if (taken < slots.length) {
      refused(Arrays.copyOfRange(slots, (int) Math.max(taken, 0), slots.length), taken);
    }
  }

  /** Sees to tasks that were accepted and that the engine did not take, with what it said to that. */
  final void refused(long[] slots, long status) {
    if (status == RawStatus.E_CANCELLED) {
      Upcalls.discard(slots);
    } else {
      engine().end.runOutside(this, slots);
    }
  }
}
