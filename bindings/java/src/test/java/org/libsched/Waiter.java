package org.libsched;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A thread that is about to wait in a call of the engine. */
final class Waiter {
  private final FutureTask<Object> call;
  final Thread thread;

  Waiter(Callable<?> call) {
    this.call = new FutureTask<>(call::call);
    thread = new Thread(this.call, "waiter");
    thread.setDaemon(true);
    thread.start();
  }

  /** Returns when the thread is in the native wait: it has said whom an interrupt is to tell. */
  void awaitWaiting() throws Exception {
    while (!isInWaiting()) {
      if (call.isDone()) throw new AssertionError("the call has not waited: " + call.get());
      Thread.yield();
    }
  }

  private boolean isInWaiting() {
    for (StackTraceElement frame : thread.getStackTrace()) {
      if (frame.isNativeMethod() && frame.getClassName().equals("org.libsched.RawJNI")) {
        return true;
      }
    }
    return false;
  }

  Object result() throws Exception {
    return call.get();
  }

  Throwable failure() throws Exception {
    try {
      throw new AssertionError("the call has given " + call.get());
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }
}
