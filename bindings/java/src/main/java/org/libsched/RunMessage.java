package org.libsched;

/**
 * A message of a run. What it says may be kept; what {@link Run} offers is valid during the handler's call.
 *
 * @since 0.1
 */
public final class RunMessage extends Run {
  private final MessageKind kind;
  private final Job job;
  private final byte[] data;
  private final JobState state;
  private final long flags;
  private final int attempt;
  private final int code;
  private final int signal;
  private final long ended;
  private final long total;

  RunMessage(GraphRun run, long message, byte[] data) {
    super(run, Raw.run_message_run_get(message));
    this.data = data;
    kind = MessageKind.of(Raw.run_message_kind_get(message));
    job = new Job(run.graph(), Raw.run_message_job_get(message), Raw.run_message_name_get(message));
    state = JobState.of(Raw.run_message_state_get(message));
    flags = Raw.run_message_flags_get(message);
    attempt = (int) Raw.run_message_attempt_get(message);
    code = Raw.run_message_code_get(message);
    signal = Raw.run_message_signal_get(message);
    ended = Raw.run_message_ended_get(message);
    total = Raw.run_message_total_get(message);
  }

  /**
   * What the message is about.
   *
   * @return the kind
   */
  public MessageKind kind() {
    return kind;
  }

  /**
   * Whom the message is about.
   *
   * @return the job
   */
  public Job job() {
    return job;
  }

  /**
   * What comes with the message: a line of output, why the job failed, or what the job has sent.
   *
   * @return the bytes
   */
  public byte[] data() {
    return data.clone();
  }

  /**
   * The same as a text.
   *
   * @return the bytes, taken for UTF-8
   */
  public String text() {
    return Text.of(data);
  }

  /**
   * What has become of the job.
   *
   * @return its state by then
   */
  public JobState state() {
    return state;
  }

  /**
   * Whether the line of output goes on in the next message of this job and kind.
   *
   * @return whether it does
   */
  public boolean isContinued() {
    return (flags & Raw.PROCESS_CONTINUES) != 0;
  }

  /**
   * Which try of the job it is.
   *
   * @return from 1
   */
  public int attempt() {
    return attempt;
  }

  /**
   * How the job has ended.
   *
   * @return the exit code of a command; 0: it has ended well
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
   * How many jobs' states are final.
   *
   * @return how many, by then
   */
  public long ended() {
    return ended;
  }

  /**
   * How many jobs there are.
   *
   * @return how many, by then
   */
  public long total() {
    return total;
  }

  /**
   * Lets those go on that wait for the job's early signal: its output has shown that it has got so far.
   *
   * @throws IllegalStateException after the call, or on another thread
   * @throws LibschedException with {@link Status#STATE} if the job is not at work, or has signalled before
   */
  public void signalEarly() {
    LibschedException.check(Raw.run_signal_early(address(), job.id));
  }
}
