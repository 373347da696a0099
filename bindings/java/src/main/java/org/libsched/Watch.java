package org.libsched;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sees to tasks that were handed to a worker together with one that takes long, or waits for one of them without the pool
 * knowing of it: they go back to the pool. It sleeps while no worker has more than one task.
 */
final class Watch implements Runnable {
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final int IDLE_TICKS = 50;

  private static volatile boolean awake;
  private static Thread thread;

  private Watch() {}

  /** A worker has several tasks. */
  static void awake() {
    if (!awake) wake();
  }

  private static synchronized void wake() {
    awake = true;
    if (thread == null) {
      thread = new Thread(null, new Watch(), "libsched-watch", 0, false);
      thread.setDaemon(true);
      thread.setContextClassLoader(null);
      thread.start();
    }
    LockSupport.unpark(thread);
  }

  @Override
  public void run() {
    int idle = 0;
    for (; ; ) {
      LockSupport.parkNanos(TICK_NANOS);
      idle = look() ? 0 : idle + 1;
      if (idle < IDLE_TICKS) continue;
      awake = false;
      // A worker that has begun a slice since either is seen here, or has seen that nobody is awake.
      if (!look()) {
        while (!awake) LockSupport.park(this);
      }
      awake = true;
      idle = 0;
    }
  }

  /** Whether a worker has several tasks. */
  private static boolean look() {
    boolean any = false;
    for (Worker worker : Worker.ALL) {
      any |= worker.hasMore();
      if (worker.isStuck() && !worker.alone) worker.giveAway();
    }
    return any;
  }
}
