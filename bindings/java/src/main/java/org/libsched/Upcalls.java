package org.libsched;

import java.util.Arrays;

/** What the native side calls. Nothing is thrown from here. */
final class Upcalls {
  private static final long FAILED = 1L << 32;

  private Upcalls() {}

  /** For the calling thread. */
  static Worker newWorker() {
    return new Worker();
  }

  /** The calling thread is about to end. */
  static void workerStopped(Worker worker) {
    if (worker.colleagues != null) worker.colleagues.remove(worker);
  }

  /**
   * Runs the tasks in the first slots of a worker.
   *
   * @return how many were run; plus FAILED if there are results other than 0
   */
  static long runMany(Worker worker, long task, int n) {
    long[] slots = worker.slots;
    if (worker.failed) {
      Arrays.fill(worker.results, 0);
      worker.failed = false;
    }
    if (worker.colleagues == null) Slots.owner(Slots.block(slots[0]), slots[0]).pool().began(worker);
    Slots.Block block = null;
    int done = 0; // slots of `block` that can be given back
    int i = 0;
    do {
      Slots.Block next = Slots.block(slots[i]);
      if (next != block) {
        if (done != 0) Slots.giveBack(block, done);
        block = next;
        done = 0;
      }
      int result = runOne(block, slots[i]);
      done++;
      if (result != 0) {
        worker.results[i] = result;
        worker.failed = true;
      }
      i++;
    } while (i < n && Raw.upcall_should_stop(task) == 0);
    Slots.giveBack(block, done);
    return worker.failed ? i | FAILED : i;
  }

  private static int runOne(Slots.Block block, long slot) {
    TaskOwner owner = Slots.owner(block, slot);
    Runnable item = Slots.take(block, slot);
    Slots.clear(block, slot);
    if (item == null) return RawStatus.E_CANCELLED;
    int result = owner.run(item);
    Thread.interrupted(); // whom that was for has ended
    return result;
  }

  /** Runs a part of a loop. */
  static int runChunk(long slot, long begin, long end) {
    return ((Loop) Slots.peek(slot)).run(begin, end);
  }

  /** Tasks will never run. */
  static void discard(long[] slots) {
    for (long slot : slots) {
      TaskOwner owner = Slots.owner(Slots.block(slot), slot);
      Runnable item = Slots.remove(slot);
      if (item == null) continue;
      try {
        if (owner == null) {
          ((Held) item).dropped();
        } else {
          owner.discarded(item);
        }
      } catch (Throwable thrown) {
        Pool.uncaught(thrown);
      }
    }
  }

  /** Does a task of a channel; gives 0 or the code of its failure. */
  static int work(Worker worker, long task, long slot) {
    return ChannelTask.work(worker, task, slot);
  }

  /** A task of a channel has ended. */
  static int ended(long slot, int result) {
    ChannelTask.end(slot);
    return 0;
  }

  /** Runs a job of a graph; gives 0 or the code of its failure. */
  static int job(Worker worker, long job, long slot) {
    return JobBody.run(worker, job, slot);
  }

  /** Hands a message of a graph to its handler; gives 0 or what ends the run. */
  static int message(long slot, long message, byte[] data) {
    return ((GraphRun) Slots.peek(slot)).message(message, data);
  }
}
