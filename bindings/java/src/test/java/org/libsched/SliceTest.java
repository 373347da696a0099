package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker is handed several tasks at a time; none of them may be kept from running by another one. */
class SliceTest {
  @AfterEach
  void nothingIsLeft() {
    Live.assertNone();
  }

  @Test
  void taskWaitsForTheNextOne() throws Exception {
    try (Pool pool = Pool.builder().workers(2).build()) {
      CountDownLatch reached = new CountDownLatch(1);
      AtomicInteger ran = new AtomicInteger();
      try (Gate gate = new Gate(pool, 2)) {
        pool.execute(() -> Gate.awaitQuietly(reached));
        pool.execute(reached::countDown);
        for (int i = 0; i < 100; i++) pool.execute(ran::incrementAndGet);
      }
      assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
      assertEquals(100, ran.get());
    }
  }

  @Test
  void taskWaitsForTheNextOneWhileThePoolEnds() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    AtomicInteger ran = new AtomicInteger();
    Pool pool = Pool.builder().workers(2).build();
    try (Gate gate = new Gate(pool, 2)) {
      pool.execute(() -> Gate.awaitQuietly(reached));
      pool.execute(reached::countDown);
      for (int i = 0; i < 100; i++) pool.execute(ran::incrementAndGet);
      pool.shutdown();
    }
    assertTrue(pool.awaitTermination(1, TimeUnit.HOURS));
    assertEquals(100, ran.get());
  }

  @Test
  void futureOfTheNextTask() throws Exception {
    try (Pool pool = Pool.builder().workers(1).build()) {
      List<Future<Integer>> futures = new ArrayList<>();
      try (Gate gate = new Gate(pool, 1)) {
        for (int i = 0; i < 50; i++) {
          int number = i;
          futures.add(
              pool.submit(() -> number == 49 ? 1 : 1 + futures.get(number + 1).get()));
        }
      }
      assertEquals(50, futures.get(0).get());
    }
  }

  @Test
  void barrierOfAllWorkers() throws Exception {
    try (Pool pool = Pool.builder().workers(4).build()) {
      CyclicBarrier barrier = new CyclicBarrier(4);
      try (Gate gate = new Gate(pool, 4)) {
        for (int i = 0; i < 40; i++) pool.submit(() -> barrier.await());
      }
      assertTrue(pool.awaitIdle(1, TimeUnit.HOURS));
      assertEquals(0, barrier.getNumberWaiting());
    }
  }

  @Test
  void groupEndsNoSoonerThanWhatWasTakenAway() throws Exception {
    for (int round = 0; round < 50; round++) {
      AtomicInteger ran = new AtomicInteger();
      try (Pool pool = Pool.builder().workers(2).build();
          Group group = pool.group()) {
        CountDownLatch reached = new CountDownLatch(1);
        try (Gate gate = new Gate(pool, 2)) {
          group.execute(() -> Gate.awaitQuietly(reached));
          group.execute(reached::countDown);
          for (int i = 0; i < 100; i++) group.execute(ran::incrementAndGet);
        }
        group.await();
        assertEquals(100, ran.get());
      }
    }
  }
}
