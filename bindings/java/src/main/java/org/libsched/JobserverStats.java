package org.libsched;

/**
 * Where the tokens of a {@link Jobserver} are, at one moment.
 *
 * @since 0.1
 */
public final class JobserverStats {
  private final long slots;
  private final long available;
  private final long held;
  private final long brokered;
  private final long outstanding;
  private final long extra;
  private final long lost;
  private final long waiting;

  JobserverStats(long address) {
    long stats = Raw.new_jobserver_stats();
    try {
      Raw.jobserver_stats_init(stats);
      LibschedException.check(Raw.jobserver_get_stats(stats, address));
      slots = Raw.jobserver_stats_slots_get(stats);
      available = Raw.jobserver_stats_available_get(stats);
      held = Raw.jobserver_stats_held_get(stats);
      brokered = Raw.jobserver_stats_brokered_get(stats);
      outstanding = Raw.jobserver_stats_outstanding_get(stats);
      extra = Raw.jobserver_stats_extra_get(stats);
      lost = Raw.jobserver_stats_lost_get(stats);
      waiting = Raw.jobserver_stats_waiting_get(stats);
    } finally {
      Raw.delete_jobserver_stats(stats);
    }
  }

  /**
   * Jobs that may run at a time, in all.
   *
   * @return how many; 0: not known
   */
  public long slots() {
    return slots;
  }

  /**
   * Tokens that lie in the shared pool.
   *
   * @return how many
   */
  public long available() {
    return available;
  }

  /**
   * Tokens that this process holds, without the implicit slot.
   *
   * @return how many
   */
  public long held() {
    return held;
  }

  /**
   * Tokens that are with its brokers.
   *
   * @return how many
   */
  public long brokered() {
    return brokered;
  }

  /**
   * Of a served one: tokens that children hold, or, once all have ended, have lost.
   *
   * @return how many
   */
  public long outstanding() {
    return outstanding;
  }

  /**
   * Of a served one: tokens that children gave back and never took.
   *
   * @return how many
   */
  public long extra() {
    return extra;
  }

  /**
   * Tokens that could not be given back.
   *
   * @return how many
   */
  public long lost() {
    return lost;
  }

  /**
   * Requests that wait for a token.
   *
   * @return how many
   */
  public long waiting() {
    return waiting;
  }
}
