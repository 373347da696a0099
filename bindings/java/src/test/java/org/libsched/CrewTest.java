package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** When tasks that were taken away are begun outside of the engine, and how many of them. */
class CrewTest {
  private static final int LOOKS = 10_000;

  @AfterEach
  void nothingIsLeft() {
    Live.assertNone();
  }

  /** What a task does until it is let go. */
  interface Wait {
    void await(Pool pool, Group group, CountDownLatch end) throws InterruptedException;
  }

  // How many tasks were begun while none ended, with crews that have no patience.
  private static int begun(PoolBuilder options, Wait wait) throws Exception {
    AtomicInteger begun = new AtomicInteger();
    try (Pool pool = options.build();
        Group group = pool.group()) {
      CountDownLatch end = new CountDownLatch(1);
      try (Gate gate = new Gate(pool, 1)) {
        pool.executeAll(Collections.nCopies(500, () -> {})); // the pool knows how small tasks are
        Runnable task =
            () -> {
              begun.incrementAndGet();
              try {
                wait.await(pool, group, end);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            };
        group.executeAll(Collections.nCopies(100, task));
      }
      while (begun.get() == 0) Thread.yield();
      for (int i = 0; i < LOOKS; i++) {
        for (Worker worker : pool.engine().workers) {
          if (worker.isStuck() && !worker.alone) worker.giveAway();
        }
        pool.engine().crew.look();
      }
      int now = begun.get();
      end.countDown();
      assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
      assertEquals(100, begun.get());
      return now;
    }
  }

  private static void park(Pool pool, Group group, CountDownLatch end) throws InterruptedException {
    end.await();
  }

  private static void sleep(Pool pool, Group group, CountDownLatch end) throws InterruptedException {
    while (end.getCount() != 0) Thread.sleep(1);
  }

  @Test
  void atMostAsManyAsWorkers() throws Exception {
    for (int most = 0; most <= 2; ) {
      int begun = begun(Pool.builder().workers(2), CrewTest::park);
      assertTrue(begun <= 4, begun + " tasks were begun");
      most = Math.max(most, begun);
    }
  }

  @Test
  void whoSleepsHasNobody() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertTrue(begun(Pool.builder().workers(2), CrewTest::sleep) <= 2);
    }
  }

  @Test
  void oneWorkerRunsOneAtATime() throws Exception {
    for (int i = 0; i < 10; i++) {
      assertEquals(1, begun(Pool.builder().workers(1), CrewTest::park));
    }
  }

  @Test
  void capIsKept() throws Exception {
    for (int i = 0; i < 10; i++) {
      PoolBuilder options = Pool.builder().workers(2).cap(Priority.NORMAL, 2);
      assertTrue(begun(options, CrewTest::park) <= 2);
    }
  }

  // A task of the crew is one of the pool all the same.
  @Test
  void taskOfTheCrewNeverWaitsForItself() throws Exception {
    AtomicReference<Throwable> wrong = new AtomicReference<>();
    AtomicBoolean onCrew = new AtomicBoolean();
    Wait wait =
        (pool, group, end) -> {
          if (Thread.currentThread().getName().endsWith("-crew")) {
            try {
              onCrew.set(true);
              assertDeadlock(() -> pool.awaitIdle(1, TimeUnit.HOURS));
              assertDeadlock(() -> group.await(1, TimeUnit.HOURS));
            } catch (Throwable thrown) {
              wrong.set(thrown);
            }
          }
          end.await();
        };
    while (!onCrew.get()) begun(Pool.builder().workers(2), wait);
    assertEquals(null, wrong.get());
  }

  private static void assertDeadlock(Executable wait) {
    assertEquals(Status.DEADLOCK, assertThrows(LibschedException.class, wait).status());
  }
}
