package org.libsched;

/**
 * A picture of a {@link Channel}.
 *
 * @since 0.1
 */
public final class ChannelStats {
  private final long queued;
  private final long running;
  private final long done;
  private final long failed;
  private final long cancelled;
  private final long longestWaitNanos;
  private final long turns;
  private final long limit;

  ChannelStats(long address) {
    long stats = Raw.new_channel_stats();
    try {
      Raw.channel_stats_init(stats);
      LibschedException.check(Raw.channel_get_stats(stats, address));
      queued = Raw.channel_stats_queued_get(stats);
      running = Raw.channel_stats_running_get(stats);
      done = Raw.channel_stats_done_get(stats);
      failed = Raw.channel_stats_failed_get(stats);
      cancelled = Raw.channel_stats_cancelled_get(stats);
      longestWaitNanos = Raw.channel_stats_longest_wait_ns_get(stats);
      turns = Raw.channel_stats_turns_get(stats);
      limit = Raw.channel_stats_limit_get(stats);
    } finally {
      Raw.delete_channel_stats(stats);
    }
  }

  /**
   * Tasks that wait to start.
   *
   * @return how many
   */
  public long queued() {
    return queued;
  }

  /**
   * Tasks that have started and not ended.
   *
   * @return how many
   */
  public long running() {
    return running;
  }

  /**
   * Tasks that ended well.
   *
   * @return how many
   */
  public long done() {
    return done;
  }

  /**
   * Tasks whose work has failed.
   *
   * @return how many
   */
  public long failed() {
    return failed;
  }

  /**
   * Tasks that were dropped, before or after their work.
   *
   * @return how many
   */
  public long cancelled() {
    return cancelled;
  }

  /**
   * The longest wait of a task, from its send to its start or till now.
   *
   * @return nanoseconds, to about 4 ms
   */
  public long longestWaitNanos() {
    return longestWaitNanos;
  }

  /**
   * Tasks that have started.
   *
   * @return how many
   */
  public long turns() {
    return turns;
  }

  /**
   * How many run at a time.
   *
   * @return the limit in force; 0: what the dispatcher allows
   */
  public long limit() {
    return limit;
  }
}
