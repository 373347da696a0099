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

/** Tasks wait for those ahead of them before they are handed to the engine; none waits for ever. */
class IntakeTest {
  @AfterEach
  void nothingIsLeft() {
    Live.assertNone();
  }

  @Test
  void noneIsForgotten() throws Exception {
    try (Pool pool = Pool.builder().workers(2).build()) {
      List<Thread> threads = new ArrayList<>();
      AtomicInteger ended = new AtomicInteger();
      for (int i = 0; i < 3; i++) {
        int at = i;
        threads.add(
            new Thread(
                () -> {
                  for (int round = 0; round < 10_000; round++) {
                    CountDownLatch ran = new CountDownLatch(1 + round % (at + 1));
                    for (int j = 0; j <= round % (at + 1); j++) pool.execute(ran::countDown);
                    Gate.awaitQuietly(ran);
                  }
                  ended.incrementAndGet();
                }));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) thread.join();
      assertEquals(3, ended.get());
    }
  }

  @Test
  void whoStartsTheLastOneHandsOver() throws Exception {
    try (Pool pool = Pool.builder().workers(1).spare(0).build()) {
      List<Integer> order = Collections.synchronizedList(new ArrayList<>());
      CountDownLatch ran = new CountDownLatch(10_000);
      try (Gate gate = new Gate(pool, 1)) {
        // The first of these is handed over, the others wait for it.
        for (int i = 0; i < 10_000; i++) {
          int number = i;
          pool.execute(
              () -> {
                order.add(number);
                ran.countDown();
              });
        }
      }
      ran.await();
      for (int i = 0; i < 10_000; i++) assertEquals(i, order.get(i));
    }
  }

  @Test
  void countsSeeThem() throws Exception {
    try (Pool pool = Pool.builder().workers(1).spare(0).build()) {
      Runnable nothing = () -> {};
      try (Gate gate = new Gate(pool, 1)) {
        for (int i = 0; i < 10; i++) pool.execute(nothing);
        pool.executeAll(Collections.nCopies(2000, nothing));
        assertEquals(2010, pool.stats().of(Priority.NORMAL).queued());
      }
      assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
      assertEquals(2011, pool.stats().of(Priority.NORMAL).completed());
    }
  }
}
