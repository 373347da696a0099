package org.libsched;

/** How urgent a task is. None starves: see {@link PoolBuilder}. */
public enum Priority {
  /** The usual one. */
  NORMAL(Raw.NORMAL),
  /** Looked at before all others. */
  HIGH(Raw.HIGH),
  /** Run when there is nothing else, and now and then in between. */
  LOW(Raw.LOW);

  final long code;

  Priority(long code) {
    this.code = code;
  }
}
