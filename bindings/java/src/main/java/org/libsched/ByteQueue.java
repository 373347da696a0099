package org.libsched;

import java.nio.BufferOverflowException;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Messages of bytes that threads send to each other, first in, first out. The queue copies them in and out, so they are
 * stored outside of the heap. Its two ways in are those of {@link MessageQueue}.
 *
 * <p>Any number of threads may use each side. A queue takes no more after {@link #shutdown}, or when the last of its {@link
 * #sender}s is closed; what it holds can still be taken.
 *
 * @since 0.1
 */
public final class ByteQueue extends ByteSink implements AutoCloseable {
  private static final int FIRST_SIZE = 64;

  private final QueueHandle queue;
  private int usual = FIRST_SIZE; // a guess at the next message's size, by any thread

  /** Makes an empty queue without bounds. */
  public ByteQueue() {
    this(0, 0);
  }

  /**
   * Makes an empty queue.
   *
   * @param bound how many messages fill it; 0: any number
   * @param byteBound how many bytes fill it; 0: any number
   * @throws IllegalArgumentException if a bound is negative
   */
  public ByteQueue(long bound, long byteBound) {
    super(byteBound);
    queue = new QueueHandle(this, Raw.QUEUE_BYTES, bound, byteBound);
  }

  /**
   * Makes a producer whose end is noticed.
   *
   * @return a producer, to be closed
   * @throws LibschedException with {@link Status#CLOSED} if the queue takes no more
   */
  public ByteSender sender() {
    return new ByteSender(queue.newSender(), byteBound);
  }

  /**
   * Takes the oldest message. Waits for one; a task of a pool that waits does not keep the others from running.
   *
   * @return its bytes; null if there is none and will never be one
   * @throws InterruptedException if the thread is interrupted; nothing was taken
   */
  public byte[] pop() throws InterruptedException {
    return pop(Raw.FOREVER);
  }

  /**
   * As {@link #pop()}.
   *
   * @param timeout how long to wait
   * @param unit the unit of the timeout
   * @return its bytes; null if there is none: {@link #isDrained} says whether there will never be one
   * @throws InterruptedException if the thread is interrupted; nothing was taken
   */
  public byte[] poll(long timeout, TimeUnit unit) throws InterruptedException {
    return pop(Math.max(unit.toNanos(timeout), 0));
  }

  // A message that is longer than was guessed stays where it is; another thread may take it meanwhile.
  private byte[] pop(long timeout) throws InterruptedException {
    for (int room = usual; ; ) {
      byte[] buffer = new byte[room];
      long size = Waiting.on(timeout, null, (ns, cancel) -> pop(buffer, ns, cancel));
      if (!queue.has(size)) return null;
      if (size <= room) return cut(buffer, (int) size);
      room = usual = (int) size;
    }
  }

  /**
   * Takes the oldest message, if there is one. Does not wait.
   *
   * @return its bytes; null if there is none: {@link #isDrained} says whether there will never be one
   */
  public byte[] tryPop() {
    for (int room = usual; ; ) {
      byte[] buffer = new byte[room];
      long size =
          handle().with(q -> Raw.queue_try_pop_bytes(buffer, q, buffer.length), RawStatus.E_CLOSED);
      if (!queue.has(size)) return null;
      if (size <= room) return cut(buffer, (int) size);
      room = usual = (int) size;
    }
  }

  /**
   * Takes the oldest message into an array, which makes no garbage. Waits for one, as {@link #pop()}.
   *
   * @param into receives the message, from its first element on
   * @return the length of the message in bytes; -1 if there is none and will never be one
   * @throws BufferOverflowException if the message is longer than the array; it stays in the queue
   * @throws InterruptedException if the thread is interrupted; nothing was taken
   */
  public int pop(byte[] into) throws InterruptedException {
    Objects.requireNonNull(into, "into");
    long size = Waiting.on(Raw.FOREVER, null, (ns, cancel) -> pop(into, ns, cancel));
    if (!queue.has(size)) return -1;
    if (size > into.length) throw new BufferOverflowException();
    return (int) size;
  }

  private long pop(byte[] buffer, long timeout, long cancel) {
    return handle()
        .with(
            q -> Raw.queue_pop_bytes(buffer, q, buffer.length, timeout, cancel),
            RawStatus.E_CLOSED);
  }

  private byte[] cut(byte[] buffer, int size) {
    if (size == buffer.length) return buffer;
    if (size < buffer.length / 2) usual = size;
    return Arrays.copyOf(buffer, size);
  }

  /**
   * Whether somebody who wanted a message was told that there will never be one again.
   *
   * @return whether the queue was shut down and nothing is left
   */
  public boolean isDrained() {
    return queue.isDrained();
  }

  /**
   * How many messages there are.
   *
   * @return the count; exact when nobody else uses the queue
   */
  public long size() {
    return queue.size();
  }

  /**
   * How many bytes the messages have.
   *
   * @return the count; exact when nobody else uses the queue
   */
  public long byteSize() {
    return handle().with(Raw::queue_byte_len, 0);
  }

  /** Takes no more messages. What is there can still be taken. Does not wait; doing it again does nothing. */
  public void shutdown() {
    queue.shutdown();
  }

  /** Takes no more messages, and drops those that are there. Threads that wait return. Closing once more does nothing. */
  @Override
  public void close() {
    queue.close();
  }

  @Override
  NativeHandle handle() {
    return queue.handle;
  }

  @Override
  long rawPush(long address, byte[] message) {
    return Raw.queue_push_bytes(address, message);
  }

  @Override
  long rawTryPush(long address, byte[] message) {
    return Raw.queue_try_push_bytes(address, message);
  }

  @Override
  long rawPushBounded(long address, byte[] message, long timeout, long cancel) {
    return Raw.queue_push_bytes_bounded(address, message, timeout, cancel);
  }
}
