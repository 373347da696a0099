package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a worker has not begun and gives back is as any other task that waits. */
class GiveBackTest {
  private static final int TASKS = 200;
  private static final List<Runnable> SMALL = Collections.nCopies(500, () -> {});

  @AfterEach
  void nothingIsLeft() {
    Live.assertNone();
  }

  private static void giveBack(Pool pool) {
    for (Worker worker : pool.engine().workers) worker.giveBack();
  }

  private static boolean hasMore(Pool pool) {
    return pool.engine().workers.stream().anyMatch(Worker::hasMore);
  }

  /** Counts how many of its tasks run at a time; some of them take long, and some of these wait. */
  private static final class Count implements Runnable {
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger ran = new AtomicInteger();

    @Override
    public void run() {
      most.accumulateAndGet(running.incrementAndGet(), Math::max);
      int number = ran.incrementAndGet();
      if (number % 40 == 0) {
        try (Blocking section = Blocking.begin()) {
          yieldOften();
        }
      } else if (number % 20 == 0) {
        yieldOften();
      }
      running.decrementAndGet();
    }

    private static void yieldOften() {
      for (int i = 0; i < 20; i++) Thread.yield();
    }
  }

  // Until a worker was seen with something to give back.
  private static void noMoreThanWorkers(int workers, int capacity) throws Exception {
    for (boolean seen = false; !seen; ) {
      Count count = new Count();
      PoolBuilder options = Pool.builder().workers(workers).spare(0);
      if (capacity != 0) options.capacity(capacity);
      Pool pool = options.build();
      Thread submitter =
          new Thread(
              () -> {
                pool.executeAll(SMALL); // the pool knows how small tasks are
                for (int i = 0; i < 10 * TASKS; i++) pool.execute(count);
                pool.shutdown();
              });
      try (Gate gate = new Gate(pool, workers)) {
        submitter.start();
        if (capacity == 0) submitter.join();
        while (pool.stats().of(Priority.NORMAL).queued() < capacity) Thread.yield();
      }
      while (count.ran.get() < 10 * TASKS) {
        seen |= hasMore(pool);
        giveBack(pool);
      }
      submitter.join();
      assertTrue(pool.awaitTermination(1, TimeUnit.HOURS));
      assertEquals(10 * TASKS, count.ran.get());
      assertTrue(count.most.get() <= workers, count.most + " ran at a time");
    }
  }

  @Test
  void noMoreThanWorkersWhileThePoolEnds() throws Exception {
    for (int workers = 1; workers <= 2; workers++) noMoreThanWorkers(workers, 0);
  }

  @Test
  void noMoreThanWorkersInAFullPool() throws Exception {
    for (int workers = 1; workers <= 2; workers++) noMoreThanWorkers(workers, 20);
  }

