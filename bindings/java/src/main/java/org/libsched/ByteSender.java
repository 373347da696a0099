package org.libsched;

/**
 * A producer of a {@link ByteQueue}, of which the queue knows: when the last one is closed, the queue takes no more. Any thread
 * may use it.
 *
 * @since 0.1
 */
public final class ByteSender extends ByteSink implements AutoCloseable {
  private final NativeHandle sender;

  ByteSender(long address, long byteBound) {
    super(byteBound);
    sender = new NativeHandle(this, address, Raw::sender_unref);
  }

  /** Pushes no more. Does not wait; closing once more does nothing. */
  @Override
  public void close() {
    sender.close();
  }

  @Override
  NativeHandle handle() {
    return sender;
  }

  @Override
  long rawPush(long address, byte[] message) {
    return Raw.sender_push_bytes(address, message);
  }

  @Override
  long rawTryPush(long address, byte[] message) {
    return Raw.sender_try_push_bytes(address, message);
  }

  @Override
  long rawPushBounded(long address, byte[] message, long timeout, long cancel) {
    return Raw.sender_push_bytes_bounded(address, message, timeout, cancel);
  }
}
