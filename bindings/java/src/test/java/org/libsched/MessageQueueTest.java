package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MessageQueueTest {
  @AfterEach
  void everythingIsGone() {
    Live.assertNone();
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().collect(Collectors.toList());
  }

  private static Status statusOf(Throwable thrown) {
    return ((LibschedException) thrown).status();
  }

  @Test
  void givesMessagesInOrder() throws Exception {
    try (MessageQueue<Integer> queue = new MessageQueue<>()) {
      for (int i = 0; i < 3; i++) queue.push(i);
      assertEquals(3, queue.size());
      assertEquals(0, queue.pop());
      assertEquals(1, queue.tryPop());
      assertEquals(2, queue.poll(1, TimeUnit.NANOSECONDS));
      assertNull(queue.tryPop());
      assertNull(queue.poll(1, TimeUnit.NANOSECONDS));
      assertFalse(queue.isDrained());
    }
  }

  @Test
  void passesWhatProducersPushToOneConsumer() throws Exception {
    int each = 5_000;
    List<List<Integer>> got = List.of(new ArrayList<>(), new ArrayList<>());
    try (Pool pool = Pool.builder().workers(2).build();
        MessageQueue<int[]> queue = new MessageQueue<>(8)) {
      for (int producer = 0; producer < 2; producer++) {
        int number = producer;
        Sender<int[]> sender = queue.sender();
        pool.submit(
            () -> {
              try (sender) {
                for (int i = 0; i < each; i++) sender.pushBounded(new int[] {number, i});
              }
              return null;
            });
      }
      for (int[] message; (message = queue.pop()) != null; ) got.get(message[0]).add(message[1]);
      assertTrue(queue.isDrained());
    }
    assertEquals(numbers(each), got.get(0));
    assertEquals(numbers(each), got.get(1));
  }

  @Test
  void knowsItsBound() throws Exception {
    try (MessageQueue<String> queue = new MessageQueue<>(1)) {
      assertTrue(queue.tryPush("a"));
      assertFalse(queue.tryPush("b"));
      assertFalse(queue.pushBounded("b", 1, TimeUnit.MILLISECONDS));
      queue.push("passes the bound");
      assertEquals(2, queue.size());
    }
  }

  @Test
  void drains() {
    try (MessageQueue<Integer> queue = new MessageQueue<>()) {
      for (int i : numbers(1000)) queue.push(i);
      List<Integer> all = new ArrayList<>();
      assertEquals(300, queue.drainTo(all, 300));
      assertEquals(700, queue.drainTo(all));
      assertEquals(0, queue.drainTo(all));
      assertEquals(numbers(1000), all);
    }
  }

  @Test
  void takesNoMoreAfterItsShutdown() throws Exception {
    try (MessageQueue<String> queue = new MessageQueue<>()) {
      queue.push("left");
      queue.shutdown();
      queue.shutdown();
      assertEquals(
          Status.CLOSED, statusOf(assertThrows(LibschedException.class, () -> queue.push("x"))));
      assertThrows(LibschedException.class, () -> queue.tryPush("x"));
      assertThrows(LibschedException.class, () -> queue.pushBounded("x"));
      assertThrows(LibschedException.class, queue::sender);
      assertEquals("left", queue.pop());
      assertNull(queue.pop());
      assertTrue(queue.isDrained());
    }
  }

  @Test
  void isClosedWithItsLastSender() throws Exception {
    try (MessageQueue<String> queue = new MessageQueue<>()) {
      Sender<String> one = queue.sender();
      Sender<String> two = queue.sender();
      one.push("a");
      one.close();
      one.close();
      assertThrows(LibschedException.class, () -> one.push("b"));
      assertTrue(two.tryPush("c"));
      two.close();
      assertEquals("a", queue.pop());
      assertEquals("c", queue.pop());
      assertNull(queue.pop());
    }
  }

  @Test
  void canBeUsedAfterItsEnd() throws Exception {
    MessageQueue<String> queue = new MessageQueue<>();
    Sender<String> sender = queue.sender();
    queue.push("dropped");
    queue.close();
    queue.close();
    assertThrows(LibschedException.class, () -> queue.push("x"));
    assertThrows(LibschedException.class, () -> sender.push("x"));
    assertNull(queue.pop());
    assertNull(queue.tryPop());
    assertEquals(0, queue.drainTo(new ArrayList<>()));
    assertEquals(0, queue.size());
    assertThrows(LibschedException.class, queue::sender);
    sender.close();
  }

  @Test
  void refusesNull() {
    try (MessageQueue<String> queue = new MessageQueue<>()) {
      assertThrows(NullPointerException.class, () -> queue.push(null));
      assertThrows(IllegalArgumentException.class, () -> new MessageQueue<String>(-1));
    }
  }

  @Test
  void wakesWhoWaitsWhenItIsClosed() throws Exception {
    MessageQueue<String> queue = new MessageQueue<>();
    Waiter consumer = new Waiter(queue::pop);
    consumer.awaitWaiting();
    queue.close();
    assertNull(consumer.result());
  }

  @Test
  void isInterrupted() throws Exception {
    try (MessageQueue<String> empty = new MessageQueue<>();
        MessageQueue<String> full = new MessageQueue<>(1)) {
      full.push("full");
      Waiter consumer = new Waiter(empty::pop);
      Waiter producer =
          new Waiter(
              () -> {
                full.pushBounded("x");
                return null;
              });
      for (Waiter waiter : List.of(consumer, producer)) {
        waiter.awaitWaiting();
        waiter.thread.interrupt();
        assertTrue(waiter.failure() instanceof InterruptedException);
      }
      assertEquals(1, full.size());
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, full::pop);
      assertFalse(Thread.interrupted());
    }
  }

  @Test
  void letsOthersRunWhileATaskWaits() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    try (Pool pool = Pool.builder().workers(1).build();
        MessageQueue<String> queue = new MessageQueue<>()) {
      var got =
          pool.submit(
              () -> {
                waits.countDown();
                return queue.pop();
              });
      waits.await();
      pool.execute(() -> queue.push("by another task"));
      assertEquals("by another task", got.get());
    }
  }
}
