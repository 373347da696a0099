package org.libsched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Tasks on their way to the engine, in order. A task need not be there before those ahead of it have started: so it waits here as
 * long as the engine has one that has not, and whoever starts that one first hands over all that wait. A thread that submits
 * many tasks makes few calls so.
 *
 * <p>No task is left here: its submitter reads `unstarted` after it has put it in, and who starts tasks takes them off
 * `unstarted` before looking here. Of the two at least one sees the other. `unstarted` is never more than what the engine has.
 */
final class Intake {
  /** Of a slot: it counts as not started. */
  private static final long COUNTED = 1L << 34;

  private static final int SLICE = 1024; // handed over at once
  private static final int MANY = 4096; // after as many their submitter hands over, too
  private static final VarHandle LOCK;
  private static final VarHandle UNSTARTED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      LOCK = lookup.findVarHandle(Intake.class, "lock", int.class);
      UNSTARTED = lookup.findVarHandle(Intake.class, "unstarted", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Engine engine;
  private final Object handing = new Object(); // one at a time hands over, so that the order stays
  private volatile int unstarted;
  private volatile int lock; // of what follows; held for a few instructions
  private long[] slots = new long[64];
  private long[] taken = new long[64]; // of who hands over
  private volatile int count;
  private boolean closed;

  Intake(Engine engine) {
    this.engine = engine;
  }

  /** Puts tasks in; false: it is closed. */
  boolean put(Runnable[] tasks, int from, int to, TaskOwner owner) {
    lock();
    try {
      if (closed) return false;
      int now = count;
      if (slots.length - now < to - from) {
        slots = Arrays.copyOf(slots, Math.max(2 * slots.length, now + to - from));
      }
      Slots.put(tasks, from, to, owner, COUNTED, slots, now);
      count = now + to - from;
    } finally {
      lock = 0;
    }
    if (unstarted <= 0 || count >= MANY) handOver();
    return true;
  }

  /** Puts a task in; false: it is closed. */
  boolean put(Runnable task, TaskOwner owner) {
    lock();
    try {
      if (closed) return false;
      int now = count;
      if (slots.length == now) slots = Arrays.copyOf(slots, 2 * now);
      slots[now] = Slots.put(task, owner) | COUNTED;
      count = now + 1;
    } finally {
      lock = 0;
    }
    if (unstarted <= 0 || count >= MANY) handOver();
    return true;
  }

  /** Takes no more. */
  void close() {
    lock();
    closed = true;
    lock = 0;
    handOver();
  }

  /** Tasks of the engine are about to start, or will not. */
  void started(long[] slots, int from, int to) {
    int counted = counted(slots, from, to);
    if (counted == 0) return;
    UNSTARTED.getAndAdd(this, -counted);
    if (count != 0) handOver();
  }

  /** Tasks that were about to start did not, and are the engine's again. */
  void notStarted(long[] slots, int from, int to) {
    int counted = counted(slots, from, to);
    if (counted != 0) UNSTARTED.getAndAdd(this, counted);
  }

  /** Makes slots such that are not counted. */
  static void forget(long[] slots) {
    for (int i = 0; i < slots.length; i++) slots[i] &= ~COUNTED;
  }

  private static int counted(long[] slots, int from, int to) {
    long sum = 0;
    for (int i = from; i < to; i++) sum += slots[i] & COUNTED;
    return (int) (sum / COUNTED);
  }

  /** Hands over all that wait. */
  void handOver() {
    synchronized (handing) {
      boolean refused;
      do {
        refused = false;
        int all = swap();
        for (int from = 0; from < all; from += SLICE) {
          refused |= !handOver(Arrays.copyOfRange(taken, from, Math.min(all, from + SLICE)));
        }
        // What was put in meanwhile may have counted on what was refused.
      } while (refused && count != 0);
    }
  }

  private boolean handOver(long[] slots) {
    UNSTARTED.getAndAdd(this, slots.length);
    long accepted = engine.handOver(slots);
    if (accepted == slots.length) return true;
    long[] rest = Arrays.copyOfRange(slots, (int) Math.max(accepted, 0), slots.length);
    UNSTARTED.getAndAdd(this, -rest.length);
    forget(rest);
    engine.owner().refused(rest, accepted);
    return false;
  }

  // Puts what waits into `taken`.
  private int swap() {
    lock();
    long[] all = slots;
    slots = taken;
    taken = all;
    int waiting = count;
    count = 0;
    lock = 0;
    return waiting;
  }

  private void lock() {
    for (int i = 1; !LOCK.compareAndSet(this, 0, 1); i++) {
      if (i % 64 == 0) Thread.yield();
      else Thread.onSpinWait();
    }
  }
}
