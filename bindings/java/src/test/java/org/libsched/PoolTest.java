package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PoolTest {
  @AfterEach
  void everythingIsGone() {
    Live.assertNone();
  }

  @Test
  void runsTasks() throws Exception {
    CountDownLatch ran = new CountDownLatch(1000);
    try (Pool pool = Pool.builder().workers(2).build()) {
      for (int i = 0; i < 1000; i++) pool.execute(ran::countDown);
      ran.await();
    }
  }

  @Test
  void runsWhatWasAcceptedBeforeItIsClosed() {
    int[] sum = new int[1];
    try (Pool pool = Pool.builder().workers(1).build()) {
      for (int i = 0; i < 10_000; i++) pool.execute(() -> sum[0]++);
    }
    assertEquals(10_000, sum[0]);
  }

  @Test
  void rejectsTasksAfterItsEnd() {
    Pool pool = Pool.builder().build();
    pool.close();
    RejectedExecutionException thrown =
        assertThrows(RejectedExecutionException.class, () -> pool.execute(() -> {}));
    assertEquals(Status.CLOSED, ((LibschedException) thrown.getCause()).status());
    assertTrue(pool.isTerminated());
  }
}
