package org.libsched;

/** The function of a job. It must not refer to its graph, which would never be collected then. */
final class JobBody extends Held {
  /** What the jobs of a graph share. */
  static final class Shared {
    volatile GraphRun run; // the one under way
  }

  private final Shared shared;

  JobBody(JobAction action, Shared shared) {
    super(action);
    this.shared = shared;
  }

  /** Runs a job; gives 0 or the code of its failure. */
  static int run(Worker worker, long job, long slot) {
    JobBody body = (JobBody) Slots.peek(slot);
    GraphRun run = body.shared.run;
    if (worker != null && worker.colleagues == null) run.engine().began(worker);
    JobContext context = new JobContext(run, job);
    try {
      ((JobAction) body.value).run(context);
      return 0;
    } catch (Throwable thrown) {
      run.failed(Raw.job_id(job), thrown);
      return RawStatus.E_EXCEPTION;
    } finally {
      context.end();
      if (worker != null) Thread.interrupted(); // whom that was for has ended
    }
  }
}
