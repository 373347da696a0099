package org.libsched;

import java.util.concurrent.TimeUnit;

/** Where messages are pushed. */
abstract class MessageSink<T> {
  abstract NativeHandle handle();

  abstract long rawPush(long address, long slot);

  abstract long rawTryPush(long address, long slot);

  abstract long rawPushBounded(long address, long slot, long timeout, long cancel);

  /**
   * Adds a message, however many there are. Does not wait.
   *
   * @param message the message, not null
   * @throws LibschedException with {@link Status#CLOSED} if the queue takes no more
   */
  public void push(T message) {
    long slot = Held.put(message);
    long status = RawStatus.E_INTERNAL;
    try {
      status = handle().with(address -> rawPush(address, slot), RawStatus.E_CLOSED);
    } finally {
      if (status != 0) Slots.remove(slot);
    }
    LibschedException.check(status);
  }

  /**
   * Adds a message if there are fewer than the bound. Does not wait.
   *
   * @param message the message, not null
   * @return whether it was added
   * @throws LibschedException with {@link Status#CLOSED} if the queue takes no more
   */
  public boolean tryPush(T message) {
    long slot = Held.put(message);
    long status = RawStatus.E_INTERNAL;
    try {
      status = handle().with(address -> rawTryPush(address, slot), RawStatus.E_CLOSED);
    } finally {
      if (status != 0) Slots.remove(slot);
    }
    return QueueHandle.pushed(status);
  }

  /**
   * Adds a message once there are fewer than the bound. Waits while the queue is full, first come, first served; a task of a
   * pool that waits does not keep the others from running.
   *
   * @param message the message, not null
   * @throws InterruptedException if the thread is interrupted; the message was not added
   * @throws LibschedException with {@link Status#CLOSED} if the queue takes no more
   */
  public void pushBounded(T message) throws InterruptedException {
    pushBounded(message, Raw.FOREVER);
  }

  /**
   * As {@link #pushBounded(Object)}.
   *
   * @param message the message, not null
   * @param timeout how long to wait for room
   * @param unit the unit of the timeout
   * @return whether it was added
   * @throws InterruptedException if the thread is interrupted; the message was not added
   * @throws LibschedException with {@link Status#CLOSED} if the queue takes no more
   */
  public boolean pushBounded(T message, long timeout, TimeUnit unit) throws InterruptedException {
    return pushBounded(message, Math.max(unit.toNanos(timeout), 0));
  }

  private boolean pushBounded(T message, long timeout) throws InterruptedException {
    long slot = Held.put(message);
    long status = RawStatus.E_INTERNAL;
    try {
      status = Waiting.on(timeout, null, (ns, cancel) -> pushBounded(slot, ns, cancel));
    } finally {
      if (status != 0) Slots.remove(slot);
    }
    return QueueHandle.pushed(status);
  }

  private long pushBounded(long slot, long timeout, long cancel) {
    return handle()
        .with(address -> rawPushBounded(address, slot, timeout, cancel), RawStatus.E_CLOSED);
  }
}
