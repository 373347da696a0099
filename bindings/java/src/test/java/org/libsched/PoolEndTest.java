package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PoolEndTest {
  @AfterEach
  void nothingIsLeft() {
    Live.assertNone();
  }

  @Test
  void runsWhatWasAccepted() {
    AtomicInteger sum = new AtomicInteger();
    try (Pool pool = Pool.builder().workers(1).build()) {
      for (int i = 0; i < 10_000; i++) pool.execute(sum::incrementAndGet);
    }
    assertEquals(10_000, sum.get());
  }

  @Test
  void rejectsTasksAfterIt() {
    Pool pool = Pool.builder().build();
    pool.close();
    pool.close();
    RejectedExecutionException thrown =
        assertThrows(RejectedExecutionException.class, () -> pool.execute(() -> {}));
    assertEquals(Status.CLOSED, ((LibschedException) thrown.getCause()).status());
    assertThrows(RejectedExecutionException.class, () -> pool.executeAll(List.of(() -> {})));
    assertThrows(
        RejectedExecutionException.class, () -> pool.tryExecute(() -> {}, 0, TimeUnit.SECONDS));
    assertThrows(
        RejectedExecutionException.class, () -> pool.parallelFor(0, 1, 1, (from, to) -> {}));
    assertThrows(IllegalStateException.class, pool::group);
    assertTrue(pool.isShutdown() && pool.isTerminated());
  }

  @Test
  void everyTaskIsRunOrInOneListOfSeveral() throws Exception {
    for (int round = 0; round < 50; round++) {
      Pool pool = Pool.builder().workers(2).build();
      AtomicInteger ran = new AtomicInteger();
      List<Runnable> tasks = new ArrayList<>();
      for (int i = 0; i < 20_000; i++) {
        int number = i;
        tasks.add(() -> ran.addAndGet(number < 0 ? 0 : 1));
      }
      pool.executeAll(tasks);
      CyclicBarrier together = new CyclicBarrier(3);
      Queue<Runnable> listed = new ConcurrentLinkedQueue<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        threads.add(
            new Thread(
                () -> {
                  try {
                    together.await();
                    listed.addAll(pool.shutdownNow());
                  } catch (Exception e) {
                    throw new AssertionError(e);
                  }
                }));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) thread.join();
      assertTrue(pool.awaitTermination(1, TimeUnit.HOURS));
      Set<Runnable> once = Collections.newSetFromMap(new IdentityHashMap<>());
      once.addAll(listed);
      assertEquals(listed.size(), once.size());
      assertEquals(20_000, ran.get() + listed.size());
    }
  }

  @Test
  void everyTaskIsRunOrInTheListBesideSubmitters() throws Exception {
    for (int round = 0; round < 90; round++) {
      Priority priority = Priority.values()[round % 3];
      Pool pool = Pool.builder().workers(2).build();
      AtomicInteger ran = new AtomicInteger();
      AtomicInteger accepted = new AtomicInteger();
      CountDownLatch some = new CountDownLatch(1000);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        threads.add(new Thread(() -> submit(pool, priority, ran, accepted, some)));
      }
      threads.forEach(Thread::start);
      some.await();
      int listed = pool.shutdownNow().size();
      for (Thread thread : threads) thread.join();
      assertTrue(pool.awaitTermination(1, TimeUnit.HOURS));
      assertEquals(accepted.get(), ran.get() + listed);
    }
  }

  private static void submit(
      Pool pool, Priority priority, AtomicInteger ran, AtomicInteger accepted, CountDownLatch some) {
    try {
      for (; ; some.countDown()) {
        pool.execute(ran::incrementAndGet, priority);
        accepted.incrementAndGet();
      }
    } catch (RejectedExecutionException e) {
      // Was shut down.
    }
  }

  @Test
  void shutdownDrains() throws Exception {
    Pool pool = Pool.builder().workers(1).build();
    AtomicInteger sum = new AtomicInteger();
    assertFalse(pool.awaitTermination(0, TimeUnit.SECONDS));
    try (Gate gate = new Gate(pool, 1)) {
      for (int i = 0; i < 100; i++) pool.execute(sum::incrementAndGet);
      pool.shutdown();
      assertTrue(pool.isShutdown());
      assertFalse(pool.isTerminated());
      assertFalse(pool.awaitTermination(1, TimeUnit.MILLISECONDS));
      assertThrows(RejectedExecutionException.class, () -> pool.execute(() -> {}));
    }
    assertTrue(pool.awaitTermination(1, TimeUnit.HOURS));
    assertTrue(pool.isTerminated());
    assertEquals(100, sum.get());
    assertEquals(101, pool.stats().of(Priority.NORMAL).completed());
  }

  @Test
  void shutdownNowGivesBackWhatHasNotStarted() throws Exception {
    Pool pool = Pool.builder().workers(2).build();
    CountDownLatch running = new CountDownLatch(2);
    CountDownLatch interrupted = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      pool.execute(
          () -> {
            running.countDown();
            try {
              new CountDownLatch(1).await();
            } catch (InterruptedException e) {
              interrupted.countDown();
            }
          });
    }
    running.await();
    AtomicInteger ran = new AtomicInteger();
    for (int i = 0; i < 1000; i++) pool.execute(ran::incrementAndGet, Priority.values()[i % 3]);
    Future<?> future = pool.submit(ran::incrementAndGet);
    List<Runnable> dropped = pool.shutdownNow();
    assertEquals(1001, dropped.size());
    assertTrue(dropped.contains(future));
    interrupted.await();
    assertTrue(pool.awaitTermination(1, TimeUnit.HOURS));
    assertEquals(0, ran.get());
    assertTrue(pool.shutdownNow().isEmpty());
  }

  @Test
  void tasksShutTheirPoolDown() throws Exception {
    Pool pool = Pool.builder().workers(2).build();
    AtomicInteger sum = new AtomicInteger();
    pool.execute(
        () -> {
          for (int i = 0; i < 100; i++) pool.execute(sum::incrementAndGet);
          pool.shutdown();
          pool.close();
        });
    assertTrue(pool.awaitTermination(1, TimeUnit.HOURS));
    assertEquals(100, sum.get());
  }

  @Test
  void taskThatAwaitsItsPoolIsTold() throws Exception {
    try (Pool pool = Pool.builder().build()) {
      Future<Status> status =
          pool.submit(
              () -> {
                pool.shutdown();
                return assertThrows(
                        LibschedException.class, () -> pool.awaitTermination(1, TimeUnit.HOURS))
                    .status();
              });
      assertEquals(Status.DEADLOCK, status.get());
    }
  }

  @Test
  void interruptedCloseDropsWhatWaits() throws Exception {
    Pool pool = Pool.builder().workers(1).build();
    CountDownLatch interrupted = new CountDownLatch(1);
    AtomicInteger ran = new AtomicInteger();
    CountDownLatch running = new CountDownLatch(1);
    pool.execute(
        () -> {
          running.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
        });
    running.await();
    for (int i = 0; i < 10; i++) pool.execute(ran::incrementAndGet);
    Thread closing =
        new Thread(
            () -> {
              pool.close();
              if (Thread.currentThread().isInterrupted()) ran.addAndGet(100);
            });
    closing.start();
    while (!pool.isShutdown()) Thread.onSpinWait();
    closing.interrupt();
    interrupted.await();
    closing.join();
    assertEquals(100, ran.get());
  }

  @Test
  void submittersRaceWithTheEnd() throws Exception {
    for (int round = 0; round < 100; round++) {
      Pool pool = Pool.builder().workers(2).build();
      AtomicInteger accepted = new AtomicInteger();
      AtomicInteger ran = new AtomicInteger();
      CountDownLatch begun = new CountDownLatch(1);
      Thread submitter =
          new Thread(
              () -> {
                try {
                  for (; ; ) {
                    pool.execute(ran::incrementAndGet);
                    accepted.incrementAndGet();
                    begun.countDown();
                  }
                } catch (RejectedExecutionException e) {
                  // That is the end.
                }
              });
      submitter.start();
      begun.await();
      pool.close();
      submitter.join();
      assertEquals(accepted.get(), ran.get());
    }
  }
}
