package org.libsched;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ByteQueueTest {
  @AfterEach
  void everythingIsGone() {
    Live.assertNone();
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) size);
    return bytes;
  }

  @Test
  void keepsMessagesOfAllLengths() throws Exception {
    int[] sizes = {0, 1, 64, 65, 511, 512, 513, 100_000, 3, 0, 70_000, 64};
    try (ByteQueue queue = new ByteQueue()) {
      for (int size : sizes) queue.push(bytes(size));
      assertEquals(sizes.length, queue.size());
      assertEquals(Arrays.stream(sizes).sum(), queue.byteSize());
      for (int i = 0; i < sizes.length; i++) {
        byte[] got =
            i % 3 == 0 ? queue.pop() : i % 3 == 1 ? queue.tryPop() : queue.poll(1, TimeUnit.DAYS);
        assertArrayEquals(bytes(sizes[i]), got);
      }
      assertNull(queue.tryPop());
    }
  }

  @Test
  void popsIntoAnArray() throws Exception {
    try (ByteQueue queue = new ByteQueue()) {
      queue.push(bytes(8));
      byte[] small = new byte[7];
      assertThrows(BufferOverflowException.class, () -> queue.pop(small));
      byte[] large = new byte[9];
      assertEquals(8, queue.pop(large));
      assertArrayEquals(Arrays.copyOf(bytes(8), 9), large);
      queue.shutdown();
      assertEquals(-1, queue.pop(large));
    }
  }

  @Test
  void takesBuffers() throws Exception {
    try (ByteQueue queue = new ByteQueue(2, 0)) {
      for (ByteBuffer buffer : new ByteBuffer[] {ByteBuffer.allocate(9), ByteBuffer.allocateDirect(9)}) {
        buffer.put(bytes(9)).position(4);
        assertTrue(queue.tryPush(buffer));
        assertEquals(9, buffer.position());
      }
      ByteBuffer third = ByteBuffer.wrap(bytes(3));
      assertFalse(queue.tryPush(third));
      assertEquals(0, third.position());
      queue.push(third.asReadOnlyBuffer());
      for (int size : new int[] {5, 5, 3}) assertEquals(size, queue.pop().length);
      queue.pushBounded(third);
      assertEquals(3, third.position());
    }
  }

  @Test
  void knowsItsBounds() throws Exception {
    try (ByteQueue queue = new ByteQueue(0, 10)) {
      assertTrue(queue.tryPush(bytes(8)));
      assertFalse(queue.tryPush(bytes(3)));
      assertFalse(queue.pushBounded(bytes(3), 1, TimeUnit.MILLISECONDS));
      LibschedException thrown =
          assertThrows(LibschedException.class, () -> queue.tryPush(bytes(11)));
      assertEquals(Status.RANGE, thrown.status());
      assertEquals("a message of 11 bytes; the bound is 10", thrown.getMessage());
      try (ByteSender sender = queue.sender()) {
        thrown = assertThrows(LibschedException.class, () -> sender.pushBounded(bytes(12)));
        assertEquals("a message of 12 bytes; the bound is 10", thrown.getMessage());
        assertTrue(sender.tryPush(bytes(2)));
      }
    }
  }

  @Test
  void endsWithItsLastSender() throws Exception {
    try (ByteQueue queue = new ByteQueue()) {
      try (ByteSender sender = queue.sender()) {
        sender.push(bytes(1));
        assertTrue(sender.tryPush(bytes(2)));
        sender.pushBounded(bytes(3));
      }
      for (int size = 1; size <= 3; size++) assertArrayEquals(bytes(size), queue.pop());
      assertNull(queue.pop());
      assertTrue(queue.isDrained());
    }
  }

  @Test
  void canBeUsedAfterItsEnd() throws Exception {
    ByteQueue queue = new ByteQueue();
    ByteSender sender = queue.sender();
    queue.push(bytes(1));
    queue.close();
    queue.close();
    assertThrows(LibschedException.class, () -> queue.push(bytes(1)));
    assertThrows(LibschedException.class, () -> sender.tryPush(bytes(1)));
    assertThrows(LibschedException.class, () -> sender.pushBounded(bytes(1)));
    assertNull(queue.pop());
    assertNull(queue.tryPop());
    assertEquals(-1, queue.pop(bytes(1)));
    assertEquals(0, queue.byteSize());
    sender.close();
  }

  @Test
  void refusesNull() {
    try (ByteQueue queue = new ByteQueue()) {
      assertThrows(NullPointerException.class, () -> queue.push((byte[]) null));
      assertThrows(NullPointerException.class, () -> queue.push((ByteBuffer) null));
      assertThrows(NullPointerException.class, () -> queue.tryPush((byte[]) null));
      assertThrows(NullPointerException.class, () -> queue.pushBounded((byte[]) null));
      assertThrows(NullPointerException.class, () -> queue.pop((byte[]) null));
    }
  }

  @Test
  void passesManyMessages() throws Exception {
    int count = 20_000;
    try (ByteQueue queue = new ByteQueue(64, 0)) {
      Waiter producer =
          new Waiter(
              () -> {
                try (ByteSender sender = queue.sender()) {
                  for (int i = 0; i < count; i++) {
                    sender.pushBounded(ByteBuffer.allocate(64).putInt(i).rewind());
                  }
                }
                return null;
              });
      int got = 0;
      for (byte[] message; (message = queue.pop()) != null; got++) {
        assertEquals(64, message.length);
        assertEquals(got, ByteBuffer.wrap(message).getInt());
      }
      producer.result();
      assertEquals(count, got);
    }
  }
}
