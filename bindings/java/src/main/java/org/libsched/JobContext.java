package org.libsched;

import java.util.concurrent.CancellationException;

/**
 * A job at work, as it sees itself. Valid during the call that it was given to, on the thread of that.
 *
 * @since 0.1
 */
public final class JobContext extends Run {
  private final long job;

  JobContext(GraphRun run, long job) {
    super(run, Raw.job_run(job));
    this.job = job;
  }

  private long job() {
    check();
    return job;
  }

  /**
   * Whether the job should end: its time is over, or its run was cancelled.
   *
   * @return whether it should
   * @throws IllegalStateException after the call, or on another thread
   */
  public boolean isCancelled() {
    return Raw.job_cancelled(job()) != 0;
  }

  /**
   * Lets those go on that wait for this job's early signal.
   *
   * @throws IllegalStateException after the call, or on another thread
   * @throws LibschedException with {@link Status#STATE} if the job has done so before, or is fresh
   */
  public void signalEarly() {
    LibschedException.check(Raw.job_signal_early(job()));
  }

  /**
   * Sends a message to the run's handler, if it has one. Does not wait.
   *
   * @param data the message
   * @throws IllegalStateException after the call, or on another thread
   */
  public void message(byte[] data) {
    LibschedException.check(Raw.job_message(job(), data));
  }

  /**
   * Sends a message to the run's handler, if it has one. Does not wait.
   *
   * @param text the message
   * @throws IllegalStateException after the call, or on another thread
   */
  public void message(String text) {
    LibschedException.check(Raw.job_message(job(), Text.bytes(text)));
  }

  /**
   * The same, but waits while more bytes than the run's bound wait for the handler. That keeps no other task from running.
   *
   * @param data the message
   * @throws CancellationException if the run was cancelled
   * @throws IllegalStateException after the call, or on another thread
   * @throws LibschedException with {@link Status#RANGE} if the message is longer than the bound
   */
  public void messageBounded(byte[] data) {
    long status = Raw.job_message_bounded(job(), data);
    if (status == RawStatus.E_CANCELLED) throw new CancellationException("the run was cancelled");
    LibschedException.check(status);
  }

  /**
   * Takes more slots for the job, such as for threads of its own, until its end. Does not wait.
   *
   * @param more how many, at least 1
   * @return whether all of them were there; if not, none was taken
   * @throws IllegalStateException after the call, or on another thread
   * @throws LibschedException with {@link Status#STATE} if the job is fresh, or the run is one for computing
   */
  public boolean trySlots(int more) {
    if (more <= 0) throw new IllegalArgumentException("more: " + more);
    long status = Raw.job_try_slots(job(), more);
    if (status == RawStatus.E_EMPTY || status == RawStatus.E_CANCELLED) return false;
    return LibschedException.check(status) == 0;
  }

  /**
   * Gives back some of the job's slots. Does not wait.
   *
   * @param fewer how many; one is left at least
   * @throws IllegalStateException after the call, or on another thread
   * @throws LibschedException with {@link Status#RANGE} if none would be left
   */
  public void releaseSlots(int fewer) {
    if (fewer < 0) throw new IllegalArgumentException("fewer: " + fewer);
    LibschedException.check(Raw.job_release_slots(job(), fewer));
  }
}
