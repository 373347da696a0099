package org.libsched;

/** Something of the engine's that is valid during a call of ours, for the thread of that call. */
abstract class Scope {
  private final Thread thread = Thread.currentThread();
  private long address;

  Scope(long address) {
    this.address = address;
  }

  final long address() {
    check();
    return address;
  }

  final void check() {
    if (thread != Thread.currentThread() || address < 0) {
      throw new IllegalStateException("it is only valid during the call that it was given to");
    }
  }

  final void end() {
    address = -1;
  }
}
