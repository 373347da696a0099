package org.libsched;

import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;

/**
 * One wait in the native side that an interrupt of the waiting thread ends. The virtual machine tells channels, and nobody
 * else, when a thread is interrupted; so this is one.
 *
 * <p>What is run during a wait, by its thread, may wait as well, also for channels of others. The virtual machine only knows the
 * last one, and none when that has ended: see {@link #resumed}.
 */
final class Waiting extends AbstractInterruptibleChannel implements CancelToken.Listener {
  /** A native call that waits. */
  interface Call {
    /**
     * Waits.
     *
     * @param timeout in ns
     * @param cancel the switch that ends the wait, or 0
     * @return what the raw function gives
     */
    long apply(long timeout, long cancel);
  }

  // The innermost wait of a thread.
  private static final ThreadLocal<Waiting> CURRENT = new ThreadLocal<>();

  private final NativeHandle cancel =
      NativeHandle.scoped(LibschedException.check(Raw.cancel_create()), Raw::cancel_unref);
  private Waiting outer;
  private volatile boolean interrupted;

  private Waiting() {}

  /**
   * Waits.
   *
   * @param timeout in ns; 0 does not wait, a negative one waits for ever
   * @param token ends the wait too; may be null
   * @return what the call gives; E_CANCELLED because of the token alone
   */
  static long on(long timeout, CancelToken token, Call call) throws InterruptedException {
    if (Thread.interrupted()) throw new InterruptedException();
    // What need not wait costs no more than that.
    long result = call.apply(0, 0);
    if (result != RawStatus.E_TIMEOUT || timeout == 0) return result;
    return new Waiting().apply(timeout, token, call);
  }

  /** Waits in a call that knows no timeout. */
  static long on(CancelToken token, Call call) throws InterruptedException {
    if (Thread.interrupted()) throw new InterruptedException();
    return new Waiting().apply(0, token, call);
  }

  /** The same, for a wait that no interrupt ends. */
  static long uninterrupted(CancelToken token, Call call) {
    Waiting waiting = new Waiting();
    long address = waiting.cancel.enter();
    try {
      Worker.aboutToWait();
      token.add(waiting);
      return call.apply(0, address);
    } finally {
      token.remove(waiting);
      waiting.cancel.leave();
      waiting.cancel.close();
    }
  }

  /** Something was run during a wait of the calling thread, which goes on. */
  static void resumed() {
    try {
      Waiting waiting = CURRENT.get();
      if (waiting != null) waiting.begin();
    } catch (OutOfMemoryError e) {
      // No interrupt ends the wait then.
    }
  }

  private long apply(long timeout, CancelToken token, Call call) throws InterruptedException {
    long result = 0;
    long address = cancel.enter();
    try {
      Worker.aboutToWait();
      outer = CURRENT.get();
      CURRENT.set(this);
      if (token != null) token.add(this);
      begin();
      result = call.apply(timeout, address);
    } finally {
      end();
      if (token != null) token.remove(this);
      CURRENT.set(outer);
      cancel.leave();
      cancel.close();
    }
    if (!interrupted) return result;
    if (result == RawStatus.E_CANCELLED) {
      Thread.interrupted();
      throw new InterruptedException();
    }
    // What was waited for has come all the same. A task that ran meanwhile on this stack may have taken the mark away.
    Thread.currentThread().interrupt();
    return result;
  }

  private void end() {
    try {
      end(true);
    } catch (AsynchronousCloseException e) {
      // The result says what has come of the wait.
    }
  }

  /** Ends the wait. */
  @Override
  public void cancelled() {
    long entered = cancel.tryEnter();
    if (entered == 0) return;
    try {
      Raw.cancel_trigger(entered);
    } finally {
      cancel.leave();
    }
  }

  /** The thread was interrupted. */
  @Override
  protected void implCloseChannel() {
    interrupted = true;
    cancelled();
  }
}
