package org.libsched;

/**
 * What has become of a job.
 *
 * @since 0.1
 */
public enum JobState {
  /** It is under way. */
  PENDING,
  /** It has ended well. */
  DONE,
  /** Nothing was to be done. */
  FRESH,
  /** It has ended otherwise, for the last time. */
  FAILED,
  /** It has not started: one that it waited for has failed. */
  SKIPPED,
  /** It has not started, or not ended, for the run was ended. */
  CANCELLED;

  private static final JobState[] ALL = values();

  static JobState of(long code) {
    return ALL[(int) code];
  }
}
