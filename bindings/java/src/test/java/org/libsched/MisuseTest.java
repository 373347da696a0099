package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What must do no harm to any of the classes: each ends in an exception, or in nothing. */
class MisuseTest {
  @AfterEach
  void everythingIsGone() {
    Live.assertNone();
  }

  @Test
  void useAfterClose() {
    Pool pool = Pool.builder().workers(1).build();
    Group group = pool.group();
    group.close();
    pool.close();
    pool.close();
    group.close();
    assertThrows(RejectedExecutionException.class, () -> pool.execute(() -> {}));
    assertThrows(RejectedExecutionException.class, () -> pool.submit(() -> 1));
    assertThrows(RejectedExecutionException.class, () -> pool.high().execute(() -> {}));
    assertThrows(RejectedExecutionException.class, () -> pool.executeAll(List.of(() -> {})));
    assertThrows(
        RejectedExecutionException.class, () -> pool.parallelFor(0, 9, 1, (from, to) -> {}));
    assertThrows(RuntimeException.class, pool::group);
    assertThrows(RuntimeException.class, () -> group.execute(() -> {}));
    assertThrows(IllegalStateException.class, () -> Dispatcher.<Object>builder(pool).work((t, at) -> {}).build());
    assertEquals(List.of(), pool.shutdownNow());
    assertTrue(pool.isTerminated());
    pool.stats();
    Graph graph = new Graph();
    graph.add(JobOptions.of(job -> {}));
    assertThrows(RuntimeException.class, () -> graph.run(pool));
    graph.close();
  }

