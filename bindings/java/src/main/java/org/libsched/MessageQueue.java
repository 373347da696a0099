package org.libsched;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Objects that threads send to each other, first in, first out, with two ways in: {@link #push} never waits and may pass the
 * bound, for messages that must get through; {@link #pushBounded(Object)} waits while the queue is full, for those that may
 * come faster than they are taken.
 *
 * <pre>{@code
 * try (MessageQueue<Line> lines = new MessageQueue<>(1000)) {
 *   pool.execute(() -> {
 *     try (Sender<Line> out = lines.sender()) {
 *       read(out);
 *     }
 *   });
 *   for (Line line; (line = lines.pop()) != null; ) show(line);
 * }
 * }</pre>
 *
 * <p>Any number of threads may use each side. A queue takes no more after {@link #shutdown}, or when the last of its {@link
 * #sender}s is closed; what it holds can still be taken.
 *
 * @param <T> the type of the messages
 * @since 0.1
 */
public final class MessageQueue<T> extends MessageSink<T> implements AutoCloseable {
  private static final int SLICE = 256; // messages that are taken at once

  private final QueueHandle queue;

  /** Makes an empty queue without a bound. */
  public MessageQueue() {
    this(0);
  }

  /**
   * Makes an empty queue.
   *
   * @param bound how many messages fill it; 0: it is never full
   * @throws IllegalArgumentException if the bound is negative
   */
  public MessageQueue(long bound) {
    queue = new QueueHandle(this, 0, bound, 0);
  }

  /**
   * Makes a producer whose end is noticed.
   *
   * @return a producer, to be closed
   * @throws LibschedException with {@link Status#CLOSED} if the queue takes no more
   */
  public Sender<T> sender() {
    return new Sender<>(queue.newSender());
  }

  /**
   * Takes the oldest message. Waits for one; a task of a pool that waits does not keep the others from running.
   *
   * @return the message; null if there is none and will never be one
   * @throws InterruptedException if the thread is interrupted; nothing was taken
   */
  public T pop() throws InterruptedException {
    return popped(Waiting.on(Raw.FOREVER, null, this::pop));
  }

  /**
   * As {@link #pop}.
   *
   * @param timeout how long to wait
   * @param unit the unit of the timeout
   * @return the message; null if there is none: {@link #isDrained} says whether there will never be one
   * @throws InterruptedException if the thread is interrupted; nothing was taken
   */
  public T poll(long timeout, TimeUnit unit) throws InterruptedException {
    return popped(Waiting.on(Math.max(unit.toNanos(timeout), 0), null, this::pop));
  }

  /**
   * Takes the oldest message, if there is one. Does not wait.
   *
   * @return the message; null if there is none: {@link #isDrained} says whether there will never be one
   */
  public T tryPop() {
    return popped(handle().with(Raw::queue_try_pop, RawStatus.E_CLOSED));
  }

  /**
   * Takes all messages that there are, in order. Does not wait.
   *
   * @param into where they go
   * @return how many there were
   */
  public int drainTo(Collection<? super T> into) {
    return drainTo(into, Integer.MAX_VALUE);
  }

  /**
   * Takes messages that there are, the oldest first. Does not wait.
   *
   * @param into where they go
   * @param most how many to take at most
   * @return how many were taken
   */
  public int drainTo(Collection<? super T> into, int most) {
    long[] slots = new long[Math.max(Math.min(most, SLICE), 0)];
    int count = 0;
    while (count < most) {
      int n = Math.min(most - count, slots.length);
      long taken = handle().with(q -> Raw.queue_pop_n(slots, q, n, 0, 0), RawStatus.E_CLOSED);
      if (!queue.has(taken)) break;
      List<T> part = new ArrayList<>((int) taken);
      for (int i = 0; i < taken; i++) part.add(Held.take(slots[i]));
      into.addAll(part);
      count += (int) taken;
    }
    return count;
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

  /** Takes no more messages. What is there can still be taken. Does not wait; doing it again does nothing. */
  public void shutdown() {
    queue.shutdown();
  }

  /** Takes no more messages, and drops those that are there. Threads that wait return. Closing once more does nothing. */
  @Override
  public void close() {
    queue.close();
  }

  private T popped(long slot) {
    return queue.has(slot) ? Held.take(slot) : null;
  }

  private long pop(long timeout, long cancel) {
    return handle().with(q -> Raw.queue_pop(q, timeout, cancel), RawStatus.E_CLOSED);
  }

  @Override
  NativeHandle handle() {
    return queue.handle;
  }

  @Override
  long rawPush(long address, long slot) {
    return Raw.queue_push(address, slot);
  }

  @Override
  long rawTryPush(long address, long slot) {
    return Raw.queue_try_push(address, slot);
  }

  @Override
  long rawPushBounded(long address, long slot, long timeout, long cancel) {
    return Raw.queue_push_bounded(address, slot, timeout, cancel);
  }
}
