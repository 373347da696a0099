package org.libsched;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;

/** Holds workers until it is opened, so that tasks wait behind them. */
final class Gate implements AutoCloseable {
  private final CountDownLatch open = new CountDownLatch(1);

  /** Returns when as many workers are held. */
  Gate(Executor pool, int workers) throws InterruptedException {
    CountDownLatch held = new CountDownLatch(workers);
    for (int i = 0; i < workers; i++) {
      pool.execute(
          () -> {
            held.countDown();
            awaitQuietly(open);
          });
    }
    held.await();
  }

  @Override
  public void close() {
    open.countDown();
  }

  /** For a task that is not to be interrupted. */
  static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