  // Whether the worker was handed tasks together with one that does not end; then it keeps them when the watch looks.
  private static boolean keepsItsOrder() throws Exception {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    try (Pool pool = Pool.builder().workers(1).build()) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      try (Gate gate = new Gate(pool, 1)) {
        pool.executeAll(SMALL);
        pool.execute(
            () -> {
              begun.countDown();
              Gate.awaitQuietly(end);
            });
        for (int i = 0; i < TASKS; i++) {
          int number = i;
          pool.execute(() -> order.add(number));
        }
      }
      begun.await();
      boolean together = hasMore(pool);
      for (int i = 0; i < 3; i++) Watch.look();
      boolean kept = hasMore(pool);
      end.countDown();
      assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
      assertEquals(together, kept);
      for (int i = 0; i < TASKS; i++) assertEquals(i, order.get(i));
      return together;
    }
  }

  @Test
  void onlyWorkerKeepsItsOrder() throws Exception {
    while (!keepsItsOrder()) Thread.yield();
  }

  private static void saysThatItWaits(int workers, int spare) throws Exception {
    try (Pool pool = Pool.builder().workers(workers).spare(spare).build()) {
      CountDownLatch ran = new CountDownLatch(TASKS);
      try (Gate gate = new Gate(pool, workers)) {
        pool.executeAll(SMALL);
        pool.execute(
            () -> {
              try (Blocking section = Blocking.begin()) {
                Gate.awaitQuietly(ran);
              }
            });
        for (int i = 0; i < TASKS; i++) pool.execute(ran::countDown);
      }
      assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
      assertEquals(0, ran.getCount());
      assertEquals(0, pool.stats().of(Priority.NORMAL).cancelled());
    }
  }

  @Test
  void taskThatSaysThatItWaits() throws Exception {
    saysThatItWaits(1, 1);
    saysThatItWaits(2, 0);
  }

  // Whether the worker was handed a task together with the one that runs.
  private static boolean countsAsNotStarted(Priority priority) throws Exception {
    try (Pool pool = Pool.builder().workers(1).spare(0).build()) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      try (Gate gate = new Gate(pool, 1)) {
        pool.executeAll(SMALL, priority);
        pool.execute(
            () -> {
              begun.countDown();
              Gate.awaitQuietly(end);
            },
            priority);
        pool.execute(() -> {}, priority);
      }
      begun.await();
      boolean together = hasMore(pool);
      boolean before = pool.engine().intake.isAnyUnstarted();
      giveBack(pool);
      boolean after = pool.engine().intake.isAnyUnstarted();
      end.countDown();
      assertEquals(!together, before);
      assertTrue(after);
      assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
      assertFalse(pool.engine().intake.isAnyUnstarted());
      return together;
    }
  }

  @Test
  void hasNotStarted() throws Exception {
    for (Priority priority : Priority.values()) {
      while (!countsAsNotStarted(priority)) Thread.yield();
    }
  }

  private static void tellsAllThatRun(boolean givenBack) throws Exception {
    Pool pool = Pool.builder().workers(2).build();
    CountDownLatch begun = new CountDownLatch(2);
    AtomicInteger told = new AtomicInteger();
    Runnable task =
        () -> {
          begun.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            told.incrementAndGet();
          }
        };
    try (Gate gate = new Gate(pool, 2)) {
      pool.executeAll(SMALL);
      for (int i = 0; i < TASKS; i++) pool.execute(task);
    }
    begun.await();
    if (givenBack) giveBack(pool);
    assertEquals(TASKS - 2, pool.shutdownNow().size());
    assertTrue(pool.awaitTermination(1, TimeUnit.HOURS));
    assertEquals(2, told.get());
  }

  @Test
  void shutdownNowTellsAllThatRun() throws Exception {
    tellsAllThatRun(false);
    tellsAllThatRun(true);
  }

  // How many tasks behind one that fails are run, on the one worker.
  private static int ranBehindFailure(boolean cancels, boolean outerCancels) throws Exception {
    AtomicInteger ran = new AtomicInteger();
    try (Pool pool = Pool.builder().workers(1).build();
        Group outer = pool.group(outerCancels);
        Group group = outer.group(cancels)) {
      try (Gate gate = new Gate(pool, 1)) {
        pool.executeAll(SMALL);
        group.submit(
            () -> {
              throw new IllegalStateException("the first one");
            });
        for (int i = 0; i < TASKS; i++) group.execute(ran::incrementAndGet);
      }
      assertThrows(ExecutionException.class, group::await);
      assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
    }
    return ran.get();
  }

  @Test
  void nothingRunsBehindAFailureThatCancels() throws Exception {
    assertEquals(TASKS, ranBehindFailure(false, false));
    assertEquals(0, ranBehindFailure(true, false));
    assertEquals(0, ranBehindFailure(false, true));
  }

  @Test
  void idleNoSoonerThanWhatWasGivenBack() throws Exception {
    try (Pool pool = Pool.builder().workers(2).build()) {
      AtomicInteger ran = new AtomicInteger();
      AtomicBoolean over = new AtomicBoolean();
      Thread taker =
          new Thread(
              () -> {
                while (!over.get()) giveBack(pool);
              });
      taker.start();
      for (int round = 1; round <= 200; round++) {
        pool.executeAll(Collections.nCopies(100, ran::incrementAndGet));
        assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
        assertEquals(round * 100, ran.get());
        assertEquals(round * 100, pool.stats().of(Priority.NORMAL).completed());
      }
      over.set(true);
      taker.join();
    }
  }
}
