package org.libsched;

import java.util.Set;

/** A thread that runs tasks, as the native side knows it. */
final class Worker {
  /** The slots of a call's tasks. */
  final long[] slots = new long[(int) Raw.MAX_BATCH_ITEMS];

  /** Their results; all 0 between calls. */
  final int[] results = new int[slots.length];

  /** The thread. */
  final Thread thread = Thread.currentThread();

  /** The workers of its pool, itself among them; null until it has run a task. */
  Set<Worker> colleagues;

  /** Whether there are results other than 0. */
  boolean failed;
}
