package org.libsched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A thread that runs tasks, as the native side knows it. It is handed a slice of tasks at a time. What it has not begun of them
 * can be given back to the engine by anyone, so that no task waits behind one that waits for it.
 */
final class Worker {
  /** All threads that may have a slice. */
  static final Set<Worker> ALL = ConcurrentHashMap.newKeySet();

  private static final ThreadLocal<Worker> CURRENT = new ThreadLocal<>();
  private static final VarHandle SLICE;

  static {
    try {
      SLICE = MethodHandles.lookup().findVarHandle(Worker.class, "slice", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // Looks of the watch: half a second.
  private static final int PATIENCE = 250;

  /** Most tasks of a slice. */
  static final int SLICE_SIZE = 64;

  /** The slots of a slice. */
  final long[] slots = new long[SLICE_SIZE];

  /** The thread. */
  final Thread thread = Thread.currentThread();

  /** The workers of its pool, itself among them; null until it has run a task. */
  Set<Worker> colleagues;

  /**
   * How many tasks its pool runs at a time. If one, nobody else could run what it has not begun, and the tasks keep their order.
   */
  volatile int places;

  // Calls that it was given, and those that are on its stack; the watch reads them, too.
  private int calls;
  private int depth;

  // How many slices there were, how many tasks this one has, how many of these are begun: 32, 16 and 16 bits.
  private volatile long slice;
  private long call; // the native side of the slice
  private int count;
  private volatile boolean given; // back of its slice; changed under the lock
  private boolean replaced; // by a spare worker since then, under the lock

  // Of the watch: what it saw last, and since how many looks the worker has slept in the same task.
  private long seen;
  private int seenCalls;
  private volatile int asleep;

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
    if (worker != null) worker.giveBack();
  }

  // --- by the worker ---

  /** A call of tasks begins. */
  void enter() {
    calls++;
    depth++;
  }

  /** It ends. */
  void leave(long ended) {
    depth--;
    if (given && call == ended) forgetGiven();
  }

  private synchronized void forgetGiven() {
    given = replaced = false;
  }

  /** Begins a slice of several tasks, the first one of which is begun. */
  long begin(long ofCall, int tasks) {
    if (given) forgetGiven(); // of the call that this one is nested in
    call = ofCall;
    long begun = (long) ++count << 32 | (long) tasks << 16 | 1;
    slice = begun;
    Watch.awake();
    return begun;
  }

  /** Begins the next task; false: the tasks that are left are given back. */
  boolean next(long begun) {
    return SLICE.compareAndSet(this, begun, begun + 1);
  }

  /**
   * Begins no more: what is left is the engine's again when the call returns. Who gives it back before has done so when this
   * returns.
   */
  void end() {
    release(false);
  }

  // --- by any thread ---

  boolean hasMore() {
    return begun(slice) < tasks(slice);
  }

  /** Gives back what is not begun. */
  void giveBack() {
    release(true);
  }

  private synchronized void release(boolean beforeReturn) {
    for (long now; begun(now = slice) < tasks(now); ) {
      int begun = begun(now);
      long first = slots[begun];
      long marks = Intake.marks(slots, begun, tasks(now));
      long from = call;
      // What was read is of this slice if it has not ended. From here on its call does not return before the lock is free.
      if (!SLICE.compareAndSet(this, now, without(now))) continue;
      Slots.owner(first).engine().intake.notStarted(marks);
      if (!beforeReturn) return;
      Raw.batch_give_back(from, begun);
      given = true;
    }
  }

  /** The watch looks: what waits behind a task that was there at its last look goes back. */
  void look() {
    long now = slice;
    boolean same = now == seen && calls == seenCalls;
    seen = now;
    seenCalls = calls;
    asleep = same && depth != 0 && sleeps(thread) ? asleep + 1 : 0;
    if (same && places != 1) giveBack();
  }

  private static boolean sleeps(Thread thread) {
    Thread.State state = thread.getState();
    return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
  }

  /** Whether others have what it has not begun, while it is held up. */
  boolean hasGivenBack() {
    return given;
  }

  /**
   * Whether all workers of its pool have slept in their tasks for long, in ways that the pool does not know of, perhaps for a task
   * that none of them comes to.
   */
  boolean allSleep() {
    int sleeping = 0;
    for (Worker worker : colleagues) {
      if (worker.depth == 0) continue;
      if (worker.asleep < PATIENCE) return false;
      sleeping++;
    }
    return sleeping >= places;
  }

  /** Lets a spare worker stand in for it until its call ends, unless one does. */
  synchronized void standIn() {
    if (!given || replaced) return;
    replaced = Raw.batch_stand_in(call) == 0;
    asleep = 0;
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
