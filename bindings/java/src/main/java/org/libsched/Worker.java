package org.libsched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread that runs tasks, as the native side knows it. It is handed a slice of tasks at a time. What it has not begun of them
 * can be taken away, so that no task waits behind one that waits for it.
 */
final class Worker {
  /** All threads that may have a slice. */
  static final Set<Worker> ALL = ConcurrentHashMap.newKeySet();

  private static final ThreadLocal<Worker> CURRENT = new ThreadLocal<>();
  private static final long[] NOTHING = {};
  private static final VarHandle SLICE;
  private static final VarHandle SINGLES;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      SLICE = lookup.findVarHandle(Worker.class, "slice", long.class);
      SINGLES = lookup.findVarHandle(Worker.class, "singles", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Most tasks of a slice: one bit of a long for each. */
  static final int SLICE_SIZE = 64;

  /** The slots of a slice. */
  final long[] slots = new long[SLICE_SIZE];

  /** The results of one, where there are others than 0. */
  final int[] results = new int[slots.length];

  /** The thread. */
  final Thread thread = Thread.currentThread();

  /** The workers of its pool, itself among them; null until it has run a task. */
  Set<Worker> colleagues;

  /** Whether its pool has no other: then nobody could run what it has not begun, and its tasks keep their order. */
  volatile boolean alone;

  // How many slices there were, how many tasks this one has, how many of these are begun: 32, 16 and 16 bits.
  private volatile long slice;
  private int count;
  private long seen; // by the watch
  private long order; // of the slice: the time when it was begun
  private long singles; // how many slices of one task there were
  private volatile int sections; // of Blocking

  /** For the calling thread, for as long as it lives. */
  static Worker attach() {
    Worker worker = new Worker();
    CURRENT.set(worker);
    ALL.add(worker);
    return worker;
  }

  /** The thread is about to end; it calls. */
  void detach() {
    CURRENT.remove();
    ALL.remove(this);
    if (colleagues != null) colleagues.remove(this);
  }

  /** The calling thread is about to wait: others see to the tasks that it has not begun. */
  static void aboutToWait() {
    Worker worker = CURRENT.get();
    if (worker != null) worker.giveAway();
    else Crew.aboutToWait();
  }

  /** The calling thread, a worker, begins a section in which another one stands in for it, or ends one. */
  static void inSection(int more) {
    Worker worker = CURRENT.get();
    if (worker != null) worker.sections += more;
  }

  // --- by the worker ---

  /** Begins a task that is handed to it alone. */
  void beginSingle() {
    SINGLES.setOpaque(this, singles + 1);
  }

  /** Begins a slice of several tasks, the first one of which is begun. */
  long begin(int tasks) {
    long begun = (long) ++count << 32 | (long) tasks << 16 | 1;
    order = System.nanoTime();
    slice = begun;
    Watch.awake();
    return begun;
  }

  /** Begins the next task; false: the tasks that are left were taken away. */
  boolean next(long begun) {
    return SLICE.compareAndSet(this, begun, begun + 1);
  }

  /** Begins no more; false: the tasks that are left were taken away. */
  boolean end(long begun) {
    return SLICE.compareAndSet(this, begun, without(begun));
  }

  // --- by any thread ---

  boolean hasMore() {
    return begun(slice) < tasks(slice);
  }

  /** Lets others see to what is not begun. */
  synchronized void giveAway() {
    Upcalls.handOver(take(), order);
  }

  /** Returns when whoever has taken tasks away has seen to them; the worker calls, before it says that they are not its own. */
  synchronized void settled() {}

  /** Takes away what is not begun; its lock is held. */
  long[] take() {
    for (; ; ) {
      long now = slice;
      if (begun(now) >= tasks(now)) return NOTHING;
      // They stay as they are until the slice has ended.
      long[] rest = Arrays.copyOfRange(slots, begun(now), tasks(now));
      Intake.forget(rest);
      if (SLICE.compareAndSet(this, now, without(now))) return rest;
    }
  }

  /** Whether it has begun no task since the last time that this was asked, and has some; the watch calls. */
  boolean isStuck() {
    long now = slice;
    boolean stuck = now == seen && begun(now) < tasks(now);
    seen = now;
    return stuck;
  }

  /** Changes whenever it begins a task. */
  long progress() {
    return slice + (long) SINGLES.getOpaque(this);
  }

  /** Whether its task waits in a way that the engine does not know of. One that sleeps waits for nobody. */
  boolean isParked() {
    if (sections != 0) return false;
    switch (thread.getState()) {
      case BLOCKED:
      case WAITING:
        return true;
      case TIMED_WAITING:
        return LockSupport.getBlocker(thread) != null;
      default:
        return false; // in the engine, too
    }
  }

  private static int begun(long slice) {
    return (int) slice & 0xffff;
  }

  private static int tasks(long slice) {
    return (int) slice >>> 16;
  }

  private static long without(long slice) {
    return slice & 0xffffffff_00000000L | (long) begun(slice) << 16 | begun(slice);
  }
}
