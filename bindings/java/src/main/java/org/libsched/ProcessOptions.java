package org.libsched;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * How a {@link Process} is to be started. Only the command must be said.
 *
 * @since 0.1
 */
public final class ProcessOptions {
  private final List<String> command;
  private final Map<String, String> set = new LinkedHashMap<>();
  private final List<String> unset = new ArrayList<>();
  private Map<String, String> environment;
  private long flags;
  private long tag;
  private Path directory;
  private int[] inherit = {};
  private ByteQueue stdout;
  private ByteQueue stderr;
  private long stdoutTo = Raw.PROCESS_INHERIT;
  private long stderrTo = Raw.PROCESS_INHERIT;
  private long maxOutput;
  private long timeout;
  private long grace;
  private Jobserver jobserver;

  ProcessOptions(String[] command, long flags) {
    this.command = List.of(command);
    this.flags = flags;
  }

  /**
   * The whole environment.
   *
   * @param variables all of them; that of this process unless set
   * @return this
   */
  public ProcessOptions environment(Map<String, String> variables) {
    environment = new LinkedHashMap<>(variables);
    return this;
  }

  /**
   * A variable of the environment.
   *
   * @param name which
   * @param value its value; null: it is left out
   * @return this
   */
  public ProcessOptions variable(String name, String value) {
    set.remove(name);
    unset.remove(name);
    if (value == null) {
      unset.add(name);
    } else {
      set.put(name, value);
    }
    return this;
  }

  /**
   * Where the child begins to work.
   *
   * @param path where this process does unless set
   * @return this
   */
  public ProcessOptions directory(Path path) {
    directory = path;
    return this;
  }

  /**
   * Descriptors that the child gets, under the same numbers.
   *
   * @param descriptors from 3 on; none unless set
   * @return this
   */
  public ProcessOptions inherit(int... descriptors) {
    inherit = descriptors.clone();
    return this;
  }

  /**
   * Where its output goes, by lines: {@link ProcessOutput}. A queue that is full lets the child wait.
   *
   * @param lines the queue, which may be that of others, too; where that of this process goes unless set
   * @return this
   */
  public ProcessOptions output(ByteQueue lines) {
    stdout = Objects.requireNonNull(lines, "lines");
    stdoutTo = Raw.PROCESS_QUEUE;
    return this;
  }

  /**
   * Where its errors go, as {@link #output}.
   *
   * @param lines the queue, which may be the same
   * @return this
   */
  public ProcessOptions errors(ByteQueue lines) {
    stderr = Objects.requireNonNull(lines, "lines");
    stderrTo = Raw.PROCESS_QUEUE;
    return this;
  }

  /**
   * Sends its errors where its output goes.
   *
   * @return this
   */
  public ProcessOptions mergeErrors() {
    stderr = null;
    stderrTo = Raw.PROCESS_MERGE;
    return this;
  }

  /**
   * Drops its output and its errors.
   *
   * @return this
   */
  public ProcessOptions discardOutput() {
    stdout = null;
    stderr = null;
    stdoutTo = Raw.PROCESS_NULL;
    stderrTo = Raw.PROCESS_NULL;
    return this;
  }

  /**
   * How much output there may be; what is beyond is dropped.
   *
   * @param bytes of both streams; 0: any number, as unless set
   * @return this
   */
  public ProcessOptions maxOutput(long bytes) {
    maxOutput = bytes;
    return this;
  }

  /**
   * What goes with all output of this process.
   *
   * @param number 0 unless set
   * @return this
   */
  public ProcessOptions tag(long number) {
    tag = number;
    return this;
  }

  /**
   * The longest life of the process, after which it is stopped.
   *
   * @param time 0: for ever, as unless set
   * @param unit the unit of the time
   * @return this
   */
  public ProcessOptions timeout(long time, TimeUnit unit) {
    timeout = unit.toNanos(time);
    return this;
  }

  /**
   * How long it has from SIGTERM to SIGKILL when its time is over.
   *
   * @param time negative: it is never killed; 5 s unless set
   * @param unit the unit of the time
   * @return this
   */
  public ProcessOptions grace(long time, TimeUnit unit) {
    grace = unit.toNanos(time);
    return this;
  }

  /**
   * The jobserver that the child finds in MAKEFLAGS, with the descriptors that belong to it.
   *
   * @param of what the environment says unless set, and no descriptors
   * @return this
   */
  public ProcessOptions jobserver(Jobserver of) {
    jobserver = of;
    return this;
  }

  /**
   * Gives the child a {@link Broker} of its own of the jobserver.
   *
   * @return this
   */
  public ProcessOptions broker() {
    flags |= Raw.PROCESS_BROKER;
    return this;
  }

  /**
   * Lets the child read this process' input, in place of nothing.
   *
   * @return this
   */
  public ProcessOptions inheritInput() {
    flags |= Raw.PROCESS_STDIN;
    return this;
  }

  /**
   * Lets {@link Process#close}, or the collector, kill the process.
   *
   * @return this
   */
  public ProcessOptions killOnClose() {
    flags |= Raw.PROCESS_KILL_ON_UNREF;
    return this;
  }

  /**
   * Starts the program. Waits until it has begun.
   *
   * @return the process
   * @throws LibschedException with what the system says of the program, its directory or its limits: the message begins with the
   *     stage that failed; with {@link Status#CLOSED} if a queue takes no more
   */
  public Process start() {
    return new Process(LibschedException.check(spawn()));
  }

  private long spawn() {
    NativeHandle out = stdout == null ? null : stdout.handle();
    NativeHandle err = stderr == null ? null : stderr.handle();
    NativeHandle server = jobserver == null ? null : jobserver.handle();
    return with(out, o -> with(err, e -> with(server, s -> spawn(o, e, s))));
  }

  private interface Call {
    long apply(long address);
  }

  private static long with(NativeHandle handle, Call call) {
    return handle == null ? call.apply(0) : handle.with(call::apply, RawStatus.E_CLOSED);
  }

  private long spawn(long out, long err, long server) {
    long options = Raw.new_process_options();
    long descriptors = Raw.new_int_array(Math.max(inherit.length, 1));
    try (Texts argv = new Texts(command);
        Texts envp = Texts.of(environment);
        Texts envSet = Texts.of(set);
        Texts envUnset = new Texts(unset)) {
      Raw.process_options_init(options);
      Raw.process_options_flags_set(options, flags);
      Raw.process_options_tag_set(options, tag);
      Raw.process_options_argv_set(options, argv.address());
      Raw.process_options_envp_set(options, envp.address());
      Raw.process_options_env_set_set(options, envSet.address());
      Raw.process_options_env_unset_set(options, envUnset.address());
      Raw.process_options_cwd_set(options, directory == null ? null : directory.toString());
      for (int i = 0; i < inherit.length; i++) Raw.int_array_setitem(descriptors, i, inherit[i]);
      Raw.process_options_inherit_set(options, descriptors);
      Raw.process_options_inherit_count_set(options, inherit.length);
      Raw.process_options_stdout_to_set(options, stdoutTo);
      Raw.process_options_stderr_to_set(options, stderrTo);
      Raw.process_options_stdout_queue_set(options, out);
      Raw.process_options_stderr_queue_set(options, err);
      Raw.process_options_max_output_set(options, maxOutput);
      Raw.process_options_timeout_ns_set(options, timeout);
      Raw.process_options_grace_ns_set(options, grace);
      Raw.process_options_jobserver_set(options, server);
      return Raw.process_spawn(options);
    } finally {
      Raw.process_options_cwd_set(options, null);
      Raw.delete_process_options(options);
      Raw.delete_int_array(descriptors);
    }
  }
}
