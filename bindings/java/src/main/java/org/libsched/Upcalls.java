package org.libsched;

/** What the native side calls. Nothing is thrown from here. */
final class Upcalls {
  private static final long RESULTS = 1L << 32;
  private static final int ASK = 4;

  private Upcalls() {}

  /** For a pool's thread, which has just begun. */
  static Worker newWorker() {
    return Worker.attach();
  }

  /** The calling thread is about to end. */
  static void workerStopped(Worker worker) {
    worker.detach();
  }

  /**
   * Runs the tasks in the first slots of a worker. It may be called by a task, on the same worker, which has given away the
   * rest of its slice then.
   *
   * @return how many were run; plus RESULTS if there are results other than 0
   */
  static long runMany(Worker worker, long task, int n) {
    long[] slots = worker.slots;
    Engine engine = Slots.owner(slots[0]).engine();
    if (worker.colleagues == null) engine.began(worker);
    engine.intake.started(slots, 0, n);
    long slice = n > 1 ? worker.begin(n) : 0;
    int[] results = null;
    Slots.Block block = null;
    int done = 0; // slots of `block` that can be given back
    int i = 0;
    int left = 0;
    for (; ; ) {
      Slots.Block next = Slots.block(slots[i]);
      if (next != block) {
        if (done != 0) Slots.giveBack(block, done);
        block = next;
        done = 0;
      }
      int result = run(block, slots[i]);
      done++;
      if (result != 0) {
        if (results == null) results = new int[n];
        results[i] = result;
      }
      if (++i == n) break;
      // The question is dear. Slices are so short that a few tasks more do no harm.
      boolean stop = i % ASK == 0 && Raw.upcall_should_stop(task) != 0;
      if (stop ? worker.end(slice) : worker.next(slice++)) {
        if (!stop) continue;
        engine.intake.notStarted(slots, i, n);
        break;
      } else {
        worker.settled();
        left = n - i;
        break;
      }
    }
    Slots.giveBack(block, done);
    if (results == null && left == 0) return i;
    return report(worker, results, i, left);
  }

  // The tasks that were taken away are run elsewhere, as others.
  private static long report(Worker worker, int[] results, int run, int left) {
    for (int i = 0; i < run; i++) worker.results[i] = results == null ? 0 : results[i];
    for (int i = run; i < run + left; i++) worker.results[i] = RawStatus.E_CANCELLED;
    return run + left | RESULTS;
  }

  private static int run(Slots.Block block, long slot) {
    TaskOwner owner = Slots.owner(block, slot);
    int result = owner.run(Slots.take(block, slot));
    Thread.interrupted(); // whom that was for has ended
    return result;
  }

  /** Sees to tasks that were taken away from a worker. */
  static void handOver(long[] slots) {
    if (slots.length != 0) Slots.owner(slots[0]).submitAgain(slots);
  }

  /** Runs a task outside of the engine; gives its result. */
  static int run(long slot) {
    Slots.Block block = Slots.block(slot);
    int result = run(block, slot);
    Slots.giveBack(block, 1);
    return result;
  }

  /** Runs a part of a loop. */
  static int runChunk(long slot, long begin, long end) {
    return ((Loop) Slots.peek(slot)).runPart(begin, end);
  }

  /** Tasks will never run. */
  static void discard(long[] slots) {
    for (int i = 0; i < slots.length; i++) {
      TaskOwner owner = Slots.owner(slots[i]);
      Runnable task = Slots.remove(slots[i]);
      try {
        if (owner == null) {
          ((Held) task).dropped();
        } else {
          owner.engine().intake.started(slots, i, i + 1);
          owner.discarded(task);
        }
      } catch (Throwable thrown) {
        Engine.uncaught(thrown);
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
