package org.libsched;

/**
 * What has become of one job.
 *
 * @since 0.1
 */
public final class JobResult {
  private final String name;
  private final long id;
  private final JobState state;
  private final int attempts;
  private final int code;
  private final int signal;
  private final boolean tainted;
  private final long readyNanos;
  private final long startNanos;
  private final long endNanos;
  private final Throwable failure;

  JobResult(long result, GraphResult of) {
    id = Raw.job_result_job_get(result);
    name = Raw.job_result_name_get(result);
    state = JobState.of(Raw.job_result_state_get(result));
    attempts = (int) Raw.job_result_attempts_get(result);
    code = Raw.job_result_code_get(result);
    signal = Raw.job_result_signal_get(result);
    tainted = Raw.job_result_tainted_get(result) != 0;
    readyNanos = Raw.job_result_ready_ns_get(result);
    startNanos = Raw.job_result_start_ns_get(result);
    endNanos = Raw.job_result_end_ns_get(result);
    failure = state == JobState.FAILED ? of.thrownBy(id) : null;
  }

  /**
   * The job's name.
   *
   * @return the name, empty if it has none
   */
  public String name() {
    return name;
  }

  /**
   * What has become of it.
   *
   * @return the state, which is final
   */
  public JobState state() {
    return state;
  }

  /**
   * How often it was started.
   *
   * @return how often
   */
  public int attempts() {
    return attempts;
  }

  /**
   * How a command has ended.
   *
   * @return its exit code
   */
  public int code() {
    return code;
  }

  /**
   * What has ended a command.
   *
   * @return the signal, or 0
   */
  public int signal() {
    return signal;
  }

  /**
   * Whether a job has failed whose early signal this one had waited for.
   *
   * @return whether one has
   */
  public boolean isTainted() {
    return tainted;
  }

  /**
   * When all had come that it waited for.
   *
   * @return as {@link System#nanoTime}; 0: never
   */
  public long readyNanos() {
    return readyNanos;
  }

  /**
   * When its last try began.
   *
   * @return as {@link System#nanoTime}; 0: never
   */
  public long startNanos() {
    return startNanos;
  }

  /**
   * When it ended.
   *
   * @return as {@link System#nanoTime}; 0: never
   */
  public long endNanos() {
    return endNanos;
  }

  /**
   * What the function has thrown that failed.
   *
   * @return what it was; null if the job has not failed, or is a command
   */
  public Throwable failure() {
    return failure;
  }

  /** The job and why it has failed, in words. */
  String reason() {
    String who = name.isEmpty() ? "job " + id : "\"" + name + "\"";
    if (failure != null) return who + ": " + failure;
    if (signal != 0) return who + ": ended by signal " + signal;
    return code < 0 ? who + ": " + Raw.status_message(code) : who + ": exit code " + code;
  }

  @Override
  public String toString() {
    return state == JobState.FAILED ? reason() : name + ": " + state;
  }
}
