package org.libsched;

import java.util.concurrent.ExecutionException;

/** A loop under way. It is no task, but it has a slot like one. */
final class Loop implements Runnable {
  private final Engine engine;
  private final long first;
  private final RangeAction action;
  private final long[] code = new long[1];
  private Throwable thrown;

  Loop(Engine engine, long first, RangeAction action) {
    this.engine = engine;
    this.first = first;
    this.action = action;
  }

  /** Runs all of it; gives the status. */
  long run(long count, long grain, CancelToken token) throws InterruptedException {
    if (engine.end.hasBegun()) return RawStatus.E_CLOSED;
    long slot = Slots.put(this, null);
    try {
      return Waiting.on(
          token,
          (ns, cancel) ->
              engine.with(pool -> run(pool, count, grain, slot, cancel), RawStatus.E_CLOSED));
    } finally {
      Slots.remove(slot);
    }
  }

  private long run(long pool, long count, long grain, long slot, long cancel) {
    return Raw.parallel_for_each_chunk(
        code, pool, Raw.NORMAL, 0, count, grain, Raw.upcall_run_chunk(), slot, cancel);
  }

  /** Runs a part; gives the code of its failure, or 0. */
  int runPart(Worker worker, long begin, long end) {
    try {
      engine.began(worker);
      action.run(first + begin, first + end);
      return 0;
    } catch (Throwable failure) {
      note(failure);
      return RawStatus.E_EXCEPTION;
    }
  }

  private synchronized void note(Throwable failure) {
    if (thrown == null) {
      thrown = failure;
    } else if (failure != thrown) {
      thrown.addSuppressed(failure);
    }
  }

  synchronized ExecutionException failed() {
    return new ExecutionException(thrown != null ? thrown : LibschedException.of(code[0]));
  }

  @Override
  public void run() {
    throw new AssertionError("a loop is no task");
  }
}
