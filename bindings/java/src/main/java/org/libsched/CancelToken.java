package org.libsched;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** A switch that ends waits, those under way and those to come. */
public final class CancelToken {
  private final Set<Waiting> waits = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean cancelled;

  /** Makes a token that is not cancelled. */
  public CancelToken() {}

  /** Ends all waits that were given this token. They throw {@link java.util.concurrent.CancellationException}. */
  public void cancel() {
    List<Waiting> ended;
    synchronized (this) {
      cancelled = true;
      ended = new ArrayList<>(waits);
    }
    ended.forEach(Waiting::trigger);
  }

  /**
   * Whether {@link #cancel} was called.
   *
   * @return whether it was
   */
  public synchronized boolean isCancelled() {
    return cancelled;
  }

  void add(Waiting wait) {
    synchronized (this) {
      waits.add(wait);
      if (!cancelled) return;
    }
    wait.trigger();
  }

  synchronized void remove(Waiting wait) {
    waits.remove(wait);
  }
}
