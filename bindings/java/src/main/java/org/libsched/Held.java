package org.libsched;

import java.util.Objects;

/** What the engine holds for Java and that is no task. It has a slot like one, without an owner. */
class Held implements Runnable {
  final Object value;

  Held(Object value) {
    this.value = value;
  }

  /** Puts a value into a slot. */
  static long put(Object value) {
    return Slots.put(new Held(Objects.requireNonNull(value)), null);
  }

  /** Takes a value out of its slot. */
  @SuppressWarnings("unchecked")
  static <T> T take(long slot) {
    return (T) ((Held) Slots.remove(slot)).value;
  }

  /** The engine has given it up. */
  void dropped() {}

  @Override
  public void run() {
    throw new AssertionError("not a task");
  }
}
