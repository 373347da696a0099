package org.libsched;

/** The native side of a queue, of either kind. */
final class QueueHandle {
  final NativeHandle handle;
  private volatile boolean drained;

  QueueHandle(Object owner, long flags, long bound, long byteBound) {
    if (bound < 0) throw new IllegalArgumentException("bound: " + bound);
    if (byteBound < 0) throw new IllegalArgumentException("byteBound: " + byteBound);
    handle = new NativeHandle(owner, create(flags, bound, byteBound), Raw::queue_unref);
  }

  private static long create(long flags, long bound, long byteBound) {
    long options = Raw.new_queue_options();
    try {
      Raw.queue_options_init(options);
      Raw.queue_options_flags_set(options, flags);
      Raw.queue_options_bound_set(options, bound);
      Raw.queue_options_byte_bound_set(options, byteBound);
      if (flags == 0) Raw.queue_options_discard_set(options, Raw.upcall_discard());
      return LibschedException.check(Raw.queue_create(options));
    } finally {
      Raw.delete_queue_options(options);
    }
  }

  /** Whether something was popped. */
  boolean has(long popped) {
    if (popped >= 0) return true;
    if (popped == RawStatus.E_CLOSED) {
      drained = true;
      return false;
    }
    if (popped == RawStatus.E_EMPTY || popped == RawStatus.E_TIMEOUT) return false;
    throw LibschedException.of(popped);
  }

  boolean isDrained() {
    return drained;
  }

  void shutdown() {
    handle.with(Raw::queue_close, 0);
  }

  long size() {
    return handle.with(Raw::queue_len, 0);
  }

  void close() {
    shutdown(); // who waits returns
    handle.close();
  }

  long newSender() {
    return LibschedException.check(handle.with(Raw::sender_create, RawStatus.E_CLOSED));
  }

  /** Whether something was pushed. */
  static boolean pushed(long status) {
    if (status == RawStatus.E_FULL || status == RawStatus.E_TIMEOUT) return false;
    LibschedException.check(status);
    return true;
  }
}
