package org.libsched;

/**
 * What a job of a {@link Graph} does.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface JobAction {
  /**
   * Does the job, on a worker of the pool.
   *
   * @param context the job at work, valid during the call
   * @throws Exception the job has failed
   */
  void run(JobContext context) throws Exception;
}
