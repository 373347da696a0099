package org.libsched;

/**
 * A producer of a {@link MessageQueue}, of which the queue knows: when the last one is closed, the queue takes no more. Any
 * thread may use it.
 *
 * @param <T> the type of the messages
 * @since 0.1
 */
public final class Sender<T> extends MessageSink<T> implements AutoCloseable {
  private final NativeHandle sender;

  Sender(long address) {
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
  long rawPush(long address, long slot) {
    return Raw.sender_push(address, slot);
  }

  @Override
  long rawTryPush(long address, long slot) {
    return Raw.sender_try_push(address, slot);
  }

  @Override
  long rawPushBounded(long address, long slot, long timeout, long cancel) {
    return Raw.sender_push_bounded(address, slot, timeout, cancel);
  }
}
