package org.libsched;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Tasks on their way to the engine, in order. A task need not be there before those ahead of it have started: so it waits here as
 * long as the engine has one that has not, and who starts tasks hands over those that come next. A thread that submits many tasks
 * makes few calls so, and the engine's own queue stays short.
 *
 * <p>No task is left here: its submitter reads `unstarted` after it has put it in, and who starts tasks takes them off
 * `unstarted` before looking here; at least one of the two sees the other. Who finds somebody else at handing over leaves it to
 * them: they look again when they are done. `unstarted` is never more than what the engine has or is being given.
 *
 * <p>Once a task is in, nothing is thrown: handing over needs no memory, and what the engine does not take is run all the same.
 */
final class Intake {
  /** Of a slot: it counts as not started. */
  private static final long COUNTED = 1L << 34;

  /** Of a slot: as it is, but came past this. */
  private static final long DIRECT = 1L << 48;

  private static final long NONE = -1;
  private static final int PIECE = 1024; // handed over at once, at most
  private static final int FEW = 1024; // the engine is to have as many
  private static final VarHandle DIRECTS;
  private static final VarHandle HANDING;
  private static final VarHandle LOCK;
  private static final VarHandle UNSTARTED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      DIRECTS = lookup.findVarHandle(Intake.class, "directs", int.class);
      HANDING = lookup.findVarHandle(Intake.class, "handing", int.class);
      LOCK = lookup.findVarHandle(Intake.class, "lock", int.class);
      UNSTARTED = lookup.findVarHandle(Intake.class, "unstarted", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Engine engine;
  private volatile int unstarted;
  private volatile int directs; // that have not started

  private volatile int handing; // one at a time hands over, so that the order stays
  private final long[] whole = new long[PIECE];
  private final long[] single = new long[1];

  private volatile int lock; // of what follows; held for a few instructions
  private final long[] small = new long[PIECE];
  private long[] ring = small; // the size is a power of two
  private int head;
  private volatile int count; // falls by who hands over alone, once the engine has them
  private boolean closed;

  Intake(Engine engine) {
    this.engine = engine;
  }

  /** Puts tasks in; false: it is closed. */
  boolean put(Runnable[] tasks, TaskOwner owner) {
    long[] slots = Slots.put(tasks, 0, tasks.length, owner, COUNTED);
    boolean added = false;
    try {
      added = add(slots);
    } finally {
      if (!added) Slots.remove(slots, 0);
    }
    wasPut();
    return added;
  }

  /** Puts a task in; false: it is closed. */
  boolean put(Runnable task, TaskOwner owner) {
    long slot = Slots.put(task, owner) | COUNTED;
    boolean added = false;
    try {
      added = add(slot);
    } finally {
      if (!added) Slots.remove(slot);
    }
    wasPut();
    return added;
  }

  private boolean add(long[] slots) {
    lock();
    try {
      if (closed) return false;
      reserve(slots.length);
      int at = head + count & ring.length - 1;
      int straight = Math.min(slots.length, ring.length - at);
      System.arraycopy(slots, 0, ring, at, straight);
      System.arraycopy(slots, straight, ring, 0, slots.length - straight);
      count += slots.length;
      return true;
    } finally {
      lock = 0;
    }
  }

  private boolean add(long slot) {
    lock();
    try {
      if (closed) return false;
      int now = count;
      if (now == ring.length) reserve(1);
      ring[head + now & ring.length - 1] = slot;
      count = now + 1;
      return true;
    } finally {
      lock = 0;
    }
  }

  private void reserve(int more) {
    if (ring.length - count >= more) return;
    int size = Integer.highestOneBit(Math.addExact(count, more) - 1) << 1;
    if (size <= 0) throw new OutOfMemoryError("too many tasks wait");
    long[] larger = new long[size];
    int straight = Math.min(count, ring.length - head);
    System.arraycopy(ring, head, larger, 0, straight);
    System.arraycopy(ring, 0, larger, straight, count - straight);
    ring = larger;
    head = 0;
  }

  private void wasPut() {
    if (unstarted <= 0) handOver(1); // who starts it hands over the next ones
  }

  /** Takes no more. */
  void refuse() {
    lock();
    closed = true;
    lock = 0;
  }

  /** Takes no more, and hands over what there is. */
  void close() {
    refuse();
    handOverAll();
  }

  /** Marks slots that are about to be submitted past this. */
  void direct(long[] slots) {
    DIRECTS.getAndAdd(this, slots.length);
    for (int i = 0; i < slots.length; i++) slots[i] |= DIRECT;
  }

  /** The same for one. */
  long direct(long slot) {
    DIRECTS.getAndAdd(this, 1);
    return slot | DIRECT;
  }

  /** Slots that were so marked are not submitted. */
  void undirected(int slots) {
    if (slots != 0) DIRECTS.getAndAdd(this, -slots);
  }

  /** Tasks of the engine are about to start. */
  void started(long[] slots, int n) {
    long marks = marks(slots, 0, n);
    undirected(directs(marks));
    if (counted(marks) != 0) lessUnstarted(counted(marks));
  }

  /** A task of the engine will never start. */
  void dropped(long slot) {
    undirected(directs(slot));
    if ((slot & COUNTED) != 0) lessUnstarted(1);
  }

  private void lessUnstarted(int tasks) {
    int left = (int) UNSTARTED.getAndAdd(this, -tasks) - tasks;
    if (left < FEW && count != 0) handOver(FEW);
  }

  /** Whether the engine has tasks that have not started. */
  boolean isAnyUnstarted() {
    return unstarted > 0 || directs > 0;
  }

  /** Tasks that were about to start are to be the engine's again. */
  void notStarted(long marks) {
    if (directs(marks) != 0) DIRECTS.getAndAdd(this, directs(marks));
    if (counted(marks) != 0) UNSTARTED.getAndAdd(this, counted(marks));
  }

  /** Both counts of some slots, less than 2^14 of them. */
  static long marks(long[] slots, int from, int to) {
    long sum = 0;
    for (int i = from; i < to; i++) sum += slots[i] & (COUNTED | DIRECT);
    return sum;
  }

  private static int counted(long marks) {
    return (int) ((marks & DIRECT - 1) / COUNTED);
  }

  private static int directs(long marks) {
    return (int) (marks / DIRECT);
  }

  /** Whether the engine has been given all tasks that were put in before. */
  boolean isEmpty() {
    return count == 0;
  }

  /** Hands over all that wait. */
  void handOverAll() {
    beginHanding();
    handOver(Integer.MAX_VALUE, true);
  }

  // Until the engine has enough; but leaves it to who is at it.
  private void handOver(int enough) {
    handOver(enough, HANDING.compareAndSet(this, 0, 1));
  }

  private void handOver(int enough, boolean mine) {
    long status = 1;
    for (; mine; mine = HANDING.compareAndSet(this, 0, 1)) {
      while (status > 0 && lacks(enough)) status = handOverNext(enough);
      handing = 0;
      if (status <= 0) engine.end.refused(this, status);
      if (status <= 0 || !lacks(enough)) return;
    }
  }

  private boolean lacks(int enough) {
    return count != 0 && unstarted < enough;
  }

  // Gives how many the engine has taken, or a status.
  private long handOverNext(int enough) {
    int n = Math.min(count, Math.min(enough, PIECE));
    long[] next = n == PIECE ? whole : n == 1 ? single : array(n);
    lock();
    int straight = Math.min(next.length, ring.length - head);
    System.arraycopy(ring, head, next, 0, straight);
    System.arraycopy(ring, 0, next, straight, next.length - straight);
    lock = 0;
    UNSTARTED.getAndAdd(this, next.length);
    long accepted = engine.handOver(next);
    int taken = (int) Math.max(accepted, 0);
    if (taken != 0) drop(taken);
    if (taken != next.length) UNSTARTED.getAndAdd(this, taken - next.length);
    return accepted;
  }

  private long[] array(int size) {
    try {
      return new long[size];
    } catch (OutOfMemoryError e) {
      return single;
    }
  }

  private void drop(int tasks) {
    lock();
    head = head + tasks & ring.length - 1;
    if ((count -= tasks) == 0) {
      ring = small;
      head = 0;
    }
    lock = 0;
  }

  /** Takes the next task, which the engine does not take; a negative one: none waits. */
  long take() {
    beginHanding();
    long slot = NONE;
    if (count != 0) {
      lock();
      slot = ring[head] & ~COUNTED;
      lock = 0;
      drop(1);
    }
    handing = 0;
    return slot;
  }

  private void lock() {
    for (int i = 1; !LOCK.compareAndSet(this, 0, 1); i++) pause(i);
  }

  private void beginHanding() {
    for (int i = 1; !HANDING.compareAndSet(this, 0, 1); i++) pause(i);
  }

  private static void pause(int round) {
    if (round % 64 == 0) Thread.yield();
    else Thread.onSpinWait();
  }
}
