package org.libsched;

/**
 * Where the tokens of a {@link Broker} are, at one moment.
 *
 * @since 0.1
 */
public final class BrokerStats {
  private final long taken;
  private final long total;
  private final long rescued;
  private final long extra;

  BrokerStats(long address) {
    long stats = Raw.new_broker_stats();
    try {
      Raw.broker_stats_init(stats);
      LibschedException.check(Raw.broker_get_stats(stats, address));
      taken = Raw.broker_stats_taken_get(stats);
      total = Raw.broker_stats_total_get(stats);
      rescued = Raw.broker_stats_rescued_get(stats);
      extra = Raw.broker_stats_extra_get(stats);
    } finally {
      Raw.delete_broker_stats(stats);
    }
  }

  /**
   * Tokens that the child and its descendants have.
   *
   * @return how many
   */
  public long taken() {
    return taken;
  }

  /**
   * How many they have taken since the beginning.
   *
   * @return how many
   */
  public long total() {
    return total;
  }

  /**
   * How many of these were not given back before the last process had ended.
   *
   * @return how many
   */
  public long rescued() {
    return rescued;
  }

  /**
   * Tokens that came back without having been taken.
   *
   * @return how many
   */
  public long extra() {
    return extra;
  }
}
