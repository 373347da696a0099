package org.libsched;

import java.util.Objects;

/**
 * How a {@link Pool} is to be. Everything has a default.
 *
 * <p>High tasks are looked at before all others, Normal ones before Low ones; of consecutive choices of one worker at most
 * {@link #normalBound} (8) pass over waiting Normal tasks and at most {@link #lowBound} (64) over waiting Low ones.
 */
public final class PoolBuilder {
  private static final long LEAST_STACK = 256 << 10;

  private int workers;
  private int spare;
  private long capacity;
  private int normalBound;
  private int lowBound;
  private final int[] caps = new int[Priority.values().length];
  private int[] cpus = {};
  private long stackSize;
  private String name = "sched";
  private Thread.UncaughtExceptionHandler handler;
  private ClassLoader loader = Thread.currentThread().getContextClassLoader();

  PoolBuilder() {}

  /**
   * How many tasks run at a time. Spare threads are added for tasks that wait in ways that the pool knows of, and where all sleep for half
   * a second while tasks wait that were handed to one of them.
   *
   * @param count from 1 to 1024; as many as there are usable CPUs, but at least 2, unless set
   * @return this
   */
  public PoolBuilder workers(int count) {
    workers = positive("workers", count);
    return this;
  }

  /**
   * How many more threads there may be, that stand in for tasks which wait.
   *
   * @param count from 0 to 1024; 128 unless set
   * @return this
   */
  public PoolBuilder spare(int count) {
    spare = count == 0 ? (int) Raw.NO_SPARE : positive("spare", count);
    return this;
  }

  /**
   * How many tasks may wait to start. When there are as many, {@link Pool#execute} waits, unless the pool's own worker calls.
   *
   * @param count at least 1; no limit unless set
   * @return this
   */
  public PoolBuilder capacity(long count) {
    if (count <= 0) throw new IllegalArgumentException("capacity: " + count);
    capacity = count;
    return this;
  }

  /**
   * How often in a row a worker may prefer others to a Normal task that waits.
   *
   * @param count at least 1; 8 unless set
   * @return this
   */
  public PoolBuilder normalBound(int count) {
    normalBound = positive("normalBound", count);
    return this;
  }

  /**
   * How often in a row a worker may prefer others to a Low task that waits.
   *
   * @param count at least 2; 64 unless set
   * @return this
   */
  public PoolBuilder lowBound(int count) {
    lowBound = positive("lowBound", count);
    return this;
  }

  /**
   * How many tasks of a priority run at a time.
   *
   * @param priority which
   * @param count at least 1; as many as there are workers unless set
   * @return this
   */
  public PoolBuilder cap(Priority priority, int count) {
    caps[priority.ordinal()] = positive("cap", count);
    return this;
  }

  /**
   * Pins the workers to CPUs, in turn.
   *
   * @param numbers the CPUs; none: workers are not pinned
   * @return this
   * @throws IllegalArgumentException if a number is negative
   */
  public PoolBuilder cpus(int... numbers) {
    for (int number : numbers) {
      if (number < 0) throw new IllegalArgumentException("cpus: " + number);
    }
    cpus = numbers.clone();
    return this;
  }

  /**
   * The size of the workers' stacks.
   *
   * @param bytes what is less than 256 KiB, as a thread of the virtual machine needs, counts as that; the system's default unless set
   * @return this
   */
  public PoolBuilder stackSize(long bytes) {
    if (bytes <= 0) throw new IllegalArgumentException("stackSize: " + bytes);
    stackSize = Math.max(bytes, LEAST_STACK);
    return this;
  }

  /**
   * The name: its threads are called name-0, name-1 and so on, cut to 15 bytes.
   *
   * @param text "sched" unless set
   * @return this
   */
  public PoolBuilder name(String text) {
    name = Objects.requireNonNull(text, "name");
    return this;
  }

  /**
   * Who is told what {@link Pool#execute}d tasks throw.
   *
   * @param to the handler of all workers; null: the default of all threads
   * @return this
   */
  public PoolBuilder uncaughtExceptionHandler(Thread.UncaughtExceptionHandler to) {
    handler = to;
    return this;
  }

  /**
   * The workers' context class loader.
   *
   * @param of null: the system's; that of the thread which made the builder unless set
   * @return this
   */
  public PoolBuilder contextClassLoader(ClassLoader of) {
    loader = of;
    return this;
  }

  // As spare() says.
  private int mostSpare() {
    if (spare == 0) return 128;
    return spare == (int) Raw.NO_SPARE ? 0 : spare;
  }

  /**
   * Makes the pool. Its threads start with the first task.
   *
   * @return the pool
   * @throws LibschedException if something is out of range
   */
  public Pool build() {
    return new Pool(new Engine(create(), mostSpare(), capacity != 0, name, handler, loader));
  }

  private static int positive(String what, int count) {
    if (count <= 0) throw new IllegalArgumentException(what + ": " + count);
    return count;
  }

  private long create() {
    long options = Raw.new_pool_options();
    long affinity = 0;
    try {
      Raw.pool_options_init(options);
      Raw.pool_options_workers_set(options, workers);
      Raw.pool_options_max_spare_set(options, Integer.toUnsignedLong(spare));
      Raw.pool_options_capacity_set(options, capacity);
      Raw.pool_options_normal_bound_set(options, normalBound);
      Raw.pool_options_low_bound_set(options, lowBound);
      Raw.pool_options_normal_cap_set(options, caps[Priority.NORMAL.ordinal()]);
      Raw.pool_options_high_cap_set(options, caps[Priority.HIGH.ordinal()]);
      Raw.pool_options_low_cap_set(options, caps[Priority.LOW.ordinal()]);
      if (cpus.length != 0) {
        affinity = Raw.new_uint32_array(cpus.length);
        for (int i = 0; i < cpus.length; i++) Raw.uint32_array_setitem(affinity, i, cpus[i]);
        Raw.pool_options_affinity_set(options, affinity);
        Raw.pool_options_affinity_count_set(options, cpus.length);
      }
      Raw.pool_options_stack_size_set(options, stackSize);
      Raw.pool_options_name_set(options, name);
      Raw.pool_options_on_start_set(options, Raw.upcall_worker_start());
      Raw.pool_options_on_stop_set(options, Raw.upcall_worker_stop());
      return LibschedException.check(Raw.pool_create(options));
    } finally {
      Raw.pool_options_name_set(options, null);
      Raw.delete_pool_options(options);
      if (affinity != 0) Raw.delete_uint32_array(affinity);
    }
  }
}
