package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PoolTest {
  @AfterEach
  void nothingIsLeft() {
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
  void runsTasksOfManyThreads() throws Exception {
    AtomicInteger sum = new AtomicInteger();
    try (Pool pool = Pool.builder().workers(3).build()) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        threads.add(
            new Thread(
                () -> {
                  for (int j = 0; j < 20_000; j++) pool.execute(sum::incrementAndGet);
                }));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) thread.join();
    }
    assertEquals(160_000, sum.get());
  }

  @Test
  void tasksSubmitTasks() throws Exception {
    AtomicInteger sum = new AtomicInteger();
    try (Pool pool = Pool.builder().workers(2).build()) {
      for (int i = 0; i < 1000; i++) {
        pool.execute(
            () -> {
              for (int j = 0; j < 10; j++) pool.execute(sum::incrementAndGet);
            });
      }
      assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
    }
    assertEquals(10_000, sum.get());
  }

  @Test
  void executeAllRunsEachTask() {
    AtomicInteger sum = new AtomicInteger();
    try (Pool pool = Pool.builder().workers(2).build()) {
      pool.executeAll(Collections.nCopies(5000, sum::incrementAndGet));
    }
    assertEquals(5000, sum.get());
    assertThrows(
        NullPointerException.class,
        () -> {
          try (Pool pool = Pool.builder().build()) {
            pool.executeAll(Collections.singletonList(null));
          }
        });
  }

  @Test
  void oneWorkerRunsTasksInOrder() {
    List<Integer> order = new ArrayList<>();
    try (Pool pool = Pool.builder().workers(1).build()) {
      for (int i = 0; i < 1000; i++) {
        int number = i;
        pool.execute(() -> order.add(number));
      }
    }
    for (int i = 0; i < 1000; i++) assertEquals(i, order.get(i));
  }

  @Test
  void urgentTasksComeFirst() throws Exception {
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    try (Pool pool = Pool.builder().workers(1).spare(0).build()) {
      try (Gate gate = new Gate(pool, 1)) {
        pool.low().execute(() -> order.add("low"));
        pool.normal().execute(() -> order.add("normal"));
        pool.execute(() -> order.add("high"), Priority.HIGH);
        Future<?> last = pool.high().submit(() -> order.add("high, too"));
        assertFalse(last.isDone());
      }
    }
    assertEquals(List.of("high", "high, too", "normal", "low"), order);
  }

  @Test
  void invokeAllAndAny() throws Exception {
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      int number = i;
      tasks.add(() -> number);
    }
    try (Pool pool = Pool.builder().workers(2).build()) {
      int sum = 0;
      for (Future<Integer> future : pool.invokeAll(tasks)) sum += future.get();
      assertEquals(5050, sum);
      int any = pool.high().invokeAny(tasks);
      assertTrue(any >= 1 && any <= 100);
      assertEquals(1, pool.invokeAny(tasks.subList(0, 1), 1, TimeUnit.HOURS));
      assertEquals(100, pool.invokeAll(tasks, 1, TimeUnit.HOURS).size());
    }
  }

  @Test
  void completableFuturesRunOnIt() throws Exception {
    try (Pool pool = Pool.builder().build()) {
      CompletableFuture<String> name =
          CompletableFuture.runAsync(() -> {}, pool)
              .thenApplyAsync(ignored -> Thread.currentThread().getName(), pool);
      assertTrue(name.get().startsWith("sched-"), name.get());
    }
  }

  @Test
  void futureHasWhatItsTaskThrows() throws Exception {
    try (Pool pool = Pool.builder().build()) {
      Error error = new AssertionError("thrown");
      Future<?> future =
          pool.submit(
              () -> {
                throw error;
              });
      assertSame(error, assertThrows(ExecutionException.class, future::get).getCause());
    }
  }

  @Test
  void handlerIsToldOfWhatOthersThrow() throws Exception {
    LinkedBlockingQueue<Throwable> told = new LinkedBlockingQueue<>();
    RuntimeException exception = new RuntimeException("thrown");
    Error error = new StackOverflowError("thrown");
    PoolStats stats;
    try (Pool pool =
        Pool.builder()
            .workers(1)
            .uncaughtExceptionHandler(
                (thread, thrown) -> {
                  told.add(thrown);
                  throw new IllegalStateException("a handler that throws");
                })
            .build()) {
      pool.execute(
          () -> {
            throw exception;
          });
      pool.execute(
          () -> {
            throw error;
          });
      assertSame(exception, told.take());
      assertSame(error, told.take());
      assertEquals("alive", pool.submit(() -> "alive").get());
      pool.close();
      stats = pool.stats();
    }
    assertEquals(2, stats.of(Priority.NORMAL).failed());
    assertEquals(1, stats.of(Priority.NORMAL).completed());
  }

  @Test
  void cancelledTaskIsInterrupted() throws Exception {
    try (Pool pool = Pool.builder().workers(1).build()) {
      CountDownLatch running = new CountDownLatch(1);
      CountDownLatch interrupted = new CountDownLatch(1);
      Future<?> future =
          pool.submit(
              () -> {
                running.countDown();
                try {
                  new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                  interrupted.countDown();
                  Thread.currentThread().interrupt();
                }
              });
      running.await();
      assertTrue(future.cancel(true));
      interrupted.await();
      assertFalse(pool.submit(() -> Thread.currentThread().isInterrupted()).get());
    }
  }

  @Test
  void saysNoWhenFull() throws Exception {
    try (Pool pool = Pool.builder().workers(1).capacity(2).build()) {
      AtomicInteger ran = new AtomicInteger();
      try (Gate gate = new Gate(pool, 1)) {
        assertTrue(pool.tryExecute(ran::incrementAndGet, 0, TimeUnit.SECONDS));
        assertTrue(pool.tryExecute(ran::incrementAndGet, Priority.LOW, 1, TimeUnit.HOURS));
        assertFalse(pool.tryExecute(ran::incrementAndGet, 0, TimeUnit.SECONDS));
        assertFalse(pool.tryExecute(ran::incrementAndGet, 1, TimeUnit.MILLISECONDS));
        Thread.currentThread().interrupt();
        assertThrows(
            InterruptedException.class,
            () -> pool.tryExecute(ran::incrementAndGet, 1, TimeUnit.HOURS));
      }
      pool.execute(ran::incrementAndGet); // waits for room
      assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
      assertEquals(3, ran.get());
    }
  }

  @Test
  void workersAreThreadsOfJava() throws Exception {
    ClassLoader loader = new ClassLoader() {};
    try (Pool pool = Pool.builder().name("renderer").contextClassLoader(loader).build()) {
      Thread worker = pool.submit(Thread::currentThread).get();
      assertTrue(worker.isDaemon());
      assertTrue(worker.getName().startsWith("renderer-"), worker.getName());
      assertSame(loader, pool.submit(() -> Thread.currentThread().getContextClassLoader()).get());
    }
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThrows(IllegalArgumentException.class, () -> Pool.builder().workers(0));
    LibschedException thrown =
        assertThrows(LibschedException.class, () -> Pool.builder().workers(5000).build());
    assertEquals(Status.RANGE, thrown.status());
    assertTrue(thrown.getMessage().contains("5000"), thrown.getMessage());
    try (Pool pool = Pool.builder().build()) {
      assertThrows(NullPointerException.class, () -> pool.execute(null));
      assertThrows(
          NullPointerException.class, () -> pool.tryExecute(null, 0, TimeUnit.SECONDS));
    }
  }
}
