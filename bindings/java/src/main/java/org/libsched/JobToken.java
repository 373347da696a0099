package org.libsched;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A token of a {@link Jobserver}: the right to run one job. Closing it gives it back; any thread may do that.
 *
 * @since 0.1
 */
public final class JobToken implements AutoCloseable {
  private final Jobserver jobserver;
  private final long token;
  private final AtomicBoolean released = new AtomicBoolean();

  JobToken(Jobserver jobserver, long token) {
    this.jobserver = jobserver;
    this.token = token;
  }

  /** Gives the token back. Does not wait; closing once more does nothing. */
  @Override
  public void close() {
    if (released.compareAndSet(false, true)) {
      jobserver.handle().with(address -> Raw.jobserver_release(address, token), 0);
    }
  }
}
