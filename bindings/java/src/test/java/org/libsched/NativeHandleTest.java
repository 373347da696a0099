package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NativeHandleTest {
  @Test
  void releasesOnce() {
    AtomicInteger released = new AtomicInteger();
    NativeHandle handle = new NativeHandle(new Object(), 7, address -> released.addAndGet(7));
    assertEquals(7, handle.enter());
    handle.leave();
    handle.close();
    handle.close();
    assertEquals(7, released.get());
    assertEquals(0, handle.tryEnter());
    assertThrows(IllegalStateException.class, handle::enter);
    assertEquals(7, released.get());
  }

  @Test
  void waitsForTheLastCall() {
    AtomicInteger released = new AtomicInteger();
    NativeHandle handle =
        new NativeHandle(new Object(), 7, address -> released.incrementAndGet());
    handle.enter();
    handle.enter();
    handle.close();
    handle.leave();
    assertEquals(0, handle.tryEnter());
    assertEquals(0, released.get());
    handle.leave();
    assertEquals(1, released.get());
  }

  @Test
  void releasesOnceHoweverManyRace() throws Exception {
    for (int round = 0; round < 1000; round++) {
      AtomicInteger released = new AtomicInteger();
      NativeHandle handle =
          new NativeHandle(new Object(), 7, address -> released.incrementAndGet());
      CountDownLatch begin = new CountDownLatch(1);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        boolean closes = i == 0;
        threads.add(
            new Thread(
                () -> {
                  Gate.awaitQuietly(begin);
                  for (int j = 0; j < 20; j++) {
                    if (closes && j == 10) handle.close();
                    if (handle.tryEnter() == 0) continue;
                    if (released.get() != 0) throw new AssertionError("released during a call");
                    handle.leave();
                  }
                }));
      }
      AtomicInteger failed = new AtomicInteger();
      for (Thread thread : threads) {
        thread.setUncaughtExceptionHandler((of, thrown) -> failed.incrementAndGet());
        thread.start();
      }
      begin.countDown();
      for (Thread thread : threads) thread.join();
      assertEquals(0, failed.get());
      assertEquals(1, released.get());
    }
  }

  @Test
  void whatIsNeverClosedIsCollected() throws Exception {
    CountDownLatch ran = new CountDownLatch(100);
    for (int i = 0; i < 100; i++) Pool.builder().workers(1).build().execute(ran::countDown);
    ran.await();
    while (Raw.live_objects(Raw.KIND_POOL) != 0) {
      System.gc();
      Thread.onSpinWait();
    }
    Live.assertNone();
  }

  @Test
  void queuedTasksKeepTheirPool() throws Exception {
    CountDownLatch ran = new CountDownLatch(101);
    begin(ran);
    for (int i = 0; i < 3; i++) System.gc();
    ran.countDown();
    ran.await();
    assertTrue(ran.getCount() == 0);
  }

  private static void begin(CountDownLatch ran) throws InterruptedException {
    Pool pool = Pool.builder().workers(1).build();
    try (Gate gate = new Gate(pool, 1)) {
      for (int i = 0; i < 100; i++) pool.execute(ran::countDown);
    }
  }
}
