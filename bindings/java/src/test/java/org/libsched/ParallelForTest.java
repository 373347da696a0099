package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
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

  @Test
  void needsNoWorkerToBeCancelled() throws Exception {
    CancelToken token = new CancelToken();
    try (Gate gate = new Gate(pool, 2)) {
      Waiter cancelled =
          new Waiter(() -> loop((from, to) -> add(new AtomicLong(), from, to), token));
      Waiter interrupted = new Waiter(() -> loop((from, to) -> {}, null));
      cancelled.awaitWaiting();
      interrupted.awaitWaiting();
      token.cancel();
      interrupted.thread.interrupt();
      assertTrue(cancelled.failure() instanceof CancellationException);
      assertTrue(interrupted.failure() instanceof InterruptedException);
    }
  }

  private Void loop(RangeAction action, CancelToken token) throws Exception {
    pool.parallelFor(0, Long.MAX_VALUE, 1, action, token);
    return null;
  }

  @Test
  void isNoTaskThatShutdownNowGives() throws Exception {
    try (Gate gate = new Gate(pool, 2)) {
      Waiter waiter = new Waiter(() -> loop((from, to) -> {}, null));
      waiter.awaitWaiting();
      assertEquals(List.of(), pool.shutdownNow());
      assertTrue(waiter.failure() instanceof RejectedExecutionException);
    }
  }

  @Test
  void partMayWait() throws Exception {
    try (ByteQueue empty = new ByteQueue()) {
      CountDownLatch waited = new CountDownLatch(1);
      AtomicReference<Thread> caller = new AtomicReference<>();
      RangeAction action =
          (from, to) -> {
            if (!caller.compareAndSet(Thread.currentThread(), null)) return;
            empty.poll(1, TimeUnit.NANOSECONDS);
            waited.countDown();
          };
      CountDownLatch ended = new CountDownLatch(1);
      Future<?> task =
          pool.submit(
              () -> {
                caller.set(Thread.currentThread());
                assertThrows(InterruptedException.class, () -> loop(action, null));
                ended.countDown();
                return null;
              });
      waited.await();
      task.cancel(true);
      ended.await();
    }
  }

  @Test
  void takesTheMarkOfAPartAway() throws Exception {
    for (int round = 0; round < 20; round++) {
      pool.parallelFor(0, 4, 1, (from, to) -> Thread.currentThread().interrupt());
      CountDownLatch both = new CountDownLatch(2);
      List<Future<Boolean>> marks = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        marks.add(
            pool.submit(
                () -> {
                  boolean marked = Thread.currentThread().isInterrupted();
                  both.countDown();
                  if (!marked) both.await();
                  return marked;
                }));
      }
      for (Future<Boolean> mark : marks) assertFalse(mark.get());
    }
  }

  @Test
  void runsOnWorkersThatAreThePoolsOwn() throws Exception {
    ClassLoader loader = new ClassLoader() {};
    Thread.UncaughtExceptionHandler handler = (thread, thrown) -> {};
    Thread.currentThread().setContextClassLoader(loader);
    try (Pool with = Pool.builder().workers(2).uncaughtExceptionHandler(handler).build()) {
      CyclicBarrier both = new CyclicBarrier(2);
      with.parallelFor(
          0,
          2,
          1,
          (from, to) -> {
            both.await();
            assertSame(loader, Thread.currentThread().getContextClassLoader());
            assertSame(handler, Thread.currentThread().getUncaughtExceptionHandler());
          });
    } finally {
      Thread.currentThread().setContextClassLoader(getClass().getClassLoader());
    }
  }
}
