package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GroupTest {
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

  @Test
  void waitsForItsTasks() throws Exception {
    AtomicInteger sum = new AtomicInteger();
    try (Group group = pool.group()) {
      for (int i = 0; i < 100; i++) {
        group.execute(
            () -> {
              for (int j = 0; j < 10; j++) group.execute(sum::incrementAndGet, Priority.HIGH);
            });
      }
      group.executeAll(Collections.nCopies(1000, sum::incrementAndGet));
      Future<Integer> seven = group.submit(() -> 7);
      group.await();
      assertTrue(group.await(0, TimeUnit.SECONDS));
      assertEquals(7, seven.get());
      assertEquals(2000, sum.get());
      assertThrows(RejectedExecutionException.class, () -> group.execute(() -> {}));
    }
  }

  @Test
  void tasksWaitForGroupsInsideOneAnother() throws Exception {
    try (Pool one = Pool.builder().workers(1).build()) {
      assertEquals(1024, one.submit(() -> leaves(one, 10)).get());
    }
  }

  private static int leaves(Pool pool, int depth) throws Exception {
    if (depth == 0) return 1;
    try (Group group = pool.group()) {
      Future<Integer> left = group.submit(() -> leaves(pool, depth - 1));
      Future<Integer> right = group.submit(() -> leaves(pool, depth - 1));
      group.await();
      return left.get() + right.get();
    }
  }

  @Test
  void firstFailureIsKept() {
    IllegalStateException thrown = new IllegalStateException("thrown");
    try (Group outer = pool.group();
        Group group = outer.group(false)) {
      group.execute(
          () -> {
            throw thrown;
          });
      assertSame(thrown, assertThrows(ExecutionException.class, group::await).getCause());
      assertSame(thrown, assertThrows(ExecutionException.class, outer::await).getCause());
    }
    try (Group group = pool.group()) {
      Future<?> future =
          group.submit(
              () -> {
                throw thrown;
              });
      assertSame(thrown, assertThrows(ExecutionException.class, group::await).getCause());
      assertSame(thrown, assertThrows(ExecutionException.class, future::get).getCause());
    }
  }

  @Test
  void failureCancelsTheOthers() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    Future<?> never;
    try (Group group = pool.group(true)) {
      try (Gate gate = new Gate(pool, 2)) {
        group.execute(
            () -> {
              throw new IllegalStateException("thrown");
            },
            Priority.HIGH);
        never = group.submit(() -> ran.incrementAndGet());
        for (int i = 0; i < 100; i++) group.execute(ran::incrementAndGet, Priority.LOW);
      }
      assertThrows(ExecutionException.class, group::await);
    }
    assertTrue(ran.get() <= 101);
    assertTrue(never.isDone());
  }

  @Test
  void cancelDropsWhatHasNotStarted() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    try (Gate gate = new Gate(pool, 2);
        Group group = pool.group()) {
      Future<?> future = group.submit(() -> ran.incrementAndGet());
      for (int i = 0; i < 1000; i++) group.execute(ran::incrementAndGet);
      group.cancel();
      assertTrue(future.isCancelled());
      assertThrows(CancellationException.class, group::await);
      assertThrows(RejectedExecutionException.class, () -> group.execute(() -> {}));
    }
    assertEquals(0, ran.get());
  }

  @Test
  void waitIsInterrupted() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    try (Gate gate = new Gate(pool, 2);
        Group group = pool.group()) {
      group.execute(() -> {});
      assertFalse(group.await(1, TimeUnit.MILLISECONDS));
      Thread waiting =
          new Thread(
              () -> {
                assertThrows(InterruptedException.class, group::await);
                ended.countDown();
              });
      waiting.start();
      while (waiting.getState() != Thread.State.RUNNABLE) Thread.onSpinWait();
      waiting.interrupt();
      ended.await();
      gate.close();
      group.await();
    }
  }

  @Test
  void taskOfTheGroupClosesIt() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    Group group = pool.group();
    group.execute(
        () -> {
          group.close();
          ran.countDown();
        });
    ran.await();
    assertThrows(IllegalStateException.class, () -> group.execute(() -> {}));
  }
}
