package org.libsched;

import java.util.Collection;

/**
 * An unbounded queue, first in, first out, that any thread may push to and take from, and that fills {@link Deque}s.
 *
 * @param <T> the type of the elements
 * @since 0.1
 */
public final class Injector<T> implements AutoCloseable {
  private final NativeHandle handle = new NativeHandle(this, create(), Raw::injector_unref);

  /** Makes an empty injector. */
  public Injector() {}

  private static long create() {
    long options = Raw.new_injector_options();
    try {
      Raw.injector_options_init(options);
      Raw.injector_options_discard_set(options, Raw.upcall_discard());
      return LibschedException.check(Raw.injector_create(options));
    } finally {
      Raw.delete_injector_options(options);
    }
  }

  /**
   * Adds an element. Does not wait.
   *
   * @param item the element, not null
   * @throws IllegalStateException if the injector was closed
   */
  public void push(T item) {
    long slot = Held.put(item);
    long status = RawStatus.E_INTERNAL;
    try {
      status = handle.with(address -> Raw.injector_push(address, slot));
    } finally {
      if (status != 0) Slots.remove(slot);
    }
    LibschedException.check(status);
  }

  /**
   * Adds elements, in order, by one call of the engine; those of other threads may come between them. Does not wait.
   *
   * @param items the elements, none of them null
   * @throws IllegalStateException if the injector was closed
   * @throws OutOfMemoryError if memory did not suffice for all of them; the first ones were added
   */
  public void pushAll(Collection<? extends T> items) {
    Object[] all = items.toArray();
    long[] slots = new long[all.length];
    int put = 0;
    long pushed = 0;
    try {
      for (Object item : all) slots[put++] = Held.put(item);
      pushed = handle.with(address -> Raw.injector_push_n(address, slots));
      LibschedException.check(pushed);
    } finally {
      for (int i = (int) Math.max(pushed, 0); i < put; i++) Slots.remove(slots[i]);
    }
    if (pushed < slots.length) throw new OutOfMemoryError("no memory for all elements");
  }

  /**
   * Takes the oldest element. Does not wait.
   *
   * @return the element; null if there is none
   * @throws IllegalStateException if the injector was closed
   */
  public T steal() {
    return Stealer.taken(Stealer.take(handle, Raw::injector_steal));
  }

  /**
   * Moves up to half of the elements, rounded up, into a deque, whose owner pops them oldest first. Does not wait. The thread must
   * be the deque's owner.
   *
   * @param into receives them
   * @param most how many at most; 0: 32
   * @return whether there was any, and room for it
   * @throws IllegalArgumentException if `most` is negative
   * @throws IllegalStateException if the injector or the deque was closed
   * @throws LibschedException with {@link Status#BUSY} if another thread is at the deque's owner's end
   */
  public boolean stealBatch(Deque<T> into, int most) {
    return Stealer.moved(
        Stealer.batch(
            handle, into, most, (from, to) -> Raw.injector_steal_batch(from, to, most)));
  }

  /**
   * As {@link #stealBatch}, and takes the oldest one of them at once.
   *
   * @param into receives the others
   * @param most how many at most, this one included; 0: 33
   * @return the element; null if there is none
   * @throws IllegalArgumentException if `most` is negative
   * @throws IllegalStateException if the injector or the deque was closed
   * @throws LibschedException as {@link #stealBatch}
   */
  public T stealBatchAndPop(Deque<T> into, int most) {
    return Stealer.taken(
        Stealer.batch(
            handle, into, most, (from, to) -> Raw.injector_steal_batch_and_pop(from, to, most)));
  }

  /**
   * How many elements there are.
   *
   * @return the count; exact when nobody else uses the injector
   */
  public long size() {
    return handle.with(Raw::injector_len, 0);
  }

  /** Forgets what is there. Does not wait; closing once more does nothing. */
  @Override
  public void close() {
    handle.close();
  }
}
