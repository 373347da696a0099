package org.libsched;

/** What the native side calls. Nothing is thrown from here. */
final class Upcalls {
  private static final long RESULTS = 1L << 32;
  private static final int ASK = 8;

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
    engine.began(worker);
    long slice = 0;
    if (n > 1) slice = worker.begin(n);
    else worker.beginSingle();
    engine.intake.started(slots, 0, n); // what is not begun yet can be taken away before
    Slots.Block block = null;
    long failed = 0; // a bit for each task
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
      if (result != 0) failed |= 1L << i;
      if (++i == n) break;
      // The question is dear. Slices are so short that a few tasks more do no harm.
      boolean stop = i % ASK == 0 && Raw.upcall_should_stop(task) != 0;
      if (stop) engine.intake.notStarted(slots, i, n); // before others cannot take them any more
      if (stop ? worker.end(slice) : worker.next(slice++)) {
        if (!stop) continue;
      } else {
        if (stop) engine.intake.started(slots, i, n);
        worker.settled();
        left = n - i;
      }
      break;
    }
    Slots.giveBack(block, done);
    Waiting.resumed();
    return failed == 0 && left == 0 ? i : report(worker, failed, i, left);
  }

  // The tasks that were taken away are run elsewhere, as others.
  private static long report(Worker worker, long failed, int run, int left) {
    for (int i = 0; i < run; i++) {
      worker.results[i] = (failed >>> i & 1) == 0 ? 0 : RawStatus.E_EXCEPTION;
    }
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
  static void handOver(long[] slots, long order) {
    if (slots.length != 0) Slots.owner(slots[0]).submitAgain(slots, order);
  }

  /** Runs a task outside of the engine; gives its result. */
  static int run(long slot) {
    boolean interrupted = Thread.interrupted();
    Slots.Block block = Slots.block(slot);
    int result = run(block, slot);
    Slots.giveBack(block, 1);
    if (interrupted) Thread.currentThread().interrupt();
    return result;
  }

  /** Runs a part of a loop. */
  static int runChunk(Worker worker, long slot, long begin, long end) {
    return ((Loop) Slots.peek(slot)).runPart(worker, begin, end);
  }

  /** Tasks will never run. */
  static void discard(long[] slots) {
    for (long slot : slots) discard(slot);
  }

  /** A task will never run. */
  static void discard(long slot) {
    TaskOwner owner = Slots.owner(slot);
    Runnable task = Slots.remove(slot);
    try {
      if (owner == null) {
        ((Held) task).dropped();
      } else {
        owner.discarded(task);
      }
    } catch (Throwable thrown) {
      Engine.uncaught(thrown);
    }
    if (owner != null) owner.engine().intake.dropped(slot);
  }

  /** Does a task of a channel; gives 0 or the code of its failure. */
  static int work(Worker worker, long task, long slot) {
    int result = ChannelTask.work(worker, task, slot);
    Waiting.resumed();
    return result;
  }

  /** A task of a channel has ended. */
  static int ended(long slot, int result) {
    ChannelTask.end(slot);
    return 0;
  }

  /** Runs a job of a graph; gives 0 or the code of its failure. */
  static int job(Worker worker, long job, long slot) {
    int result = JobBody.run(worker, job, slot);
    Waiting.resumed();
    return result;
  }

  /** Hands a message of a graph to its handler; gives 0 or what ends the run. */
  static int message(long slot, long message, byte[] data) {
    int result = ((GraphRun) Slots.peek(slot)).message(message, data);
    Waiting.resumed();
    return result;
  }

  /** A token for a request that waited. */
  static void token(long slot, long token) {
    TokenRequest request = (TokenRequest) Slots.remove(slot);
    request.complete(token);
  }
}
