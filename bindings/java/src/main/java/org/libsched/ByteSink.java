package org.libsched;

import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Where messages of bytes are pushed. */
abstract class ByteSink {
  /** How many bytes fill the queue; 0: any number. */
  final long byteBound;

  ByteSink(long byteBound) {
    this.byteBound = byteBound;
  }

  abstract NativeHandle handle();

  abstract long rawPush(long address, byte[] message);

  abstract long rawTryPush(long address, byte[] message);

  abstract long rawPushBounded(long address, byte[] message, long timeout, long cancel);

  /**
   * Adds a copy of a message, however many there are. Does not wait.
   *
   * @param message the bytes, all of them
   * @throws LibschedException with {@link Status#CLOSED} if the queue takes no more
   */
  public void push(byte[] message) {
    Objects.requireNonNull(message, "message");
    LibschedException.check(
        handle().with(address -> rawPush(address, message), RawStatus.E_CLOSED));
  }

  /**
   * As {@link #push(byte[])}.
   *
   * @param message the bytes that remain; its position is at their end afterwards
   * @throws LibschedException with {@link Status#CLOSED} if the queue takes no more; the position stays
   */
  public void push(ByteBuffer message) {
    push(copy(message));
    message.position(message.limit());
  }

  /**
   * Adds a copy of a message if the bounds leave room for it. Does not wait.
   *
   * @param message the bytes, all of them
   * @return whether it was added
   * @throws LibschedException with {@link Status#CLOSED} if the queue takes no more; with {@link Status#RANGE} if the message
   *     is longer than the byte bound
   */
  public boolean tryPush(byte[] message) {
    Objects.requireNonNull(message, "message");
    checkSize(message);
    return QueueHandle.pushed(
        handle().with(address -> rawTryPush(address, message), RawStatus.E_CLOSED));
  }

  /**
   * As {@link #tryPush(byte[])}.
   *
   * @param message the bytes that remain; its position is at their end if they were added
   * @return whether it was added
   * @throws LibschedException as {@link #tryPush(byte[])}
   */
  public boolean tryPush(ByteBuffer message) {
    boolean pushed = tryPush(copy(message));
    if (pushed) message.position(message.limit());
    return pushed;
  }

  /**
   * Adds a copy of a message once the bounds leave room for it. Waits while the queue is full, first come, first served; a task
   * of a pool that waits does not keep the others from running.
   *
   * @param message the bytes, all of them
   * @throws InterruptedException if the thread is interrupted; the message was not added
   * @throws LibschedException with {@link Status#CLOSED} if the queue takes no more; with {@link Status#RANGE} if the message
   *     is longer than the byte bound
   */
  public void pushBounded(byte[] message) throws InterruptedException {
    pushBounded(message, Raw.FOREVER);
  }

  /**
   * As {@link #pushBounded(byte[])}.
   *
   * @param message the bytes that remain; its position is at their end if they were added
   * @throws InterruptedException if the thread is interrupted; the message was not added
   * @throws LibschedException as {@link #pushBounded(byte[])}
   */
  public void pushBounded(ByteBuffer message) throws InterruptedException {
    pushBounded(copy(message), Raw.FOREVER);
    message.position(message.limit());
  }

  /**
   * As {@link #pushBounded(byte[])}.
   *
   * @param message the bytes, all of them
   * @param timeout how long to wait for room
   * @param unit the unit of the timeout
   * @return whether it was added
   * @throws InterruptedException if the thread is interrupted; the message was not added
   * @throws LibschedException as {@link #pushBounded(byte[])}
   */
  public boolean pushBounded(byte[] message, long timeout, TimeUnit unit)
      throws InterruptedException {
    return pushBounded(message, Math.max(unit.toNanos(timeout), 0));
  }

  private boolean pushBounded(byte[] message, long timeout) throws InterruptedException {
    Objects.requireNonNull(message, "message");
    checkSize(message);
    return QueueHandle.pushed(
        Waiting.on(timeout, null, (ns, cancel) -> pushBounded(message, ns, cancel)));
  }

  private long pushBounded(byte[] message, long timeout, long cancel) {
    return handle()
        .with(address -> rawPushBounded(address, message, timeout, cancel), RawStatus.E_CLOSED);
  }

  private void checkSize(byte[] message) {
    if (byteBound == 0 || message.length <= byteBound) return;
    throw LibschedException.of(
        RawStatus.E_RANGE, "a message of " + message.length + " bytes; the bound is " + byteBound);
  }

  private static byte[] copy(ByteBuffer message) {
    byte[] bytes = new byte[message.remaining()];
    message.duplicate().get(bytes);
    return bytes;
  }
}
