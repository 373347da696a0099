package org.libsched;

import java.util.concurrent.TimeUnit;

/**
 * A jobserver for one child of its own: what the child and its descendants took is back when all of them have ended, however
 * that was. {@link ProcessOptions#broker} does all of this by itself; a {@link java.lang.ProcessBuilder} cannot be used, since its
 * children inherit no descriptors. Any thread may call any method.
 *
 * @since 0.1
 */
public final class Broker implements AutoCloseable {
  private final NativeHandle handle;

  Broker(long address) {
    handle = new NativeHandle(this, address, Raw::broker_unref);
  }

  /**
   * What the child is to find in MAKEFLAGS.
   *
   * @return the text
   * @throws IllegalStateException if the broker was closed
   */
  public String makeflags() {
    String[] text = new String[1];
    handle.with(
        address -> {
          text[0] = Raw.broker_makeflags(address);
          return 0;
        });
    return text[0];
  }

  /**
   * The descriptors that the child is to inherit.
   *
   * @return two of them, for {@link ProcessOptions#inherit}
   * @throws IllegalStateException if the broker was closed
   * @throws LibschedException with {@link Status#STATE} after {@link #start}
   */
  public int[] childDescriptors() {
    long[] read = new long[1];
    long[] write = new long[1];
    handle.with(
        address -> LibschedException.check(Raw.broker_child_fds(read, write, address)));
    return new int[] {(int) read[0], (int) write[0]};
  }

  /**
   * Says that the child was started: tokens are offered. Does not wait.
   *
   * @throws IllegalStateException if the broker was closed
   * @throws LibschedException with {@link Status#STATE} if that was said before
   */
  public void start() {
    handle.with(address -> LibschedException.check(Raw.broker_start(address)));
  }

  /**
   * Waits until the child and all that descends from it have ended; a task of a pool that waits does not keep the others from
   * running.
   *
   * @param timeout how long
   * @param unit the unit of the timeout
   * @return whether they have
   * @throws InterruptedException if the thread is interrupted
   * @throws IllegalStateException if the broker was closed
   * @throws LibschedException with {@link Status#STATE} before {@link #start}
   */
  public boolean await(long timeout, TimeUnit unit) throws InterruptedException {
    long wait = Math.max(unit.toNanos(timeout), 0);
    long status = Waiting.on(wait, null, this::await);
    return status != RawStatus.E_TIMEOUT && LibschedException.check(status) == 0;
  }

  private long await(long timeout, long cancel) {
    return handle.with(address -> Raw.broker_wait(address, timeout, cancel));
  }

  /**
   * Counts the tokens.
   *
   * @return where they are
   * @throws IllegalStateException if the broker was closed
   */
  public BrokerStats stats() {
    BrokerStats[] stats = new BrokerStats[1];
    handle.with(
        address -> {
          stats[0] = new BrokerStats(address);
          return 0;
        });
    return stats[0];
  }

  /** Lets it go on by itself, if it was started, until all have ended. Does not wait; closing once more does nothing. */
  @Override
  public void close() {
    handle.close();
  }
}
