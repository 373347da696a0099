package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Tasks that wait for the next one, without the pool knowing of it: with one thread more than wait at a time, a thread pool that
 * begins tasks in order goes on.
 */
class OrderTest {
  private static final int PAIRS = 5;
  private static final int GAP = 200;
  private static final int ROUNDS = 3;
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  @AfterEach
  void nothingIsLeft() {
    Live.assertNone();
  }

  /** How tasks are submitted. */
  interface Submission {
    void submit(Pool pool, Group group, List<Runnable> tasks);
  }

  // Small tasks, and among them pairs of one that waits and, right behind it, the one that it waits for.
  private static List<Runnable> pairs(int pairs, int gap, CountDownLatch ran, CountDownLatch failed) {
    List<Runnable> tasks = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      for (int k = 0; k < gap; k++) tasks.add(ran::countDown);
      CountDownLatch next = new CountDownLatch(1);
      tasks.add(
          () -> {
            await(next, failed);
            ran.countDown();
          });
      tasks.add(
          () -> {
            next.countDown();
            ran.countDown();
          });
    }
    return tasks;
  }

  // Until either; so that a test that fails ends.
  private static void await(CountDownLatch latch, CountDownLatch failed) {
    try {
      while (!latch.await(10, TimeUnit.MILLISECONDS)) {
        if (failed.getCount() == 0) return;
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void goesOn(Submission submission) throws Exception {
    for (int workers = 2; workers <= 4; workers += 2) {
      try (Pool pool = Pool.builder().workers(workers).build()) {
        for (int round = 0; round < ROUNDS; round++) {
          CountDownLatch ran = new CountDownLatch(PAIRS * (GAP + 2));
          CountDownLatch failed = new CountDownLatch(1);
          try (Group group = pool.group()) {
            submission.submit(pool, group, pairs(PAIRS, GAP, ran, failed));
            boolean all = ran.await(MINUTE, TimeUnit.NANOSECONDS);
            failed.countDown();
            assertTrue(all, workers + " workers: " + ran.getCount() + " tasks are left");
          }
        }
        assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
      }
    }
  }

  private static void oneByOne(Executor executor, List<Runnable> tasks) {
    for (Runnable task : tasks) executor.execute(task);
  }

  @Test
  void execute() throws Exception {
    goesOn((pool, group, tasks) -> oneByOne(pool, tasks));
  }

  @Test
  void executeAll() throws Exception {
    goesOn((pool, group, tasks) -> pool.executeAll(tasks));
  }

  @Test
  void high() throws Exception {
    goesOn((pool, group, tasks) -> oneByOne(pool.high(), tasks));
  }

  @Test
  void low() throws Exception {
    goesOn((pool, group, tasks) -> pool.executeAll(tasks, Priority.LOW));
  }

  @Test
  void group() throws Exception {
    goesOn((pool, group, tasks) -> tasks.forEach(group::execute));
  }

  @Test
  void groupAtOnce() throws Exception {
    goesOn((pool, group, tasks) -> group.executeAll(tasks));
  }

  @Test
  void groupWithPriority() throws Exception {
    goesOn((pool, group, tasks) -> tasks.forEach(task -> group.execute(task, Priority.HIGH)));
  }

  @Test
  void whileThePoolEnds() throws Exception {
    for (int round = 0; round < 10; round++) {
      Pool pool = Pool.builder().workers(2).build();
      CountDownLatch ran = new CountDownLatch(40 * 12);
      CountDownLatch failed = new CountDownLatch(1);
      try (Gate gate = new Gate(pool, 2)) {
        pool.executeAll(Collections.nCopies(500, () -> {})); // the pool knows how small tasks are
        pool.executeAll(pairs(40, 10, ran, failed)); // several pairs in a slice
        pool.shutdown();
      }
      boolean all = ran.await(MINUTE, TimeUnit.NANOSECONDS);
      failed.countDown();
      assertTrue(all, ran.getCount() + " tasks are left");
      assertTrue(pool.awaitTermination(1, TimeUnit.HOURS));
    }
  }

  @Test
  void groupAndIdlePoolWaitForTheCrew() throws Exception {
    try (Pool pool = Pool.builder().workers(2).build()) {
      for (int round = 0; round < ROUNDS; round++) {
        CountDownLatch ran = new CountDownLatch(PAIRS * (GAP + 2));
        CountDownLatch failed = new CountDownLatch(1);
        try (Group group = pool.group()) {
          group.executeAll(pairs(PAIRS, GAP, ran, failed));
          group.await();
          assertEquals(0, ran.getCount());
        }
        CountDownLatch again = new CountDownLatch(PAIRS * (GAP + 2));
        pool.executeAll(pairs(PAIRS, GAP, again, failed));
        assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
        assertEquals(0, again.getCount());
      }
    }
  }

  @Test
  void failureOnTheCrewIsTheGroups() throws Exception {
    AtomicInteger crew = new AtomicInteger();
    try (Pool pool = Pool.builder().workers(2).build()) {
      while (crew.get() == 0) {
        CountDownLatch ran = new CountDownLatch(PAIRS * (GAP + 2));
        CountDownLatch failed = new CountDownLatch(1);
        try (Group group = pool.group()) {
          AtomicInteger onCrew = new AtomicInteger();
          for (Runnable task : pairs(PAIRS, GAP, ran, failed)) {
            group.execute(
                () -> {
                  task.run();
                  if (!Thread.currentThread().getName().endsWith("-crew")) return;
                  onCrew.incrementAndGet();
                  throw new IllegalStateException("on the crew");
                });
          }
          boolean told = false;
          try {
            group.await();
          } catch (ExecutionException e) {
            told = e.getCause() instanceof IllegalStateException;
          }
          assertEquals(onCrew.get() != 0, told);
          crew.addAndGet(onCrew.get());
        }
      }
    }
  }
}