  @Test
  void closeByATask() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    for (int i = 0; i < 20; i++) {
      Pool pool = Pool.builder().workers(2).build();
      MessageQueue<Integer> queue = new MessageQueue<>();
      Group group = pool.group();
      group.execute(
          () -> {
            queue.close();
            group.close();
            pool.close();
            ran.incrementAndGet();
          });
      assertTrue(pool.awaitTermination(1, TimeUnit.DAYS));
    }
    assertEquals(20, ran.get());
  }

  @Test
  void closeWhileOthersUseIt() throws Exception {
    for (int round = 0; round < 20; round++) {
      Pool pool = Pool.builder().workers(2).build();
      MessageQueue<Integer> queue = new MessageQueue<>();
      ByteQueue bytes = new ByteQueue();
      Injector<Integer> injector = new Injector<>();
      AtomicInteger accepted = new AtomicInteger();
      AtomicInteger ran = new AtomicInteger();
      CountDownLatch busy = new CountDownLatch(2);
      List<Waiter> users = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        users.add(
            new Waiter(
                () -> {
                  for (int n = 0; ; n++) {
                    pool.execute(ran::incrementAndGet);
                    accepted.incrementAndGet();
                    if (n == 100) busy.countDown();
                  }
                }));
        users.add(new Waiter(() -> repeat(() -> queue.push(1))));
        users.add(new Waiter(() -> repeat(() -> bytes.push(new byte[9]))));
        users.add(new Waiter(() -> repeat(() -> steal(injector))));
      }
      busy.await();
      for (AutoCloseable closed : List.of(pool, queue, bytes, injector)) closed.close();
      for (Waiter user : users) assertTrue(user.failure() instanceof RuntimeException);
      assertEquals(accepted.get(), ran.get());
    }
  }

  private static Object repeat(Runnable call) {
    while (true) call.run();
  }

  private static void steal(Injector<Integer> injector) {
    injector.push(1);
    injector.steal();
  }

  @Test
  void nullTasks() {
    try (Pool pool = Pool.builder().workers(1).build();
        Group group = pool.group()) {
      assertThrows(NullPointerException.class, () -> pool.execute(null));
      assertThrows(NullPointerException.class, () -> pool.submit((Runnable) null));
      assertThrows(NullPointerException.class, () -> group.execute(null));
      assertThrows(
          NullPointerException.class, () -> pool.executeAll(Collections.singleton(null)));
      assertThrows(NullPointerException.class, () -> pool.parallelFor(0, 1, 1, null));
      assertThrows(NullPointerException.class, () -> JobOptions.of(null));
      assertThrows(NullPointerException.class, () -> new Graph().add(null));
    }
    collect();
  }

  @Test
  void tasksThatThrowErrors() throws Exception {
    AtomicReference<Throwable> uncaught = new AtomicReference<>();
    Error error = new OutOfMemoryError("not really");
    try (Pool pool =
        Pool.builder().workers(1).uncaughtExceptionHandler((t, e) -> uncaught.set(e)).build()) {
      Runnable task =
          () -> {
            throw error;
          };
      Future<?> future = pool.submit(task);
      assertSame(error, assertThrows(ExecutionException.class, future::get).getCause());
      pool.execute(task);
      try (Group group = pool.group()) {
        group.execute(task);
        assertSame(error, assertThrows(ExecutionException.class, group::await).getCause());
      }
      assertEquals(1, pool.submit(() -> 1).get());
      // Deep enough to leave no room: the worker lives on.
      Future<Integer> deep = pool.submit(MisuseTest::deep);
      assertTrue(
          assertThrows(ExecutionException.class, deep::get).getCause() instanceof StackOverflowError);
      assertEquals(2, pool.submit(() -> 2).get());
    }
    assertSame(error, uncaught.get());
  }

  private static int deep() {
    return deep() + 1;
  }

  @Test
  void interruptsWhileWaiting() throws Exception {
    try (Pool pool = Pool.builder().workers(1).build();
        Dispatcher<Integer> dispatcher =
            Dispatcher.<Integer>builder(pool).work((task, at) -> {}).build();
        Channel<Integer> channel = dispatcher.channel().open();
        Group group = pool.group();
        Gate gate = new Gate(pool, 1)) {
      channel.send(1);
      group.execute(() -> {});
      List<Waiter> waiters =
          List.of(
              new Waiter(() -> dispatcher.await(1, TimeUnit.DAYS)),
              new Waiter(
                  () -> {
                    group.await();
                    return null;
                  }));
      for (Waiter waiter : waiters) {
        waiter.awaitWaiting();
        waiter.thread.interrupt();
        assertTrue(waiter.failure() instanceof InterruptedException);
      }
    }
  }

  @Test
  void queuesThatAreFullAndTimeouts() throws Exception {
    try (Pool pool = Pool.builder().workers(1).capacity(1).build();
        Gate gate = new Gate(pool, 1);
        MessageQueue<Integer> queue = new MessageQueue<>(1)) {
      pool.execute(() -> {});
      assertFalse(pool.tryExecute(() -> {}, 0, TimeUnit.NANOSECONDS));
      assertFalse(pool.tryExecute(() -> {}, 1, TimeUnit.MILLISECONDS));
      queue.push(1);
      assertFalse(queue.tryPush(2));
      assertFalse(queue.pushBounded(2, -1, TimeUnit.DAYS));
      assertEquals(1, queue.poll(-1, TimeUnit.DAYS));
      assertNull(queue.poll(Long.MIN_VALUE, TimeUnit.DAYS));
      assertFalse(pool.awaitTermination(1, TimeUnit.MILLISECONDS));
    }
  }

  @Test
  void manyPools() throws Exception {
    for (int i = 0; i < 1000; i++) {
      try (Pool pool = Pool.builder().workers(1).build()) {
        assertEquals(i, pool.submit(() -> 1).get() + i - 1);
      }
    }
  }

  @Test
  void callbacksDuringShutdown() throws Exception {
    AtomicInteger refused = new AtomicInteger();
    AtomicInteger dropped = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    Pool pool = Pool.builder().workers(1).build();
    Dispatcher<Integer> dispatcher =
        Dispatcher.<Integer>builder(pool)
            .work((task, at) -> done.incrementAndGet())
            .dropped(
                task -> {
                  dropped.incrementAndGet();
                  try {
                    pool.execute(() -> {});
                  } catch (RejectedExecutionException e) {
                    refused.incrementAndGet();
                  }
                })
            .build();
    Channel<Integer> channel = dispatcher.channel().open();
    channel.pause();
    for (int i = 0; i < 10; i++) channel.send(i);
    pool.shutdownNow();
    assertTrue(pool.awaitTermination(1, TimeUnit.DAYS));
    assertEquals(10, dropped.get() + done.get());
    assertEquals(dropped.get(), refused.get());
    channel.close();
    dispatcher.close();
  }

  @Test
  void whatIsNeverClosed() throws Exception {
    leave();
    collect();
  }

  private static void leave() throws Exception {
    Pool pool = Pool.builder().workers(1).build();
    pool.submit(() -> 1).get();
    MessageQueue<Object> queue = new MessageQueue<>();
    queue.push(queue.sender());
    new ByteQueue().push(new byte[100]);
    new Deque<Integer>(Deque.Flavor.LIFO).push(1);
    new Injector<Integer>().push(1);
    Dispatcher<Integer> dispatcher =
        Dispatcher.<Integer>builder(pool).work((task, at) -> {}).build();
    dispatcher.channel().open().send(1);
    Graph graph = new Graph();
    graph.add(JobOptions.of(job -> {}));
    graph.run(pool);
    Jobserver.serve(2, Jobserver.Style.FIFO).acquire();
    Process.options("true").start().waitFor();
  }

  // By the collector, and its cleaner's thread.
  private static void collect() {
    for (long kind = Raw.KIND_CANCEL; kind <= Raw.KIND_RESULT; kind++) {
      while (Raw.live_objects(kind) != 0) System.gc();
    }
  }
}
