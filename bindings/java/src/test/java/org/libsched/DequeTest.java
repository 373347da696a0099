package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DequeTest {
  @AfterEach
  void everythingIsGone() {
    Live.assertNone();
  }

  @Test
  void hasTwoFlavors() {
    for (Deque.Flavor flavor : Deque.Flavor.values()) {
      try (Deque<Integer> deque = new Deque<>(flavor);
          Stealer<Integer> stealer = deque.stealer()) {
        for (int i = 0; i < 4; i++) assertTrue(deque.push(i));
        assertEquals(4, deque.size());
        assertEquals(4, stealer.size());
        assertEquals(flavor == Deque.Flavor.LIFO ? 3 : 0, deque.pop());
        assertEquals(flavor == Deque.Flavor.LIFO ? 0 : 1, stealer.steal());
      }
    }
  }

  @Test
  void knowsItsCapacity() {
    try (Deque<Integer> deque = new Deque<>(Deque.Flavor.FIFO, 1)) {
      assertTrue(deque.push(1));
      assertFalse(deque.push(2));
      assertEquals(1, deque.pop());
      assertNull(deque.pop());
    }
  }

  @Test
  void movesBatches() {
    try (Deque<Integer> from = new Deque<>(Deque.Flavor.FIFO);
        Deque<Integer> into = new Deque<>(Deque.Flavor.FIFO);
        Stealer<Integer> stealer = from.stealer()) {
      assertFalse(stealer.stealBatch(into, 0));
      assertNull(stealer.stealBatchAndPop(into, 0));
      for (int i = 0; i < 8; i++) from.push(i);
      assertTrue(stealer.stealBatch(into, 2));
      assertEquals(2, into.size());
      assertEquals(2, stealer.stealBatchAndPop(into, 0));
      assertEquals(0, into.pop());
      assertThrows(IllegalArgumentException.class, () -> stealer.stealBatch(into, -1));
    }
  }

  @Test
  void saysWhichCapacityIsTooLarge() {
    LibschedException thrown =
        assertThrows(
            LibschedException.class, () -> new Deque<>(Deque.Flavor.LIFO, (1L << 40) + 1));
    assertEquals(Status.RANGE, thrown.status());
    assertEquals("capacity 1099511627777 is more than 1099511627776", thrown.getMessage());
    new Deque<Integer>(Deque.Flavor.LIFO, 1L << 40).close();
  }

  @Test
  void injects() {
    try (Injector<Integer> injector = new Injector<>();
        Deque<Integer> deque = new Deque<>(Deque.Flavor.LIFO)) {
      assertNull(injector.steal());
      injector.push(0);
      injector.pushAll(List.of(1, 2, 3, 4, 5, 6, 7));
      injector.pushAll(List.of());
      assertEquals(8, injector.size());
      assertEquals(0, injector.steal());
      assertEquals(1, injector.stealBatchAndPop(deque, 3));
      assertTrue(injector.stealBatch(deque, 1));
      assertEquals(3, deque.size());
      assertThrows(NullPointerException.class, () -> injector.push(null));
    }
  }

  @Test
  void canBeUsedAfterItsEnd() {
    Deque<Integer> deque = new Deque<>(Deque.Flavor.FIFO);
    Stealer<Integer> stealer = deque.stealer();
    Injector<Integer> injector = new Injector<>();
    deque.push(1);
    injector.push(2);
    deque.close();
    deque.close();
    assertEquals(1, stealer.steal());
    stealer.close();
    injector.close();
    assertThrows(IllegalStateException.class, () -> deque.push(2));
    assertThrows(IllegalStateException.class, deque::pop);
    assertThrows(IllegalStateException.class, deque::stealer);
    assertThrows(IllegalStateException.class, stealer::steal);
    assertThrows(IllegalStateException.class, injector::steal);
    assertThrows(IllegalStateException.class, () -> injector.pushAll(List.of(1)));
    assertEquals(0, deque.size());
  }

  @Test
  void givesEachElementOnce() throws Exception {
    long count = 20_000;
    AtomicLong sum = new AtomicLong();
    AtomicLong taken = new AtomicLong();
    try (Pool pool = Pool.builder().workers(2).build();
        Deque<Long> deque = new Deque<>(Deque.Flavor.LIFO);
        Stealer<Long> stealer = deque.stealer();
        Injector<Long> injector = new Injector<>()) {
      List<Future<?>> thieves =
          LongStream.range(0, 2)
              .mapToObj(
                  thief ->
                      pool.submit(
                          () -> {
                            while (taken.get() < 2 * count) {
                              Long item = thief == 0 ? stealer.steal() : injector.steal();
                              if (item == null) {
                                Thread.yield();
                                continue;
                              }
                              sum.addAndGet(item);
                              taken.incrementAndGet();
                            }
                          }))
              .collect(Collectors.toList());
      for (long i = 0; i < count; i++) {
        injector.push(i);
        deque.push(i);
        Long own = i % 3 == 0 ? deque.pop() : null;
        if (own == null) continue;
        sum.addAndGet(own);
        taken.incrementAndGet();
      }
      for (Future<?> thief : thieves) thief.get();
    }
    assertEquals(count * (count - 1), sum.get());
  }
}
