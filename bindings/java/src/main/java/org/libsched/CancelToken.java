package org.libsched;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** A switch that ends waits, those under way and those to come. */
public final class CancelToken {
  /** What ends by a token. */
  interface Listener {
    /** The token was cancelled. */
    void cancelled();
  }

  private final Set<Listener> listeners = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean cancelled;

  /** Makes a token that is not cancelled. */
  public CancelToken() {}

  /** Ends all waits that were given this token. They throw {@link java.util.concurrent.CancellationException}. */
  public void cancel() {
    List<Listener> ended;
    synchronized (this) {
      cancelled = true;
      ended = new ArrayList<>(listeners);
    }
    ended.forEach(Listener::cancelled);
  }

  /**
   * Whether {@link #cancel} was called.
   *
   * @return whether it was
   */
  public synchronized boolean isCancelled() {
    return cancelled;
  }

  void add(Listener listener) {
    synchronized (this) {
      listeners.add(listener);
      if (!cancelled) return;
    }
    listener.cancelled();
  }

  synchronized void remove(Listener listener) {
    listeners.remove(listener);
  }
}
