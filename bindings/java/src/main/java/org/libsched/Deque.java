package org.libsched;

/**
 * A work-stealing deque: one owner pushes and pops, any number of {@link Stealer}s take from the other end. The owner may be another
 * thread at each call, but not two at a time.
 *
 * @param <T> the type of the elements
 * @since 0.1
 */
public final class Deque<T> implements AutoCloseable {
  /** Which element the owner pops. Stealers take the oldest one in any case. */
  public enum Flavor {
    /** The one that was pushed first. */
    FIFO(Raw.FIFO),
    /** The one that was pushed last. */
    LIFO(Raw.LIFO);

    private final long code;

    Flavor(long code) {
      this.code = code;
    }
  }

  private static final long MOST_CAPACITY = 1L << 40;

  private final NativeHandle handle;

  /**
   * Makes an empty deque that takes as much as memory holds.
   *
   * @param flavor which element the owner pops
   */
  public Deque(Flavor flavor) {
    this(flavor, 0);
  }

  /**
   * Makes an empty deque.
   *
   * @param flavor which element the owner pops
   * @param capacity how many elements it takes; 0: any number
   * @throws IllegalArgumentException if the capacity is negative
   * @throws LibschedException with {@link Status#RANGE} if the capacity is more than 2^40
   */
  public Deque(Flavor flavor, long capacity) {
    if (capacity < 0) throw new IllegalArgumentException("capacity: " + capacity);
    if (capacity > MOST_CAPACITY) {
      throw LibschedException.of(
          RawStatus.E_RANGE, "capacity " + capacity + " is more than " + MOST_CAPACITY);
    }
    handle = new NativeHandle(this, create(flavor.code, capacity), Raw::deque_unref);
  }

  private static long create(long flavor, long capacity) {
    long options = Raw.new_deque_options();
    try {
      Raw.deque_options_init(options);
      Raw.deque_options_flavor_set(options, flavor);
      Raw.deque_options_max_capacity_set(options, capacity);
      Raw.deque_options_discard_set(options, Raw.upcall_discard());
      return LibschedException.check(Raw.deque_create(options));
    } finally {
      Raw.delete_deque_options(options);
    }
  }

  /**
   * Makes a stealer. Any thread may call.
   *
   * @return a stealer
   * @throws IllegalStateException if the deque was closed
   */
  public Stealer<T> stealer() {
    return new Stealer<>(LibschedException.check(handle.with(Raw::stealer_create)));
  }

  /**
   * Adds an element at the owner's end. Does not wait.
   *
   * @param item the element, not null
   * @return whether there was room
   * @throws IllegalStateException if the deque was closed
   * @throws LibschedException with {@link Status#BUSY} if another thread is at the owner's end
   */
  public boolean push(T item) {
    long slot = Held.put(item);
    long status = RawStatus.E_INTERNAL;
    try {
      status = handle.with(address -> Raw.deque_push(address, slot));
    } finally {
      if (status != 0) Slots.remove(slot);
    }
    return QueueHandle.pushed(status);
  }

  /**
   * Takes an element at the owner's end. Does not wait.
   *
   * @return the element; null if there is none
   * @throws IllegalStateException if the deque was closed
   * @throws LibschedException with {@link Status#BUSY} if another thread is at the owner's end
   */
  public T pop() {
    return Stealer.taken(handle.with(Raw::deque_pop));
  }

  /**
   * How many elements there are. Any thread may call.
   *
   * @return the count; exact when nobody else uses the deque
   */
  public long size() {
    return handle.with(Raw::deque_len, 0);
  }

  /** Ends the owner's side. Stealers may still take what is there. Does not wait; closing once more does nothing. */
  @Override
  public void close() {
    handle.close();
  }

  NativeHandle handle() {
    return handle;
  }
}
