package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StealingQueueTest {
  @AfterEach
  void nothingIsLeft() {
    Live.assertNone();
  }

  @Test
  void givesTheMostUrgentFirst() {
    try (StealingQueue<String> queue = new StealingQueue<>(2)) {
      queue.submit("low", Priority.LOW);
      queue.submit("normal", Priority.NORMAL);
      queue.submitLocal(0, "local", Priority.NORMAL);
      queue.submit("high", Priority.HIGH);
      assertEquals(2, queue.size(Priority.NORMAL));
      assertEquals("high", queue.next(0));
      assertEquals("local", queue.next(0));
      assertEquals("normal", queue.next(1));
      assertEquals("low", queue.next(1));
      assertNull(queue.next(0));
    }
  }

  @Test
  void contextsShareTheWork() throws Exception {
    try (StealingQueue<Integer> queue = new StealingQueue<>(2)) {
      for (int i = 0; i < 10_000; i++) queue.submitLocal(0, i, Priority.NORMAL);
      Set<Integer> seen = Collections.newSetFromMap(new ConcurrentHashMap<>());
      CountDownLatch other = new CountDownLatch(1);
      Thread thief =
          new Thread(
              () -> {
                for (Integer item; (item = queue.next(1)) != null; other.countDown()) seen.add(item);
                other.countDown();
              });
      thief.start();
      other.await();
      for (Integer item; (item = queue.next(0)) != null; ) seen.add(item);
      thief.join();
      assertEquals(10_000, seen.size());
    }
  }

  @Test
  void whatIsWrong() {
    assertThrows(IllegalArgumentException.class, () -> new StealingQueue<>(0));
    assertThrows(IllegalArgumentException.class, () -> new StealingQueue<>(1, -1, 0));
    assertThrows(LibschedException.class, () -> new StealingQueue<>(1, 0, 1));
    StealingQueue<Object> queue = new StealingQueue<>(1);
    assertThrows(LibschedException.class, () -> queue.next(1));
    assertThrows(LibschedException.class, () -> queue.submitLocal(-1, 1, Priority.LOW));
    assertThrows(NullPointerException.class, () -> queue.submit(null, Priority.LOW));
    queue.submit(new Object(), Priority.LOW); // dropped
    queue.close();
    queue.close();
    assertThrows(IllegalStateException.class, () -> queue.next(0));
  }
}
