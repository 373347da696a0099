package org.libsched;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/**
 * A job to be added to a {@link Graph}: a function, a command, or nothing to do. Everything else has a default.
 *
 * @since 0.1
 */
public final class JobOptions {
  private final JobAction action;
  private final List<String> command;
  private long flags;
  private String name = "";
  private long cost;
  private long earlyCost;
  private Priority priority = Priority.NORMAL;
  private int weight;
  private LimitClass limit;
  private int retries;
  private long timeout;
  private Path directory;
  private Map<String, String> environment;

  private JobOptions(JobAction action, List<String> command, long flags) {
    this.action = action;
    this.command = command;
    this.flags = flags;
  }

  /**
   * A job that is a function.
   *
   * @param action what it does
   * @return all defaults
   */
  public static JobOptions of(JobAction action) {
    return new JobOptions(Objects.requireNonNull(action, "action"), null, 0);
  }

  /**
   * A job that is a command, which takes no worker of the pool.
   *
   * @param command the program and its arguments
   * @return all defaults
   */
  public static JobOptions command(String... command) {
    return new JobOptions(null, List.of(command), 0);
  }

  /**
   * A job that is a command of the shell.
   *
   * @param command what /bin/sh is to run
   * @param arguments what it finds as $1, $2 and so on
   * @return all defaults
   */
  public static JobOptions shell(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(arguments));
    return new JobOptions(null, all, Raw.JOB_SHELL);
  }

  /**
   * A job that has nothing to do: it has ended when all that it waits for has.
   *
   * @return all defaults
   */
  public static JobOptions nothing() {
    return new JobOptions(null, null, 0);
  }

  /**
   * The name, which no other job of the graph has.
   *
   * @param text none unless set
   * @return this
   */
  public JobOptions name(String text) {
    name = Objects.requireNonNull(text, "name");
    return this;
  }

  /**
   * How long the job takes: of those that may start, the one with the longest path behind it does.
   *
   * @param units of your choice, at least 0; 0: 1, as unless set
   * @return this
   * @throws IllegalArgumentException if it is negative
   */
  public JobOptions cost(long units) {
    cost = notNegative("cost", units);
    return this;
  }

  /**
   * How much of the cost comes before the early signal.
   *
   * @param units as {@link #cost}; 0: all of it, as unless set
   * @return this
   * @throws IllegalArgumentException if it is negative
   */
  public JobOptions earlyCost(long units) {
    earlyCost = notNegative("earlyCost", units);
    return this;
  }

  /**
   * How urgent the job is; that goes before all costs.
   *
   * @param of normal unless set
   * @return this
   */
  public JobOptions priority(Priority of) {
    priority = Objects.requireNonNull(of, "priority");
    return this;
  }

  /**
   * How many slots the job takes while it runs.
   *
   * @param slots at least 1, as unless set; more than the run has count as these
   * @return this
   * @throws IllegalArgumentException if it is negative
   */
  public JobOptions weight(int slots) {
    weight = (int) notNegative("weight", slots);
    return this;
  }

  /**
   * The class of jobs of which only some run at a time.
   *
   * @param of a class of the same graph; none unless set
   * @return this
   */
  public JobOptions limit(LimitClass of) {
    limit = of;
    return this;
  }

  /**
   * How often the job is tried again when it fails before its early signal.
   *
   * @param times 0 unless set
   * @return this
   * @throws IllegalArgumentException if it is negative
   */
  public JobOptions retries(int times) {
    retries = (int) notNegative("retries", times);
    return this;
  }

  /**
   * How long one try may take. A command is stopped then; a function is asked to end, and has failed in any case.
   *
   * @param time more than 0; for ever unless set
   * @param unit the unit of the time
   * @return this
   * @throws IllegalArgumentException if it is negative
   */
  public JobOptions timeout(long time, TimeUnit unit) {
    timeout = notNegative("timeout", unit.toNanos(time));
    return this;
  }

  /**
   * Says that nothing is to be done, since all is there. A function is called all the same, in the thread that runs the graph, to
   * show again what it said the last time.
   *
   * @return this
   */
  public JobOptions fresh() {
    flags |= Raw.JOB_FRESH;
    return this;
  }

  /**
   * Where a command works.
   *
   * @param path where this process does unless set
   * @return this
   */
  public JobOptions directory(Path path) {
    directory = path;
    return this;
  }

  /**
   * The environment of a command.
   *
   * @param variables all of them; that of this process unless set
   * @return this
   */
  public JobOptions environment(Map<String, String> variables) {
    environment = new LinkedHashMap<>(variables);
    return this;
  }

  private static long notNegative(String what, long value) {
    if (value < 0) throw new IllegalArgumentException(what + ": " + value);
    return value;
  }

  String name() {
    return name;
  }

  /** Adds the job; gives its number. */
  long add(JobBody.Shared shared, LongUnaryOperator to) {
    long slot = action == null ? -1 : Slots.put(new JobBody(action, shared), null);
    boolean added = false;
    long options = Raw.new_job_options();
    try (Texts argv = new Texts(command);
        Texts envp = Texts.of(environment)) {
      Raw.job_options_init(options);
      Raw.job_options_flags_set(options, flags);
      Raw.job_options_name_set(options, name);
      Raw.job_options_cost_set(options, cost);
      Raw.job_options_early_cost_set(options, earlyCost);
      Raw.job_options_priority_set(options, priority.code);
      Raw.job_options_weight_set(options, weight);
      Raw.job_options_limit_class_set(options, limit == null ? 0 : limit.number);
      Raw.job_options_retries_set(options, retries);
      Raw.job_options_timeout_ns_set(options, timeout);
      if (slot >= 0) {
        Raw.job_options_fn_set(options, Raw.upcall_job());
        Raw.job_options_user_data_set(options, slot);
        Raw.job_options_discard_set(options, Raw.upcall_discard());
      }
      Raw.job_options_argv_set(options, argv.address());
      Raw.job_options_envp_set(options, envp.address());
      Raw.job_options_cwd_set(options, directory == null ? null : directory.toString());
      long id = Job.number(to.applyAsLong(options));
      added = true;
      return id;
    } finally {
      Raw.job_options_name_set(options, null);
      Raw.job_options_cwd_set(options, null);
      Raw.delete_job_options(options);
      if (!added && slot >= 0) Slots.remove(slot);
    }
  }
}
