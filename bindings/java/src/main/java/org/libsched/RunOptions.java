package org.libsched;

import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * How a {@link Graph} is run. Everything has a default.
 *
 * @since 0.1
 */
public final class RunOptions {
  /** Where the output of commands goes. */
  public enum Output {
    /** To the handler, as it comes; without one to where that of this process goes. */
    STREAM,
    /** To the handler, when the job has ended. */
    GROUP,
    /** Where that of this process goes. */
    INHERIT,
    /** Nowhere. */
    NONE
  }

  private long flags;
  private int slots;
  private long maxFailures;
  private Jobserver jobserver;
  private RunHandler handler;
  private CancelToken token;
  private Output output = Output.STREAM;
  private long messageBytes;
  private long groupBytes;
  private long grace;

  /** Makes options with all defaults. */
  public RunOptions() {}

  /**
   * How many jobs are at work at a time.
   *
   * @param most from 1 to 4096; as many as the pool has workers, or as there are usable CPUs, unless set
   * @return this
   * @throws IllegalArgumentException if it is something else
   */
  public RunOptions slots(int most) {
    if (most <= 0 || most > Raw.MAX_SLOTS) throw new IllegalArgumentException("slots: " + most);
    slots = most;
    return this;
  }

  /**
   * After how many failures no job starts any more.
   *
   * @param most at least 1, as unless set
   * @return this
   * @throws IllegalArgumentException if it is less
   */
  public RunOptions maxFailures(int most) {
    if (most <= 0) throw new IllegalArgumentException("maxFailures: " + most);
    maxFailures = most;
    return this;
  }

  /**
   * Goes on with all that does not depend on a failed job.
   *
   * @return this
   */
  public RunOptions keepGoing() {
    maxFailures = Raw.KEEP_GOING;
    return this;
  }

  /**
   * Stops the jobs at work, too, when there are as many failures as {@link #maxFailures} says.
   *
   * @return this
   */
  public RunOptions kill() {
    flags |= Raw.RUN_KILL;
    return this;
  }

  /**
   * Lets the graph compute: functions alone, without limit classes, timeouts and weights, on as many slots as the pool has workers,
   * with no handler and no jobserver. No times are taken, and no job can be added.
   *
   * @return this
   */
  public RunOptions compute() {
    flags |= Raw.RUN_COMPUTE;
    return this;
  }

  /**
   * Where each job at work gets a token for each of its slots from. Commands find it in their environment.
   *
   * @param from none unless set
   * @return this
   */
  public RunOptions jobserver(Jobserver from) {
    jobserver = from;
    return this;
  }

  /**
   * Keeps tokens as long as jobs are ready, in place of giving each back when its job ends.
   *
   * @return this
   */
  public RunOptions keepTokens() {
    flags |= Raw.RUN_KEEP_TOKENS;
    return this;
  }

  /**
   * Gives each command a broker of its own of the jobserver, so that no token is lost with it.
   *
   * @return this
   */
  public RunOptions brokers() {
    flags |= Raw.RUN_BROKERS;
    return this;
  }

  /**
   * Who takes the messages.
   *
   * @param takes nobody unless set
   * @return this
   */
  public RunOptions handler(RunHandler takes) {
    handler = takes;
    return this;
  }

  /**
   * What ends the run.
   *
   * @param ends nothing unless set
   * @return this
   */
  public RunOptions token(CancelToken ends) {
    token = ends;
    return this;
  }

  /**
   * Where the output of commands goes.
   *
   * @param to {@link Output#STREAM} unless set
   * @return this
   */
  public RunOptions output(Output to) {
    output = Objects.requireNonNull(to, "output");
    return this;
  }

  /**
   * How much output may wait for the handler.
   *
   * @param bytes at least 32 KiB; 1 MiB unless set
   * @return this
   */
  public RunOptions messageBytes(long bytes) {
    messageBytes = bytes;
    return this;
  }

  /**
   * How much output may wait for the ends of its jobs, with {@link Output#GROUP}; what is beyond is streamed.
   *
   * @param bytes 16 MiB unless set
   * @return this
   */
  public RunOptions groupBytes(long bytes) {
    groupBytes = bytes;
    return this;
  }

  /**
   * How long a command that is stopped has from SIGTERM to SIGKILL.
   *
   * @param time negative: it is never killed; 5 s unless set
   * @param unit the unit of the time
   * @return this
   */
  public RunOptions grace(long time, TimeUnit unit) {
    grace = unit.toNanos(time);
    return this;
  }

  RunHandler handler() {
    return handler;
  }

  CancelToken token() {
    return token;
  }

  /** Makes the native options; Raw.delete_run_options deletes them. */
  long create(long slot, long server) {
    long options = Raw.new_run_options();
    Raw.run_options_init(options);
    Raw.run_options_flags_set(options, flags);
    Raw.run_options_slots_set(options, slots);
    Raw.run_options_max_failures_set(options, maxFailures);
    Raw.run_options_jobserver_set(options, server);
    Raw.run_options_output_set(options, output.ordinal());
    Raw.run_options_message_bytes_set(options, messageBytes);
    Raw.run_options_group_bytes_set(options, groupBytes);
    Raw.run_options_grace_ns_set(options, grace);
    if (handler != null) {
      Raw.run_options_handler_set(options, Raw.upcall_message());
      Raw.run_options_handler_data_set(options, slot);
    }
    return options;
  }

  NativeHandle jobserver() {
    return jobserver == null ? null : jobserver.handle();
  }
}
