package org.libsched;

/** What the pictures of a {@link Channel} and of a {@link Dispatcher} have in common. */
abstract class SendStats {
  private final long queued;
  private final long running;
  private final long done;
  private final long failed;
  private final long cancelled;

  SendStats(long queued, long running, long done, long failed, long cancelled) {
    this.queued = queued;
    this.running = running;
    this.done = done;
    this.failed = failed;
    this.cancelled = cancelled;
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
}
