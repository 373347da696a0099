package org.libsched;

/** A picture of a pool. The counts are exact when the pool is idle, else each is a recent value. */
public final class PoolStats {
  static final PoolStats NONE = new PoolStats();

  private final PriorityStats[] priorities = new PriorityStats[Priority.values().length];
  private long workers;
  private long parked;
  private long steals;
  private long retries;
  private long parks;
  private long wakes;
  private long overflows;
  private long exceeded;

  private PoolStats() {
    for (Priority priority : Priority.values()) {
      priorities[priority.ordinal()] = new PriorityStats();
    }
  }

  PoolStats(long pool) {
    long stats = Raw.new_pool_stats();
    try {
      Raw.pool_stats_init(stats);
      LibschedException.check(Raw.pool_get_stats(stats, pool));
      for (Priority priority : Priority.values()) {
        long counts = Raw.pool_stats_at(stats, priority.code);
        priorities[priority.ordinal()] = new PriorityStats(counts);
      }
      workers = Raw.pool_stats_workers_get(stats);
      parked = Raw.pool_stats_parked_get(stats);
      steals = Raw.pool_stats_steals_get(stats);
      retries = Raw.pool_stats_retries_get(stats);
      parks = Raw.pool_stats_parks_get(stats);
      wakes = Raw.pool_stats_wakes_get(stats);
      overflows = Raw.pool_stats_overflows_get(stats);
      exceeded = Raw.pool_stats_exceeded_get(stats);
    } finally {
      Raw.delete_pool_stats(stats);
    }
  }

  /**
   * The counts of one priority.
   *
   * @param priority which
   * @return its counts
   */
  public PriorityStats of(Priority priority) {
    return priorities[priority.ordinal()];
  }

  /**
   * Threads that run.
   *
   * @return how many
   */
  public long workers() {
    return workers;
  }

  /**
   * Of the threads, those that sleep.
   *
   * @return how many
   */
  public long parked() {
    return parked;
  }

  /**
   * Times that one worker took tasks from another's queue.
   *
   * @return how many
   */
  public long steals() {
    return steals;
  }

  /**
   * Times that a take lost a race.
   *
   * @return how many
   */
  public long retries() {
    return retries;
  }

  /**
   * Times that a worker went to sleep.
   *
   * @return how many
   */
  public long parks() {
    return parks;
  }

  /**
   * Times that a sleeping worker was woken for work.
   *
   * @return how many
   */
  public long wakes() {
    return wakes;
  }

  /**
   * Tasks that a full local queue handed to the shared one.
   *
   * @return how many
   */
  public long overflows() {
    return overflows;
  }

  /**
   * Tasks that workers submitted beyond the capacity.
   *
   * @return how many
   */
  public long exceeded() {
    return exceeded;
  }
}
