package org.libsched;

/**
 * A task that was taken away from the worker that it had been handed to. Who begins it first runs it: a worker, as the engine has
 * it again, or the crew. In its slot this is the owner.
 */
final class Taken extends TaskOwner implements Comparable<Taken> {
  /** Whom it is run for. */
  final TaskOwner owner;

  private final long order; // of its slice; then its place in that
  private final int place;
  private Runnable task; // null: it is begun
  private boolean ended; // run by the crew, with a result
  private int result;

  /** Whether the crew has been told of it; the crew's. */
  boolean known;

  private Taken(TaskOwner owner, Runnable task, long order, int place) {
    this.owner = owner;
    this.task = task;
    this.order = order;
    this.place = place;
  }

  /** The task in a slot, as a taken one. */
  static Taken of(long slot, long order, int place) {
    TaskOwner owner = Slots.owner(slot);
    if (owner instanceof Taken) return (Taken) owner;
    return new Taken(owner, Slots.peek(slot), order, place);
  }

  /** Makes the tasks in slots such; fewer if there is no memory. */
  static Taken[] all(long[] slots, long order) {
    Taken[] all = new Taken[slots.length];
    for (int i = 0; i < slots.length; i++) {
      all[i] = of(slots[i], order, i);
      Slots.setOwner(slots[i], all[i]);
    }
    return all;
  }

  /** Begins it, on the calling thread; gives null if somebody has. */
  synchronized Runnable begin() {
    Runnable begun = task;
    task = null;
    return begun;
  }

  synchronized boolean hasBegun() {
    return task == null;
  }

  /** It was begun by the crew, and has ended. */
  synchronized void end(int code) {
    result = code;
    ended = true;
    notifyAll();
  }

  // For a worker, whose task has ended no sooner than this.
  private synchronized int result() {
    while (!ended) {
      try {
        wait();
      } catch (InterruptedException e) {
        // The crew's thread is told, too.
      }
    }
    return result;
  }

  @Override
  int run(Runnable same) {
    Runnable begun = begin();
    if (begun != null) return owner.run(begun);
    try (Blocking section = Blocking.begin()) {
      return result();
    }
  }

  @Override
  void discarded(Runnable same) {
    Runnable begun = begin();
    if (begun != null) owner.discarded(begun);
  }

  @Override
  Engine engine() {
    return owner.engine();
  }

  @Override
  long submit(long[] slots, long priority) {
    return owner.submit(slots, priority);
  }

  @Override
  long enter() {
    return owner.enter();
  }

  @Override
  void leave(long entered, int code) {
    owner.leave(entered, code);
  }

  /** Older slices first, and each in order. */
  @Override
  public int compareTo(Taken other) {
    return order != other.order ? Long.compare(order, other.order) : Integer.compare(place, other.place);
  }
}
