package org.libsched;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sees to tasks that were handed to a worker together with one that takes long, or waits for one of them without the pool
 * knowing of it: they go back to the pool. Where all workers sleep then, a spare one stands in. Its thread sleeps while no worker has
 * more than one task, or had, and ends after a while: it would keep our class loader.
 */
final class Watch implements Runnable {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int IDLE_TICKS = 50;

  private static volatile boolean awake;
  private static Thread thread;

  private Watch() {}

  /** A worker has several tasks. */
  static void awake() {
    if (!awake) wake();
  }

  private static synchronized void wake() {
    try {
      if (thread == null) thread = start();
      awake = true;
      LockSupport.unpark(thread);
    } catch (OutOfMemoryError e) {
      // The next slice will try again.
    }
  }

  private static Thread start() {
    Thread started = new Thread(null, new Watch(), "libsched-watch", 0, false);
    started.setDaemon(true);
    started.setContextClassLoader(null);
    started.start();
    return started;
  }

  // Who finds that nobody is awake finds no thread either, or wakes it.
  private static synchronized boolean end() {
    if (awake) return false;
    thread = null;
    return true;
  }

  @Override
  public void run() {
    do {
      work();
      // A worker that has begun a slice since either is seen here, or has seen that nobody is awake.
      if (look()) awake = true;
      else LockSupport.parkNanos(this, LINGER_NANOS);
    } while (!end());
  }

  private static void work() {
    for (int idle = 0; idle < IDLE_TICKS; ) {
      LockSupport.parkNanos(TICK_NANOS);
      idle = look() ? 0 : idle + 1;
    }
    awake = false;
  }

  /** Whether a worker has several tasks. */
  static boolean look() {
    boolean any = false;
    try {
      for (Worker worker : Worker.ALL) {
        any |= worker.hasMore() || worker.hasGivenBack();
        worker.look();
      }
      for (Worker worker : Worker.ALL) {
        if (worker.hasGivenBack() && worker.allSleep()) worker.standIn();
      }
      return any;
    } catch (Throwable e) {
      return true; // at the next look
    }
  }
}
