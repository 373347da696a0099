package org.libsched;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * Runs tasks that were taken away from workers, where the engine does not: those that it does not take again, since it ends, and
 * those that its workers have all come to wait for.
 *
 * <p>Among threads that take one task at a time, no task begins before those ahead of it. A worker takes several, so that others
 * may begin before what it holds, and come to wait for that as well: then nobody is left to run what was taken from them. So when
 * all workers of a pool wait, in Java, and have begun nothing for a while, such tasks are begun here, those of the oldest slice
 * first.
 *
 * <p>There are as many threads at a time as the pool has workers. Those that wait in a way that we know of do not count.
 */
final class Crew {
  private static final int PATIENCE = 40; // looks of the watch
  private static final ThreadLocal<Helper> CURRENT = new ThreadLocal<>();

  private final Engine engine;
  private final int most;
  private final boolean[] bounded; // by priority: one at a time, or fewer than workers
  private final Queue<Outside> outside = new ArrayDeque<>(); // what the engine does not have
  private final PriorityQueue<Taken> inside = new PriorityQueue<>(); // what it has
  private int counting;
  private long progress; // when it was looked last
  private int looks; // since there was any
  private int stuck; // how many of them in a row have found that all workers wait

  /** A task that the engine does not have. */
  private static final class Outside {
    final Taken task;
    final long entered;

    Outside(Taken task, long entered) {
      this.task = task;
      this.entered = entered;
    }
  }

  /** A thread that runs such tasks. */
  private static final class Helper {
    final Crew crew;
    final Helper outer = CURRENT.get();
    boolean counts = true;
    TaskOwner owner; // of what it runs

    Helper(Crew crew) {
      this.crew = crew;
    }
  }

  /** For an engine with so many workers, of which `caps` may run tasks of each priority; 0 = all. */
  Crew(Engine engine, int workers, int[] caps) {
    this.engine = engine;
    most = Math.max(workers, 1);
    bounded = new boolean[caps.length];
    for (int i = 0; i < caps.length; i++) bounded[i] = most == 1 || caps[i] != 0;
  }

  // --- tasks that the engine has ---

  /** Makes tasks such that they can be begun here, or gives null: the engine has them for itself. */
  Taken[] taken(long[] slots, long order, long priority) {
    try {
      return bounded[(int) priority] ? null : Taken.all(slots, order);
    } catch (OutOfMemoryError e) {
      return null;
    }
  }

  /** The engine has the first of these again. */
  synchronized void watch(Taken[] tasks, int to) {
    try {
      for (int i = 0; i < to; i++) {
        if (!tasks[i].known) inside.add(tasks[i]);
        tasks[i].known = true;
      }
      if (to != 0) Watch.add(this);
    } catch (OutOfMemoryError e) {
      // The engine has them for itself.
    }
  }

  /** Looks whether workers are left to begin what they were given; gives whether to look again soon. The watch calls. */
  boolean look() {
    synchronized (this) {
      inside.removeIf(Taken::hasBegun);
      if (inside.isEmpty()) {
        Watch.remove(this);
        return false;
      }
      long now = engine.progress();
      looks = now == progress ? looks + 1 : 0;
      stuck = looks != 0 && engine.parked() >= most ? stuck + 1 : 0;
      progress = now;
      if (stuck == 0 || stuck % PATIENCE != 0) return looks <= 2 * PATIENCE;
    }
    help(false);
    return true;
  }

  private boolean areWorkersStuck() {
    return stuck >= PATIENCE && engine.progress() == progress;
  }

  // --- tasks that it does not have ---

  /** Adds the task of a slot that was not submitted. */
  void add(long slot) {
    TaskOwner owner = Slots.owner(slot);
    long entered = owner.enter();
    if (entered < 0) {
      Upcalls.discard(slot);
      return;
    }
    try {
      Taken task = Taken.of(slot, 0, 0);
      synchronized (this) {
        outside.add(new Outside(task, entered));
      }
    } catch (OutOfMemoryError e) {
      owner.leave(entered, Upcalls.run(slot));
      return;
    }
    Slots.remove(slot);
    help(true);
  }

  /** Drops those that have not begun. */
  void discard() {
    for (Outside next; (next = poll()) != null; ) {
      try {
        next.task.discarded(null);
      } catch (Throwable thrown) {
        Engine.uncaught(thrown);
      }
      next.task.leave(next.entered, RawStatus.E_CANCELLED);
    }
  }

  private synchronized Outside poll() {
    return outside.poll();
  }

  // --- threads ---

  /** Whether one of these threads calls. */
  boolean isCalling() {
    Helper helper = CURRENT.get();
    return helper != null && helper.crew == this;
  }

  /** Whom the calling thread runs a task for; null: it is none of a crew. */
  static TaskOwner caller() {
    Helper helper = CURRENT.get();
    return helper != null ? helper.owner : null;
  }

  /** The task of the calling thread is about to wait. */
  static void aboutToWait() {
    Helper helper = CURRENT.get();
    if (helper != null) helper.crew.aboutToWait(helper);
  }

  private void aboutToWait(Helper helper) {
    synchronized (this) {
      if (helper.counts) counting--;
      helper.counts = false;
    }
    help(true);
  }

  // One more thread, if it may be and there is something to do. Without it the caller does what must be done.
  private void help(boolean must) {
    synchronized (this) {
      if (counting == most) return;
      if (outside.isEmpty() && (inside.isEmpty() || !areWorkersStuck())) return;
      counting++;
    }
    try {
      engine.end.help("-crew", this::work);
    } catch (OutOfMemoryError e) {
      if (must) {
        work();
      } else {
        synchronized (this) {
          counting--;
        }
      }
    }
  }

  private void work() {
    boolean interrupted = Thread.interrupted();
    Helper helper = enter();
    while (next(helper)) {
      Outside task = poll();
      if (task != null) run(helper, task.task, task.entered);
      else runInside(helper);
      Thread.interrupted(); // whom that was for has ended
    }
    if (helper != null) CURRENT.set(helper.outer);
    if (interrupted) Thread.currentThread().interrupt();
  }

  private Helper enter() {
    try {
      Helper helper = new Helper(this);
      CURRENT.set(helper);
      return helper;
    } catch (OutOfMemoryError e) {
      return null;
    }
  }

  // Whether there may be a task for this thread. One that has waited goes on only if there is room for it again.
  private synchronized boolean next(Helper helper) {
    boolean counts = helper == null || helper.counts;
    if (!counts && counting == most) return false;
    boolean any = !outside.isEmpty() || !inside.isEmpty() && areWorkersStuck();
    if (any && !counts) counting++;
    if (!any && counts) counting--;
    if (helper != null) helper.counts = any;
    return any;
  }

  private void runInside(Helper helper) {
    Taken task;
    synchronized (this) {
      task = areWorkersStuck() ? inside.poll() : null;
    }
    if (task == null) return;
    long entered = task.enter(); // so that it is waited for, whatever becomes of its slot
    if (entered >= 0) run(helper, task, entered);
  }

  private static void run(Helper helper, Taken task, long entered) {
    Runnable begun = task.begin();
    int code = 0;
    if (begun != null) {
      if (helper != null) helper.owner = task.owner;
      code = task.owner.run(begun);
      if (helper != null) helper.owner = null;
      task.end(code);
    }
    task.leave(entered, code);
  }
}
