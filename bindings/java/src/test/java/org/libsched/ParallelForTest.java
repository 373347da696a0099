package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ParallelForTest {
  private Pool pool;

  @BeforeEach
  void make() {
    pool = Pool.builder().workers(2).build();
  }

  @AfterEach
  void nothingIsLeft() {
    pool.close();
    Live.assertNone();
  }

  private static void add(AtomicLong sum, long from, long to) {
    for (long i = from; i < to; i++) sum.addAndGet(i);
  }

  @Test
  void runsEachIndexOnce() throws Exception {
    AtomicLong sum = new AtomicLong();
    pool.parallelFor(-100, 1001, 0, (from, to) -> add(sum, from, to));
    assertEquals(500_500 - 5050, sum.get());
    pool.parallelFor(5, 5, 0, (from, to) -> sum.set(0));
    pool.parallelFor(5, -5, 0, (from, to) -> sum.set(0));
    assertEquals(500_500 - 5050, sum.get());
  }

  @Test
  void mayBeNested() throws Exception {
    AtomicLong sum = new AtomicLong();
    pool.submit(
            () -> {
              pool.parallelFor(
                  0, 10, 1, (a, b) -> pool.parallelFor(0, 100, 1, (from, to) -> add(sum, from, to)));
              return null;
            })
        .get();
    assertEquals(10 * 4950, sum.get());
  }

  @Test
  void endsWithWhatAPartThrows() {
    Exception thrown = new Exception("thrown");
    ExecutionException failure =
        assertThrows(
            ExecutionException.class,
            () ->
                pool.parallelFor(
                    0,
                    1000,
                    1,
                    (from, to) -> {
                      throw thrown;
                    }));
    assertSame(thrown, failure.getCause());
  }

  @Test
  void isCancelledByItsToken() {
    CancelToken token = new CancelToken();
    AtomicLong parts = new AtomicLong();
    assertThrows(
        CancellationException.class,
        () ->
            pool.parallelFor(
                0,
                Long.MAX_VALUE,
                1,
                (from, to) -> {
                  if (parts.incrementAndGet() == 100) token.cancel();
                },
                token));
    assertThrows(
        CancellationException.class,
        () -> pool.parallelFor(0, Long.MAX_VALUE, 1, (from, to) -> {}, token));
  }

  @Test
  void isInterrupted() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () -> {
              assertThrows(
                  InterruptedException.class,
                  () -> pool.parallelFor(0, Long.MAX_VALUE, 1, (from, to) -> running.countDown()));
              ended.countDown();
            });
    thread.start();
    running.await();
    thread.interrupt();
    ended.await();
  }
}
