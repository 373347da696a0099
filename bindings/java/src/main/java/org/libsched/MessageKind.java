package org.libsched;

/**
 * Kinds of messages of a run.
 *
 * @since 0.1
 */
public enum MessageKind {
  /** A line of a command's output. */
  STDOUT,
  /** A line of a command's errors. */
  STDERR,
  /** The job begins a try. */
  STARTED,
  /** The job has signalled early. */
  EARLY,
  /** The job's state is final; the text says why it failed. */
  FINISHED,
  /** The job has failed, and is tried again. */
  AGAIN,
  /** A message of the job itself. */
  OWN,
  /** The job is the next to start, and waits for a token. */
  WAITS,
  /** The job's weight is more than the run has slots. */
  CLAMPED;

  private static final MessageKind[] ALL = values();

  static MessageKind of(long code) {
    return ALL[(int) code - 1];
  }
}
