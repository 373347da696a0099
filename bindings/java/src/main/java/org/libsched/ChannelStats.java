package org.libsched;

/**
 * A picture of a {@link Channel}.
 *
 * @since 0.1
 */
public final class ChannelStats extends SendStats {
  private final long longestWaitNanos;
  private final long turns;
  private final long limit;

  private ChannelStats(long stats) {
    super(
        Raw.channel_stats_queued_get(stats),
        Raw.channel_stats_running_get(stats),
        Raw.channel_stats_done_get(stats),
        Raw.channel_stats_failed_get(stats),
        Raw.channel_stats_cancelled_get(stats));
    longestWaitNanos = Raw.channel_stats_longest_wait_ns_get(stats);
    turns = Raw.channel_stats_turns_get(stats);
    limit = Raw.channel_stats_limit_get(stats);
  }

  /** Takes a picture. */
  static ChannelStats of(long channel) {
    long stats = Raw.new_channel_stats();
    try {
      Raw.channel_stats_init(stats);
      LibschedException.check(Raw.channel_get_stats(stats, channel));
      return new ChannelStats(stats);
    } finally {
      Raw.delete_channel_stats(stats);
    }
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
