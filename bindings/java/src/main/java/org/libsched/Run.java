package org.libsched;

/**
 * A run of a {@link Graph} that is under way, as its jobs and its handler see it. Valid during the call that it was given to, on the
 * thread of that.
 *
 * @since 0.1
 */
public abstract class Run extends Scope {
  private final GraphRun run;

  Run(GraphRun run, long address) {
    super(address);
    this.run = run;
  }

  /**
   * Adds a job to the run. No other job can wait for it but those that are added later; the graph forgets it with the run.
   *
   * @param options the job
   * @param after jobs whose ends it waits for
   * @return the job
   * @throws IllegalStateException after the call, on another thread, or if the run is one for computing
   * @throws LibschedException with {@link Status#CANCELLED} if no job starts any more; with the errno EEXIST if the name is used
   */
  public Job add(JobOptions options, Job... after) {
    if (address() == 0) throw new IllegalStateException("a run for computing takes no more jobs");
    return run.graph().job(options, made -> add(made, after));
  }

  private long add(long options, Job[] after) {
    long all = Raw.new_dependency(after.length);
    try {
      for (int i = 0; i < after.length; i++) {
        Raw.dependency_job_set(Raw.dependency_at(all, i), after[i].id);
      }
      return Raw.run_add(address(), options, all, after.length);
    } finally {
      Raw.delete_dependency(all);
    }
  }

  /**
   * Ends the run: no job starts any more, commands are stopped, functions are asked to end. Does not wait.
   *
   * @throws IllegalStateException after the call, on another thread, or if the run is one for computing
   */
  public void cancel() {
    if (address() == 0) throw new IllegalStateException("a run for computing is ended by its token");
    LibschedException.check(Raw.run_cancel(address()));
  }
}
