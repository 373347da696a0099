package org.libsched;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A run of a graph under way: what its jobs and messages need of Java. */
final class GraphRun extends Held {
  private final Graph graph;
  private final Engine engine; // null: no job is a function
  private final RunOptions options;
  private final Map<Long, Throwable> failures = new ConcurrentHashMap<>();
  private final long[] result = new long[1];
  private Throwable thrown; // by the handler

  GraphRun(Graph graph, Engine engine, RunOptions options) {
    super(options);
    this.graph = graph;
    this.engine = engine;
    this.options = options;
  }

  Graph graph() {
    return graph;
  }

  Engine engine() {
    return engine;
  }

  /** A job has thrown something. */
  void failed(long job, Throwable failure) {
    failures.put(job, failure);
  }

  /** Hands a message over; gives 0 or what ends the run. */
  int message(long address, byte[] data) {
    RunMessage message = new RunMessage(this, address, data);
    try {
      options.handler().take(message);
      return 0;
    } catch (Throwable failure) {
      thrown = failure;
      return RawStatus.E_EXCEPTION;
    } finally {
      message.end();
    }
  }

  /** Runs the graph; gives the result. */
  GraphResult run(NativeHandle handle) throws InterruptedException {
    long slot = Slots.put(this, null);
    GraphResult made = null;
    try {
      long status = Waiting.on(options.token(), (ns, cancel) -> run(handle, slot, cancel));
      made = new GraphResult(result[0], status, failures);
      return made;
    } catch (LibschedException e) {
      if (thrown instanceof Error) throw (Error) thrown;
      if (thrown != null) throw (RuntimeException) thrown;
      throw e;
    } finally {
      Slots.remove(slot);
      if (made == null && result[0] != 0) Raw.result_unref(result[0]);
    }
  }

  private long run(NativeHandle handle, long slot, long cancel) {
    return handle.with(
        address ->
            engine == null
                ? run(address, 0, slot, cancel)
                : engine.with(on -> run(address, on, slot, cancel)));
  }

  private long run(long address, long on, long slot, long cancel) {
    NativeHandle server = options.jobserver();
    long entered = server == null ? 0 : server.enter();
    long made = options.create(slot, entered);
    try {
      return Raw.graph_run(result, address, on, made, cancel);
    } finally {
      Raw.delete_run_options(made);
      if (server != null) server.leave();
    }
  }
}
