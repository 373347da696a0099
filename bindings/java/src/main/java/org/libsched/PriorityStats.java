package org.libsched;

/** The counts of one priority: submitted = started + cancelled + queued, started = completed + failed + active. */
public final class PriorityStats {
  private final long submitted;
  private final long started;
  private final long completed;
  private final long failed;
  private final long cancelled;
  private final long queued;
  private final long active;
  private final long oldestWaitNanos;

  PriorityStats() {
    this(0, 0, 0, 0, 0, 0, 0, 0);
  }

  PriorityStats(long address) {
    this(
        Raw.priority_stats_submitted_get(address),
        Raw.priority_stats_started_get(address),
        Raw.priority_stats_completed_get(address),
        Raw.priority_stats_failed_get(address),
        Raw.priority_stats_cancelled_get(address),
        Raw.priority_stats_queued_get(address),
        Raw.priority_stats_active_get(address),
        Raw.priority_stats_oldest_wait_ns_get(address));
  }

  private PriorityStats(
      long submitted,
      long started,
      long completed,
      long failed,
      long cancelled,
      long queued,
      long active,
      long oldestWaitNanos) {
    this.submitted = submitted;
    this.started = started;
    this.completed = completed;
    this.failed = failed;
    this.cancelled = cancelled;
    this.queued = queued;
    this.active = active;
    this.oldestWaitNanos = oldestWaitNanos;
  }

  /**
   * Tasks that were accepted, some of them twice: see {@link #cancelled}.
   *
   * @return how many
   */
  public long submitted() {
    return submitted;
  }

  /**
   * Tasks that have started.
   *
   * @return how many
   */
  public long started() {
    return started;
  }

  /**
   * Tasks that have ended well. That a future has an exception is no failure of its task.
   *
   * @return how many
   */
  public long completed() {
    return completed;
  }

  /**
   * Tasks that threw something.
   *
   * @return how many
   */
  public long failed() {
    return failed;
  }

  /**
   * Tasks that were dropped; and those that waited behind a task that took long, which were submitted once more.
   *
   * @return how many
   */
  public long cancelled() {
    return cancelled;
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
   * Tasks that run, or were handed to a worker together with one that runs.
   *
   * @return how many
   */
  public long active() {
    return active;
  }

  /**
   * How long the task that waits longest has waited, to about 5 ms.
   *
   * @return ns; 0: none waits
   */
  public long oldestWaitNanos() {
    return oldestWaitNanos;
  }
}
