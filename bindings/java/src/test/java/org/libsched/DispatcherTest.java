package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class DispatcherTest {
  @AfterEach
  void everythingIsGone() {
    Live.assertNone();
  }

  private static Status statusOf(Executable call) {
    return assertThrows(LibschedException.class, call).status();
  }

  @Test
  void doesTheTasksOfEachChannelInOrder() throws Exception {
    List<List<Integer>> done = List.of(new ArrayList<>(), new ArrayList<>());
    try (Pool pool = Pool.builder().workers(2).build();
        Dispatcher<int[]> dispatcher =
            Dispatcher.<int[]>builder(pool).work((task, at) -> done.get(task[0]).add(task[1])).build()) {
      for (int number = 0; number < 2; number++) {
        int of = number;
        try (Channel<int[]> channel = dispatcher.channel().limit(1).open()) {
          for (int i = 0; i < 1000; i++) channel.send(new int[] {of, i});
          List<int[]> more =
              IntStream.range(1000, 2000).mapToObj(i -> new int[] {of, i}).collect(Collectors.toList());
          assertEquals(1000, channel.sendAll(more));
        }
      }
      assertTrue(dispatcher.await(1, TimeUnit.HOURS));
      assertEquals(4000, dispatcher.stats().done());
    }
    List<Integer> all = IntStream.range(0, 2000).boxed().collect(Collectors.toList());
    assertEquals(List.of(all, all), done);
  }

  @Test
  void takesTurnsByWeight() throws Exception {
    List<String> done = Collections.synchronizedList(new ArrayList<>());
    try (Pool pool = Pool.builder().workers(1).build();
        Dispatcher<String> dispatcher =
            Dispatcher.<String>builder(pool).work((task, at) -> done.add(task)).limit(1).build();
        Channel<String> heavy = dispatcher.channel().name("heavy").weight(3).open();
        Channel<String> light = dispatcher.channel().name("light").open()) {
      dispatcher.pause();
      for (int i = 0; i < 40; i++) {
        heavy.send("h");
        light.send("l");
      }
      dispatcher.resume();
    }
    assertEquals(80, done.size());
    long early = done.subList(0, 40).stream().filter("h"::equals).count();
    assertTrue(early >= 28 && early <= 32, done.toString());
  }

  @Test
  void tellsTheFinalizerOnTheSameThread() throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    ThreadLocal<String> last = new ThreadLocal<>();
    try (Pool pool = Pool.builder().workers(2).build();
        Dispatcher<String> dispatcher =
            Dispatcher.<String>builder(pool)
                .work(
                    (task, at) -> {
                      last.set(task);
                      assertTrue(at.worker() >= 0);
                      if (task.equals("bad")) throw new Exception("oops");
                      if (task.equals("worse")) throw new StackOverflowError();
                    })
                .finalizer((task, failure) -> told.add(task + last.get() + failure))
                .build()) {
      Channel<String> channel = dispatcher.channel().open();
      for (String task : List.of("good", "bad", "worse")) channel.send(task);
      channel.close();
      dispatcher.await(1, TimeUnit.HOURS);
      assertEquals(2, dispatcher.stats().failed());
    }
    List<String> sorted = told.stream().sorted().collect(Collectors.toList());
    assertEquals(
        List.of(
            "badbadjava.lang.Exception: oops", "goodgoodnull", "worseworsejava.lang.StackOverflowError"),
        sorted);
  }

  @Test
  void dropsWhatIsCleared() throws Exception {
    List<String> dropped = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger ended = new AtomicInteger();
    CountDownLatch runs = new CountDownLatch(1);
    try (Pool pool = Pool.builder().workers(1).build();
        Dispatcher<String> dispatcher =
            Dispatcher.<String>builder(pool)
                .work(
                    (task, at) -> {
                      runs.countDown();
                      while (!at.isCancelled()) Thread.yield();
                    })
                .finalizer((task, failure) -> ended.incrementAndGet())
                .dropped(dropped::add)
                .build();
        Channel<String> channel = dispatcher.channel().open()) {
      channel.send("runs");
      runs.await();
      channel.send("waits");
      assertEquals(1, channel.size());
      assertEquals(1, channel.clear());
      assertEquals(List.of("waits"), dropped);
    }
    assertEquals(List.of("waits", "runs"), dropped);
    assertEquals(0, ended.get());
  }

  @Test
  void knowsBoundAndName() throws Exception {
    AtomicInteger done = new AtomicInteger();
    try (Pool pool = Pool.builder().workers(1).build();
        Dispatcher<Integer> dispatcher =
            Dispatcher.<Integer>builder(pool).work((task, at) -> done.incrementAndGet()).build();
        Channel<Integer> channel = dispatcher.channel().name("a").bound(2).open()) {
      channel.pause();
      assertTrue(channel.trySend(1));
      channel.send(2);
      assertFalse(channel.trySend(3));
      assertFalse(channel.send(3, 1, TimeUnit.MILLISECONDS));
      Waiter sender = new Waiter(() -> channel.sendAll(List.of(3, 4, 5)));
      sender.awaitWaiting();
      LibschedException same =
          assertThrows(LibschedException.class, () -> dispatcher.channel().name("a").open());
      assertEquals(17, same.errno());
      channel.resume();
      assertEquals(3, sender.result());
      assertEquals("a", channel.name());
    }
    assertEquals(5, done.get());
  }

  @Test
  void isInterruptedWhileItWaitsForRoom() throws Exception {
    try (Pool pool = Pool.builder().workers(1).build();
        Dispatcher<Integer> dispatcher =
            Dispatcher.<Integer>builder(pool).work((task, at) -> {}).build();
        Channel<Integer> channel = dispatcher.channel().bound(1).open()) {
      channel.pause();
      channel.send(1);
      Waiter sender =
          new Waiter(
              () -> {
                channel.send(2);
                return null;
              });
      sender.awaitWaiting();
      sender.thread.interrupt();
      assertTrue(sender.failure() instanceof InterruptedException);
      channel.resume();
    }
  }

  @Test
  void mayBeClosedByItsOwnTask() throws Exception {
    AtomicReference<Throwable> uncaught = new AtomicReference<>();
    AtomicInteger done = new AtomicInteger();
    try (Pool pool =
        Pool.builder().workers(1).uncaughtExceptionHandler((t, e) -> uncaught.set(e)).build()) {
      AtomicReference<Dispatcher<Integer>> self = new AtomicReference<>();
      Dispatcher<Integer> dispatcher =
          Dispatcher.<Integer>builder(pool)
              .work(
                  (task, at) -> {
                    self.get().close();
                    done.incrementAndGet();
                  })
              .build();
      self.set(dispatcher);
      try (Channel<Integer> channel = dispatcher.channel().open()) {
        channel.pause();
        for (int i = 0; i < 3; i++) channel.send(i);
        channel.resume();
      }
    }
    assertEquals(3, done.get());
    assertEquals(null, uncaught.get());
    // By a thread of its own, which nobody waits for.
    while (Raw.live_objects(Raw.KIND_DISPATCHER) != 0) Thread.yield();
  }

  @Test
  void canBeUsedAfterItsEnd() throws Exception {
    try (Pool pool = Pool.builder().workers(1).build()) {
      Dispatcher<Integer> dispatcher =
          Dispatcher.<Integer>builder(pool).work((task, at) -> {}).build();
      Channel<Integer> channel = dispatcher.channel().open();
      Channel<Integer> other = dispatcher.channel().open();
      channel.close();
      channel.close();
      assertEquals(Status.CLOSED, statusOf(() -> channel.send(1)));
      assertEquals(Status.CLOSED, statusOf(() -> channel.trySend(1)));
      dispatcher.close();
      dispatcher.close();
      dispatcher.shutdownNow();
      assertEquals(Status.CLOSED, statusOf(() -> other.send(1)));
      assertEquals(Status.CLOSED, statusOf(() -> dispatcher.channel().open()));
      assertEquals(Status.CLOSED, statusOf(dispatcher::pause));
      assertThrows(IllegalStateException.class, dispatcher::stats);
      assertEquals(0, other.clear());
      other.close();
    }
    Pool pool = Pool.builder().workers(1).build();
    pool.close();
    assertThrows(RuntimeException.class, () -> Dispatcher.<Integer>builder(pool).work((t, at) -> {}).build());
  }

  @Test
  void refusesNull() {
    try (Pool pool = Pool.builder().workers(1).build();
        Dispatcher<Integer> dispatcher =
            Dispatcher.<Integer>builder(pool).work((task, at) -> {}).build();
        Channel<Integer> channel = dispatcher.channel().open()) {
      assertThrows(NullPointerException.class, () -> channel.send(null));
      assertThrows(NullPointerException.class, () -> channel.trySend(null));
      assertThrows(NullPointerException.class, () -> Dispatcher.builder(pool).build());
      assertThrows(NullPointerException.class, () -> Dispatcher.builder(null));
    }
  }

  @Test
  void keepsItsContextToTheCall() throws Exception {
    AtomicReference<TaskContext> kept = new AtomicReference<>();
    try (Pool pool = Pool.builder().workers(1).build();
        Dispatcher<Integer> dispatcher =
            Dispatcher.<Integer>builder(pool).work((task, at) -> kept.set(at)).build();
        Channel<Integer> channel = dispatcher.channel().open()) {
      channel.send(1);
    }
    assertThrows(IllegalStateException.class, kept.get()::isCancelled);
  }
}
