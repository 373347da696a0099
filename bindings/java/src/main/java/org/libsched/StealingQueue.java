package org.libsched;

/**
 * What a {@link Pool} schedules with, without the threads: elements of three priorities, shared by contexts, one for each of the
 * caller's threads. A context has queues of its own, and takes from the shared ones and from other contexts when they are empty.
 *
 * <p>High elements go before Normal ones, wherever they are, and these before Low ones; of consecutive {@link #next} of a context
 * at most as many as the bounds say pass over what is less urgent. Any thread may submit; a context is used by one thread at a time.
 *
 * @param <T> the type of the elements
 * @since 0.1
 */
public final class StealingQueue<T> implements AutoCloseable {
  private final NativeHandle handle;

  /**
   * Makes an empty queue with the bounds of a pool: 8 for Normal elements, 64 for Low ones.
   *
   * @param contexts how many contexts, at least 1
   * @throws IllegalArgumentException if it is less
   * @throws LibschedException with {@link Status#RANGE} if it is more than a pool may have workers
   */
  public StealingQueue(int contexts) {
    this(contexts, 0, 0);
  }

  /**
   * Makes an empty queue.
   *
   * @param contexts how many contexts, at least 1
   * @param normalBound how many selections in a row may pass over Normal elements; 0: 8
   * @param lowBound how many selections in a row may pass over Low elements, 2 or more; 0: 64
   * @throws IllegalArgumentException if there is no context, or a bound is negative
   * @throws LibschedException with {@link Status#RANGE} if a number is outside of its range
   */
  public StealingQueue(int contexts, int normalBound, int lowBound) {
    if (contexts <= 0) throw new IllegalArgumentException("contexts: " + contexts);
    if (normalBound < 0) throw new IllegalArgumentException("normalBound: " + normalBound);
    if (lowBound < 0) throw new IllegalArgumentException("lowBound: " + lowBound);
    handle =
        new NativeHandle(
            this, create(contexts, normalBound, lowBound), Raw::stealing_queue_unref);
  }

  private static long create(long contexts, long normalBound, long lowBound) {
    long options = Raw.new_stealing_queue_options();
    try {
      Raw.stealing_queue_options_init(options);
      Raw.stealing_queue_options_contexts_set(options, contexts);
      Raw.stealing_queue_options_normal_bound_set(options, normalBound);
      Raw.stealing_queue_options_low_bound_set(options, lowBound);
      Raw.stealing_queue_options_discard_set(options, Raw.upcall_discard());
      return LibschedException.check(Raw.stealing_queue_create(options));
    } finally {
      Raw.delete_stealing_queue_options(options);
    }
  }

  /** Adds an element to some place. */
  private interface Submit {
    long to(long address, long slot);
  }

  private void submit(T item, Submit call) {
    long slot = Held.put(item);
    long status = RawStatus.E_INTERNAL;
    try {
      status = handle.with(address -> call.to(address, slot));
    } finally {
      if (status != 0) Slots.remove(slot);
    }
    LibschedException.check(status);
  }

  /**
   * Adds an element from outside; any context may take it. Does not wait.
   *
   * @param item the element, not null
   * @param priority how urgent it is
   * @throws IllegalStateException if the queue was closed
   */
  public void submit(T item, Priority priority) {
    submit(item, (address, slot) -> Raw.stealing_queue_submit(address, priority.code, slot));
  }

  /**
   * Adds an element to a context's own queue: its next call finds it first within the priority, others take it when they have nothing
   * else. Does not wait. The calling thread must be the context's.
   *
   * @param context from 0 on
   * @param item the element, not null
   * @param priority how urgent it is
   * @throws IllegalStateException if the queue was closed
   * @throws LibschedException with {@link Status#RANGE} if there is no such context; with {@link Status#BUSY} if another thread uses it
   */
  public void submitLocal(int context, T item, Priority priority) {
    submit(
        item,
        (address, slot) ->
            Raw.stealing_queue_submit_local(
                address, Integer.toUnsignedLong(context), priority.code, slot));
  }

  /**
   * Takes the element that a context should work on next. Does not wait. The calling thread must be the context's.
   *
   * @param context from 0 on
   * @return the element; null if there is none
   * @throws IllegalStateException if the queue was closed
   * @throws LibschedException with {@link Status#RANGE} if there is no such context; with {@link Status#BUSY} if another thread uses it
   */
  public T next(int context) {
    long of = Integer.toUnsignedLong(context);
    return Stealer.taken(
        Stealer.take(handle, address -> Raw.stealing_queue_next(null, address, of)));
  }

  /**
   * How many elements of a priority there are.
   *
   * @param priority which ones
   * @return the count; exact when nobody else uses the queue
   * @throws IllegalStateException if the queue was closed
   */
  public long size(Priority priority) {
    return handle.with(address -> Raw.stealing_queue_len(address, priority.code));
  }

  /** Drops what is left. Does not wait; closing once more does nothing. */
  @Override
  public void close() {
    handle.close();
  }
}
