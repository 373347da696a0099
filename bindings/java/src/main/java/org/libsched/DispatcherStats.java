package org.libsched;

/**
 * A picture of a {@link Dispatcher}.
 *
 * @since 0.1
 */
public final class DispatcherStats {
  private final long channels;
  private final long queued;
  private final long running;
  private final long done;
  private final long failed;
  private final long cancelled;
  private final long limit;

  DispatcherStats(long address) {
    long stats = Raw.new_dispatcher_stats();
    try {
      Raw.dispatcher_stats_init(stats);
      LibschedException.check(Raw.dispatcher_get_stats(stats, address));
      channels = Raw.dispatcher_stats_channels_get(stats);
      queued = Raw.dispatcher_stats_queued_get(stats);
      running = Raw.dispatcher_stats_running_get(stats);
      done = Raw.dispatcher_stats_done_get(stats);
      failed = Raw.dispatcher_stats_failed_get(stats);
      cancelled = Raw.dispatcher_stats_cancelled_get(stats);
      limit = Raw.dispatcher_stats_limit_get(stats);
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
   * Tasks that wait in channels.
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
   * How many run at a time.
   *
   * @return the limit in force
   */
  public long limit() {
    return limit;
  }
}
