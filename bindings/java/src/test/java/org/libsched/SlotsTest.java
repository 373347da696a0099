package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SlotsTest {
  private static final Runnable NOTHING = () -> {};

  @Test
  void blocksAreUsedAgain() {
    long[] many = Slots.put(tasks(100_000), 0, 100_000, null, 0);
    Slots.remove(many, 0);
    int free = Slots.freeBlocks();
    for (int round = 0; round < 100_000; round++) Slots.remove(Slots.put(NOTHING, null));
    assertEquals(free, Slots.freeBlocks());
  }

  @Test
  void eachKeepsItsTask() {
    Runnable[] tasks = tasks(2000);
    long[] slots = Slots.put(tasks, 1, 2000, null, 1L << 40);
    for (int i = 0; i < slots.length; i++) {
      assertEquals(1, slots[i] >>> 40);
      assertSame(tasks[i + 1], Slots.peek(slots[i]));
    }
    Slots.remove(slots, 0);
  }

  private static Runnable[] tasks(int count) {
    Runnable[] tasks = new Runnable[count];
    Arrays.setAll(tasks, i -> new Held(i));
    return tasks;
  }
}
