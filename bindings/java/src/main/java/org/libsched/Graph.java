package org.libsched;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.LongUnaryOperator;

/**
 * Jobs that wait for each other, functions and commands, to be run in the best order: the most urgent of the jobs that may
 * start is the one of the highest priority, among these the one with the longest path of work behind it.
 *
 * <pre>{@code
 * try (Graph graph = new Graph()) {
 *   Job compile = graph.add(JobOptions.command("cc", "-c", "a.c").name("compile"));
 *   Job check = graph.add(JobOptions.of(job -> check("a.c")).name("check"));
 *   graph.add(JobOptions.command("cc", "a.o").name("link")).after(compile, check);
 *   graph.run(pool).close();
 * }
 * }</pre>
 *
 * <p>A graph is built in any order, then it is run, as often as one likes. One thread at a time may use it.
 *
 * @since 0.1
 */
public final class Graph implements AutoCloseable {
  private final NativeHandle handle;
  private final JobBody.Shared shared = new JobBody.Shared();

  /** Makes a graph without jobs. */
  public Graph() {
    this(0);
  }

  private Graph(long flags) {
    handle =
        new NativeHandle(
            this, LibschedException.check(Raw.graph_create(flags)), Raw::graph_unref);
  }

  /**
   * Makes a graph whose jobs go by the costs of all that waits for them, directly or not, in place of the longest path.
   *
   * @return a graph without jobs
   */
  public static Graph byDownstreamCost() {
    return new Graph(Raw.GRAPH_DOWNSTREAM);
  }

  /**
   * Adds a job. Does not wait.
   *
   * @param options the job
   * @return the job
   * @throws IllegalStateException if the graph was closed
   * @throws LibschedException with {@link Status#STATE} if the graph has been run; with {@link Status#BUSY} while it is
   */
  public Job add(JobOptions options) {
    return job(options, made -> handle.with(graph -> Raw.graph_add(graph, made)));
  }

  Job job(JobOptions options, LongUnaryOperator to) {
    return new Job(this, options.add(shared, to), options.name());
  }

  /**
   * Lets a job wait for the end of another one, by their names; these may come later. Does not wait.
   *
   * @param dependent the job that waits
   * @param dependency the job that it waits for
   * @throws IllegalStateException if the graph was closed
   * @throws LibschedException with {@link Status#STATE} if the graph has been run
   */
  public void depend(String dependent, String dependency) {
    depend(dependent, dependency, Raw.FINISHED);
  }

  /**
   * Lets a job wait for the early signal of another one, or for its end, by their names; these may come later. Does not wait.
   *
   * @param dependent the job that waits
   * @param dependency the job that it waits for
   * @throws IllegalStateException if the graph was closed
   * @throws LibschedException with {@link Status#STATE} if the graph has been run
   */
  public void dependEarly(String dependent, String dependency) {
    depend(dependent, dependency, Raw.EARLY);
  }

  private void depend(String dependent, String dependency, long kind) {
    handle.with(
        graph ->
            LibschedException.check(Raw.graph_depend_name(graph, dependent, dependency, kind)));
  }

  void depend(Job dependent, Job dependency, long kind) {
    handle.with(
        graph ->
            LibschedException.check(
                Raw.graph_depend(graph, dependent.id, dependency.id, kind)));
  }

  /**
   * Makes a class of jobs of which only some are at work at a time, or changes one of a graph that has not run yet.
   *
   * @param name its name
   * @param most how many are at work, at least 1
   * @return the class, for {@link JobOptions#limit}
   * @throws IllegalStateException if the graph was closed
   * @throws LibschedException with {@link Status#RANGE} if `most` is less than 1
   */
  public LimitClass limit(String name, int most) {
    Objects.requireNonNull(name, "name");
    long number = handle.with(graph -> Raw.graph_limit(graph, name, Math.max(most, 0)));
    return new LimitClass(LibschedException.check(number));
  }

  /**
   * A job by its name.
   *
   * @param name the name
   * @return the job; null if there is none
   * @throws IllegalStateException if the graph was closed
   */
  public Job find(String name) {
    Objects.requireNonNull(name, "name");
    long id = handle.with(graph -> Raw.graph_find(graph, name));
    return id == RawStatus.E_EMPTY ? null : new Job(this, Job.number(id), name);
  }

  /**
   * Finds what is wrong with the graph, as {@link #run} does first. After it the graph takes no more jobs and dependencies. Does not
   * wait.
   *
   * @throws IllegalStateException if the graph was closed
   * @throws LibschedException with {@link Status#CYCLE} if jobs wait for each other; with the errno EEXIST if two have one name, or
   *     ENOENT if a dependency names a job that has not come; the message names the jobs
   */
  public void freeze() {
    handle.with(graph -> LibschedException.check(Raw.graph_freeze(graph)));
  }

  /**
   * Runs the graph with the default options.
   *
   * @param pool where functions run; null if there are none
   * @return what has become of the jobs
   * @throws RunFailedException as {@link #run(Pool, RunOptions)}
   * @throws InterruptedException as {@link #run(Pool, RunOptions)}
   */
  public GraphResult run(Pool pool) throws RunFailedException, InterruptedException {
    return run(pool, new RunOptions());
  }

  /**
   * Runs the graph, and returns when nothing of it is at work any more. A job that fails ends the run by default: what is at work is
   * waited for, nothing else starts. The calling thread hands the messages to the handler, and does nothing else; a worker of the
   * pool must not call, one of another pool that does keeps no other task from running.
   *
   * @param pool where functions run; null if there are none
   * @param options how it is to be run
   * @return what has become of the jobs
   * @throws RunFailedException if jobs have failed; it names them, and has the result
   * @throws CancellationException if the run was cancelled
   * @throws InterruptedException if the thread was interrupted, which cancels the run; nothing is at work any more
   * @throws IllegalStateException if the graph or the pool was closed
   * @throws LibschedException as {@link #freeze}; with {@link Status#BUSY} if the graph is being run; with {@link Status#DEADLOCK} if a
   *     worker of the pool calls; with {@link Status#CLOSED} if the pool was shut down
   */
  public GraphResult run(Pool pool, RunOptions options)
      throws RunFailedException, InterruptedException {
    GraphRun run = new GraphRun(this, pool == null ? null : pool.engine(), options);
    synchronized (shared) {
      if (shared.run != null) throw LibschedException.of(RawStatus.E_BUSY);
      shared.run = run;
    }
    try {
      return run.run(handle).orThrow();
    } finally {
      shared.run = null;
    }
  }

  /** Forgets the jobs, while the graph is run at the end of that. Does not wait; closing once more does nothing. */
  @Override
  public void close() {
    handle.close();
  }
}
