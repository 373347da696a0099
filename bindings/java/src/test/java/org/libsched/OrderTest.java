package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Small tasks, and among them pairs of one that waits and, right behind it, the one that it waits for. They are all run where
 * there is one worker more than tasks that wait, and with any workers if the waits are announced.
 */
class OrderTest {
  private static final int ROUNDS = 5;

  @AfterEach
  void nothingIsLeft() {
    Live.assertNone();
  }

  /** How tasks are submitted. */
  interface Submission {
    void submit(Pool pool, Group group, List<Runnable> tasks) throws Exception;
  }

  private final AtomicInteger ran = new AtomicInteger();

  private List<Runnable> pairs(int pairs, int gap, boolean announced) {
    List<Runnable> tasks = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      for (int k = 0; k < gap; k++) tasks.add(ran::incrementAndGet);
      CountDownLatch next = new CountDownLatch(1);
      tasks.add(
          () -> {
            await(next, announced);
            ran.incrementAndGet();
          });
      tasks.add(
          () -> {
            next.countDown();
            ran.incrementAndGet();
          });
    }
    return tasks;
  }

  private static void await(CountDownLatch next, boolean announced) {
    if (!announced) {
      Gate.awaitQuietly(next);
      return;
    }
    try (Blocking section = Blocking.begin()) {
      Gate.awaitQuietly(next);
    }
  }

  private void allAreRun(PoolBuilder options, List<Runnable> tasks, Submission submission)
      throws Exception {
    ran.set(0);
    try (Pool pool = options.build()) {
      try (Group group = pool.group()) {
        pool.executeAll(Collections.nCopies(500, () -> {})); // the pool knows how small tasks are
        submission.submit(pool, group, tasks);
        group.await();
        assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
        assertEquals(tasks.size(), ran.get());
      }
      for (Priority priority : Priority.values()) {
        assertEquals(0, pool.stats().of(priority).cancelled());
      }
    }
  }

  private void goesOn(Submission submission) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      allAreRun(Pool.builder().workers(4), pairs(3, 200, false), submission);
      allAreRun(Pool.builder().workers(4).capacity(300), pairs(3, 200, false), submission);
      allAreRun(Pool.builder().workers(2), pairs(20, 5, true), submission);
    }
  }

  // Each worker comes to wait for a task that was handed to it, or to another that waits.
  @Test
  void allWorkersMayWaitWithoutAWord() throws Exception {
    allAreRun(Pool.builder().workers(4), pairs(40, 0, false), (pool, group, tasks) -> pool.executeAll(tasks));
    allAreRun(Pool.builder().workers(4), pairs(40, 0, false), (pool, group, tasks) -> group.executeAll(tasks));
  }

  @Test
  void execute() throws Exception {
    goesOn((pool, group, tasks) -> tasks.forEach(pool::execute));
  }

  @Test
  void executeAll() throws Exception {
    goesOn((pool, group, tasks) -> pool.executeAll(tasks));
  }

  @Test
  void high() throws Exception {
    goesOn((pool, group, tasks) -> tasks.forEach(pool.high()::execute));
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

  private void goesOnWhileItEnds(int workers, List<Runnable> tasks) throws Exception {
    ran.set(0);
    Pool pool = Pool.builder().workers(workers).build();
    try (Gate gate = new Gate(pool, workers)) {
      pool.executeAll(Collections.nCopies(500, () -> {}));
      pool.executeAll(tasks);
      pool.shutdown();
    }
    assertTrue(pool.awaitTermination(1, TimeUnit.HOURS));
    assertEquals(tasks.size(), ran.get());
  }

  @Test
  void whileThePoolEnds() throws Exception {
    for (int round = 0; round < 2 * ROUNDS; round++) {
      goesOnWhileItEnds(4, pairs(3, 10, false));
      goesOnWhileItEnds(2, pairs(40, 10, true));
    }
  }
}
