package org.libsched;

import java.util.concurrent.ExecutionException;

/**
 * A loop under way. Where no worker calls it is a task of the pool as well, whose worker runs the loop: so nothing keeps its caller
 * from leaving as long as no part of it runs.
 */
final class Loop implements Runnable, CancelToken.Listener {
  private enum State {
    WAITS,
    RUNS,
    ENDED
  }

  private final Engine engine;
  private final long first;
  private final long count;
  private final long grain;
  private final RangeAction action;
  private final CancelToken token = new CancelToken();
  private final long[] code = new long[1];
  private Thread caller; // takes part, if it is a worker
  private State state = State.WAITS;
  private long status;
  private Throwable thrown;

  Loop(Engine engine, long first, long count, long grain, RangeAction action) {
    this.engine = engine;
    this.first = first;
    this.count = count;
    this.grain = grain;
    this.action = action;
  }

  /** Runs all of it; gives the status. */
  long run(CancelToken ends) throws InterruptedException {
    if (engine.end.hasBegun()) return RawStatus.E_CLOSED;
    if (engine.onWorker()) {
      caller = Thread.currentThread();
      return withSlot(slot -> Waiting.on(ends, (ns, cancel) -> run(slot, cancel)));
    }
    if (Thread.interrupted()) throw new InterruptedException();
    token.add(this);
    CancelToken.Listener forward = token::cancel;
    if (ends != null) ends.add(forward);
    try {
      engine.executeLoop(this, token);
      return await();
    } finally {
      if (ends != null) ends.remove(forward);
    }
  }

  private long await() throws InterruptedException {
    boolean interrupted = false;
    try (Blocking section = Blocking.begin()) {
      synchronized (this) {
        while (state != State.ENDED) {
          try {
            wait();
          } catch (InterruptedException e) {
            interrupted = true;
            token.cancel();
          }
        }
      }
    }
    if (interrupted && status == RawStatus.E_CANCELLED) throw new InterruptedException();
    if (interrupted) Thread.currentThread().interrupt();
    return status;
  }

  /** On a worker, for a caller elsewhere. */
  @Override
  public void run() {
    synchronized (this) {
      if (state == State.ENDED) return;
      state = State.RUNS;
    }
    long result = RawStatus.E_INTERNAL;
    try {
      result = withSlot(slot -> Waiting.uninterrupted(token, (ns, cancel) -> run(slot, cancel)));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    } catch (LibschedException e) {
      result = e.code();
    } finally {
      end(result);
    }
  }

  private synchronized void end(long result) {
    if (state == State.ENDED) return;
    state = State.ENDED;
    status = result;
    notifyAll();
  }

  @Override
  public synchronized void cancelled() {
    if (state == State.WAITS) end(RawStatus.E_CANCELLED);
  }

  /** The pool has dropped it. */
  void dropped() {
    end(RawStatus.E_CLOSED);
  }

  private interface Body {
    long run(long slot) throws InterruptedException;
  }

  private long withSlot(Body body) throws InterruptedException {
    long slot = Slots.put(this, null);
    try {
      return body.run(slot);
    } finally {
      Slots.remove(slot);
    }
  }

  private long run(long slot, long cancel) {
    return engine.with(pool -> run(pool, slot, cancel), RawStatus.E_CLOSED);
  }

  private long run(long pool, long slot, long cancel) {
    return Raw.parallel_for_each_chunk(
        code, pool, Raw.NORMAL, 0, count, grain, Raw.upcall_run_chunk(), slot, cancel);
  }

  /** Runs a part; gives the code of its failure, or 0. */
  int runPart(Worker worker, long begin, long end) {
    boolean own = Thread.currentThread() == caller;
    try {
      engine.began(worker);
      action.run(first + begin, first + end);
      return 0;
    } catch (Throwable failure) {
      note(failure);
      return RawStatus.E_EXCEPTION;
    } finally {
      if (!own) {
        Thread.interrupted(); // whom that was for has ended
      } else if (caller.isInterrupted()) {
        Waiting.resumed(); // nobody may have been told, if the part has waited
      }
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
}
