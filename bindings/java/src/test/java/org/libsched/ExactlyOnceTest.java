package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each task is run or dropped once, whoever gives it back. */
class ExactlyOnceTest {
  private static final int TASKS = 20_000;
  private static final int ROUNDS = 20;

  @AfterEach
  void nothingIsLeft() {
    Live.assertNone();
  }

  /** How a pool ends. */
  interface End {
    List<Runnable> end(Pool pool, Group group) throws Exception;
  }

  /** A task that counts its runs, and waits now and then. */
  private static final class Counted implements Runnable {
    private final AtomicIntegerArray runs;
    private final int number;

    Counted(AtomicIntegerArray runs, int number) {
      this.runs = runs;
      this.number = number;
    }

    @Override
    public void run() {
      if (number % 97 == 0) LockSupport.parkNanos(this, 300_000);
      runs.incrementAndGet(number);
    }
  }

  // What the watch does, without its pauses.
  private static List<Thread> takers(Pool pool, AtomicBoolean over) {
    List<Thread> takers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      takers.add(
          new Thread(
              () -> {
                while (!over.get()) {
                  for (Worker worker : pool.engine().workers) worker.giveBack();
                  Thread.yield();
                }
              }));
    }
    takers.forEach(Thread::start);
    return takers;
  }

  private static void eachOnce(End end) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Pool pool = Pool.builder().workers(2).build();
      AtomicBoolean over = new AtomicBoolean();
      List<Thread> takers = takers(pool, over);
      AtomicIntegerArray runs = new AtomicIntegerArray(TASKS);
      try (Group group = pool.group()) {
        List<Runnable> some = new ArrayList<>();
        for (int i = 0; i < TASKS; i++) {
          Runnable task = new Counted(runs, i);
          if (i % 4 == 0) pool.execute(task, Priority.values()[i / 4 % 3]);
          else if (i % 4 == 1) group.execute(task);
          else some.add(task);
          if (some.size() < 1000) continue;
          if (i % 3 == 0) pool.executeAll(some);
          else group.executeAll(some);
          some.clear();
        }
        assertTrue(some.isEmpty());
        for (Runnable task : end.end(pool, group)) runs.incrementAndGet(((Counted) task).number);
        assertTrue(pool.awaitTermination(1, TimeUnit.HOURS));
      } finally {
        over.set(true);
        for (Thread taker : takers) taker.join();
      }
      for (int i = 0; i < TASKS; i++) assertEquals(1, runs.get(i), "task " + i);
    }
  }

  @Test
  void idle() throws Exception {
    eachOnce(
        (pool, group) -> {
          group.await();
          assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
          pool.close();
          return List.of();
        });
  }

  @Test
  void shutdown() throws Exception {
    eachOnce(
        (pool, group) -> {
          pool.shutdown();
          return List.of();
        });
  }

  @Test
  void shutdownNow() throws Exception {
    eachOnce(
        (pool, group) -> {
          while (pool.stats().of(Priority.NORMAL).completed() < TASKS / 2) Thread.yield();
          return pool.shutdownNow();
        });
  }
}
