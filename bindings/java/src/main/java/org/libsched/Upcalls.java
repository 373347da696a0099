package org.libsched;

/** What the native side calls. Nothing is thrown from here. */
final class Upcalls {
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
   * Runs the tasks in the first slots of a worker. It may be called by a task, on the same worker, which has given back the
   * rest of its slice then.
   *
   * @param call the native side of this call
   * @return how many were run; negative if the last one of them has failed, as no other one has
   */
  static int runMany(Worker worker, long call, int n) {
    worker.enter();
    try {
      return runSlice(worker, call, n);
    } catch (Throwable thrown) {
      worker.giveBack(); // what it has begun has failed, as there was no stack left, say
      throw thrown;
    } finally {
      worker.leave(call);
    }
  }

  private static int runSlice(Worker worker, long call, int n) {
    long[] slots = worker.slots;
    Engine engine = Slots.owner(slots[0]).engine();
    engine.began(worker);
    long slice = n > 1 ? worker.begin(call, n) : 0;
    engine.intake.started(slots, n); // what is not begun yet can be given back before
    Slots.Block block = null;
    int done = 0; // slots of `block` that can be given back
    int result = 0;
    int i = 0;
    for (; ; ) {
      Slots.Block next = Slots.block(slots[i]);
      if (next != block) {
        if (done != 0) Slots.giveBack(block, done);
        block = next;
        done = 0;
      }
      result = run(block, slots[i]);
      done++;
      if (++i == n) break;
      // A failure may cancel the group, which learns of it when this returns. The question is dear; slices are so short that a
      // few tasks more do no harm.
      boolean stop = result != 0 || i % ASK == 0 && Raw.upcall_should_stop(call) != 0;
      if (stop || !worker.next(slice++)) {
        worker.end();
        break;
      }
    }
    Slots.giveBack(block, done);
    Waiting.resumed();
    return result == 0 ? i : -i;
  }

  private static int run(Slots.Block block, long slot) {
    TaskOwner owner = Slots.owner(block, slot);
    int result = owner.run(Slots.take(block, slot));
    Thread.interrupted(); // whom that was for has ended
    return result;
  }

  /** Runs a task outside of the engine. */
  static void run(long slot) {
    boolean interrupted = Thread.interrupted();
    Slots.Block block = Slots.block(slot);
    run(block, slot);
    Slots.giveBack(block, 1);
    if (interrupted) Thread.currentThread().interrupt();
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
