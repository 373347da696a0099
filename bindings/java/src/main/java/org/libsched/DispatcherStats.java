package org.libsched;

/**
 * A picture of a {@link Dispatcher}.
 *
 * @since 0.1
 */
public final class DispatcherStats extends SendStats {
  private final long channels;
  private final long limit;

  private DispatcherStats(long stats) {
    super(
        Raw.dispatcher_stats_queued_get(stats),
        Raw.dispatcher_stats_running_get(stats),
        Raw.dispatcher_stats_done_get(stats),
        Raw.dispatcher_stats_failed_get(stats),
        Raw.dispatcher_stats_cancelled_get(stats));
    channels = Raw.dispatcher_stats_channels_get(stats);
    limit = Raw.dispatcher_stats_limit_get(stats);
  }

  /** Takes a picture. */
  static DispatcherStats of(long dispatcher) {
    long stats = Raw.new_dispatcher_stats();
    try {
      Raw.dispatcher_stats_init(stats);
      LibschedException.check(Raw.dispatcher_get_stats(stats, dispatcher));
      return new DispatcherStats(stats);
    } finally {
      Raw.delete_dispatcher_stats(stats);
    }
  }

  /**
   * Channels that are open, or have tasks left.
   *
   * @return how many
   */
  public long channels() {
    return channels;
  }

  /**
   * How many run at a time.
   *
   * @return the limit in force
   */
  public long limit() {
    return limit;
  }
}
