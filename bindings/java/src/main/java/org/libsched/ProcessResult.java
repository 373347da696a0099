package org.libsched;

/**
 * What became of a {@link Process}.
 *
 * @since 0.1
 */
public final class ProcessResult {
  private final long state;
  private final long flags;
  private final int code;
  private final int signal;
  private final long startNanos;
  private final long endNanos;
  private final long userNanos;
  private final long systemNanos;
  private final long memoryBytes;

  ProcessResult(long result) {
    state = Raw.process_result_state_get(result);
    flags = Raw.process_result_flags_get(result);
    code = Raw.process_result_code_get(result);
    signal = Raw.process_result_signal_get(result);
    startNanos = Raw.process_result_start_ns_get(result);
    endNanos = Raw.process_result_end_ns_get(result);
    userNanos = Raw.process_result_user_ns_get(result);
    systemNanos = Raw.process_result_system_ns_get(result);
    memoryBytes = Raw.process_result_max_rss_get(result);
  }

  /**
   * Whether it has ended by itself, with the exit code 0.
   *
   * @return whether it has
   */
  public boolean isSuccess() {
    return state == Raw.PROCESS_EXITED && code == 0;
  }

  /**
   * The exit code.
   *
   * @return the code; 0 also if a signal has ended it, or somebody else has taken its status
   */
  public int code() {
    return code;
  }

  /**
   * What has ended it.
   *
   * @return the signal, or 0
   */
  public int signal() {
    return signal;
  }

  /**
   * Whether its time was over.
   *
   * @return whether it was
   */
  public boolean isTimedOut() {
    return (flags & Raw.PROCESS_TIMED_OUT) != 0;
  }

  /**
   * Whether output was dropped, as there was more than allowed or the queue was shut down.
   *
   * @return whether it was
   */
  public boolean isOutputDropped() {
    return (flags & Raw.PROCESS_DROPPED) != 0;
  }

  /**
   * How long it took.
   *
   * @return nanoseconds
   */
  public long durationNanos() {
    return endNanos - startNanos;
  }

  /**
   * CPU time with that of children it has waited for.
   *
   * @return nanoseconds; 0: not known
   */
  public long userNanos() {
    return userNanos;
  }

  /**
   * The same, in the kernel.
   *
   * @return nanoseconds; 0: not known
   */
  public long systemNanos() {
    return systemNanos;
  }

  /**
   * How much memory it had at most.
   *
   * @return bytes, of the largest process; 0: not known
   */
  public long memoryBytes() {
    return memoryBytes;
  }

  @Override
  public String toString() {
    if (signal != 0) return "ended by signal " + signal;
    return state == Raw.PROCESS_EXITED ? "exit code " + code : "unknown";
  }
}
