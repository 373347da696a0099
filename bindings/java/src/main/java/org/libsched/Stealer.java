package org.libsched;

import java.util.function.LongUnaryOperator;

/**
 * The side of a {@link Deque} from which any thread takes the oldest element.
 *
 * @param <T> the type of the elements
 * @since 0.1
 */
public final class Stealer<T> implements AutoCloseable {
  private final NativeHandle handle;

  Stealer(long address) {
    handle = new NativeHandle(this, address, Raw::stealer_unref);
  }

  /**
   * Takes the oldest element. Does not wait.
   *
   * @return the element; null if there is none
   * @throws IllegalStateException if the stealer was closed
   */
  public T steal() {
    return taken(take(handle, Raw::stealer_steal));
  }

  /**
   * Moves up to half of the elements, rounded up, into another deque. Does not wait. The thread must be that deque's owner.
   *
   * @param into receives them
   * @param most how many at most; 0: 32
   * @return whether there was any, and room for it
   * @throws IllegalArgumentException if `most` is negative
   * @throws IllegalStateException if the stealer or the deque was closed
   * @throws LibschedException with {@link Status#BUSY} if another thread is at the other deque's owner's end
   */
  public boolean stealBatch(Deque<T> into, int most) {
    return moved(
        batch(handle, into, most, (from, to) -> Raw.stealer_steal_batch(from, to, most)));
  }

  /**
   * As {@link #stealBatch}, and takes one of them at once: the one that the source's owner would have popped first.
   *
   * @param into receives the others
   * @param most how many at most, this one included; 0: 33
   * @return the element; null if there is none
   * @throws IllegalArgumentException if `most` is negative
   * @throws IllegalStateException if the stealer or the deque was closed
   * @throws LibschedException as {@link #stealBatch}
   */
  public T stealBatchAndPop(Deque<T> into, int most) {
    return taken(
        batch(handle, into, most, (from, to) -> Raw.stealer_steal_batch_and_pop(from, to, most)));
  }

  /**
   * How many elements there are.
   *
   * @return the count; exact when nobody else uses the deque
   */
  public long size() {
    return handle.with(Raw::stealer_len, 0);
  }

  /** Takes no more. Does not wait; closing once more does nothing. */
  @Override
  public void close() {
    handle.close();
  }

  /** Takes from one place into a deque. */
  interface Batch {
    long take(long from, long to);
  }

  static long batch(NativeHandle from, Deque<?> into, int most, Batch batch) {
    if (most < 0) throw new IllegalArgumentException("most: " + most);
    return take(from, address -> into.handle().with(to -> batch.take(address, to)));
  }

  /** Takes, again and again as long as another thread was faster. */
  static long take(NativeHandle from, LongUnaryOperator call) {
    for (; ; ) {
      long result = from.with(call);
      if (result != RawStatus.E_RETRY) return result;
      Thread.onSpinWait();
    }
  }

  static boolean moved(long status) {
    if (status == RawStatus.E_EMPTY || status == RawStatus.E_FULL) return false;
    return LibschedException.check(status) == 0;
  }

  static <T> T taken(long slot) {
    return slot == RawStatus.E_EMPTY ? null : Held.take(LibschedException.check(slot));
  }
}
