package org.libsched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.util.function.LongConsumer;
import java.util.function.LongUnaryOperator;

/**
 * A native object that its Java object owns one reference of. The reference is dropped once the handle is closed and the last
 * call under way has left; what is never closed is dropped when its owner has become unreachable.
 */
final class NativeHandle implements Runnable {
  private static final Cleaner CLEANER = Cleaner.create();
  // The state: calls under way in units of CALL, and below that the two flags.
  private static final int CLOSED = 1;
  private static final int RELEASED = 2;
  private static final int CALL = 4;
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(NativeHandle.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final long address;
  private final LongConsumer unref;
  private final Cleaner.Cleanable cleanable;
  private volatile int state;

  /**
   * @param owner what the handle is of; it must not be reachable from `unref`
   * @param unref drops the reference; must not block
   */
  NativeHandle(Object owner, long address, LongConsumer unref) {
    this.address = address;
    this.unref = unref;
    this.cleanable = CLEANER.register(owner, this);
  }

  private NativeHandle(long address, LongConsumer unref) {
    this.address = address;
    this.unref = unref;
    this.cleanable = this::run;
  }

  /** One that is closed in any case, by who makes it. */
  static NativeHandle scoped(long address, LongConsumer unref) {
    return new NativeHandle(address, unref);
  }

  /** Begins a call, which {@link #leave} must end, and gives the address; 0 if the handle is closed. */
  long tryEnter() {
    if (((int) STATE.getAndAdd(this, CALL) & CLOSED) == 0) return address;
    leave();
    return 0;
  }

  /** As {@link #tryEnter}, but throws if the handle is closed. */
  long enter() {
    long entered = tryEnter();
    if (entered == 0) throw new IllegalStateException("closed");
    return entered;
  }

  void leave() {
    if ((int) STATE.getAndAdd(this, -CALL) - CALL == CLOSED) release();
  }

  /** Makes a call. */
  long with(LongUnaryOperator call) {
    long entered = enter();
    try {
      return call.applyAsLong(entered);
    } finally {
      leave();
    }
  }

  /** Makes a call, unless the handle is closed: then it gives `closed`. */
  long with(LongUnaryOperator call, long closed) {
    long entered = tryEnter();
    if (entered == 0) return closed;
    try {
      return call.applyAsLong(entered);
    } finally {
      leave();
    }
  }

  boolean isClosed() {
    return (state & CLOSED) != 0;
  }

  void close() {
    cleanable.clean();
  }

  /** For the cleaner. */
  @Override
  public void run() {
    if ((int) STATE.getAndBitwiseOr(this, CLOSED) == 0) release();
  }

  // Once, though several may see that nobody is left: a call that comes too late passes through here as well.
  private void release() {
    if (STATE.compareAndSet(this, CLOSED, CLOSED | RELEASED)) unref.accept(address);
  }
}
