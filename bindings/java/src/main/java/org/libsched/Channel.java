package org.libsched;

import java.util.Arrays;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Tasks of one host, tenant, player or file: they start in the order in which they were sent, by turns with those of the other
 * channels of their {@link Dispatcher}. Any thread may call any method.
 *
 * @param <T> the type of the tasks
 * @since 0.1
 */
public final class Channel<T> implements AutoCloseable {
  private final Dispatcher<T> dispatcher;
  private final String name;
  private final NativeHandle handle;

  Channel(ChannelBuilder<T> builder) {
    dispatcher = builder.dispatcher;
    name = builder.name;
    long address = dispatcher.handle().with(builder::create, RawStatus.E_CLOSED);
    handle = new NativeHandle(this, LibschedException.check(address), Raw::channel_unref);
  }

  Dispatcher<T> dispatcher() {
    return dispatcher;
  }

  /**
   * The name.
   *
   * @return the name; null if it has none
   */
  public String name() {
    return name;
  }

  /**
   * Sends a task. Waits while as many wait as the bound says, first come, first served; a task of another dispatcher that waits does
   * not keep others from running.
   *
   * @param task the task, not null
   * @throws InterruptedException if the thread is interrupted; the task was not sent
   * @throws LibschedException with {@link Status#CLOSED} if the channel takes no more; with {@link Status#DEADLOCK} if a task of the
   *     dispatcher calls and all that run wait so
   */
  public void send(T task) throws InterruptedException {
    send(task, Raw.FOREVER);
  }

  /**
   * As {@link #send(Object)}.
   *
   * @param task the task, not null
   * @param timeout how long to wait for room
   * @param unit the unit of the timeout
   * @return whether it was sent
   * @throws InterruptedException if the thread is interrupted; the task was not sent
   * @throws LibschedException as {@link #send(Object)}
   */
  public boolean send(T task, long timeout, TimeUnit unit) throws InterruptedException {
    return send(task, Math.max(unit.toNanos(timeout), 0));
  }

  private boolean send(T task, long timeout) throws InterruptedException {
    long slot = put(task);
    long status = RawStatus.E_INTERNAL;
    try {
      status = Waiting.on(timeout, null, (ns, cancel) -> send(slot, ns, cancel));
    } finally {
      if (status != 0) Slots.remove(slot);
    }
    return QueueHandle.pushed(status);
  }

  private long send(long slot, long timeout, long cancel) {
    return handle.with(c -> Raw.channel_send(c, slot, timeout, cancel), RawStatus.E_CLOSED);
  }

  /**
   * Sends a task if there is room. Does not wait.
   *
   * @param task the task, not null
   * @return whether it was sent
   * @throws LibschedException with {@link Status#CLOSED} if the channel takes no more
   */
  public boolean trySend(T task) {
    long slot = put(task);
    long status = RawStatus.E_INTERNAL;
    try {
      status = handle.with(c -> Raw.channel_try_send(c, slot), RawStatus.E_CLOSED);
    } finally {
      if (status != 0) Slots.remove(slot);
    }
    return QueueHandle.pushed(status);
  }

  /**
   * Sends tasks, in order, by one call of the engine; each is a task of its own. Waits for room for each, as {@link #send(Object)}.
   *
   * @param tasks the tasks, none of them null
   * @return how many were sent, the first ones: not all if the channel was closed or the thread interrupted meanwhile
   * @throws InterruptedException if the thread is interrupted before any was sent; otherwise it stays marked as interrupted
   * @throws LibschedException as {@link #send(Object)}, if none was sent
   */
  public int sendAll(Collection<? extends T> tasks) throws InterruptedException {
    for (T task : tasks) Objects.requireNonNull(task, "task");
    long[] slots = tasks.stream().mapToLong(this::put).toArray();
    int sent = 0;
    try {
      while (sent < slots.length) {
        long[] rest = Arrays.copyOfRange(slots, sent, slots.length);
        long more = Waiting.on(Raw.FOREVER, null, (ns, cancel) -> sendAll(rest, ns, cancel));
        if (sent > 0 && more == RawStatus.E_CLOSED) break;
        sent += (int) LibschedException.check(more);
      }
    } catch (InterruptedException e) {
      if (sent == 0) throw e;
      Thread.currentThread().interrupt();
    } finally {
      for (int i = sent; i < slots.length; i++) Slots.remove(slots[i]);
    }
    return sent;
  }

  private long sendAll(long[] slots, long timeout, long cancel) {
    return handle.with(c -> Raw.channel_send_n(c, slots, timeout, cancel), RawStatus.E_CLOSED);
  }

  private long put(T task) {
    Objects.requireNonNull(task, "task");
    return Slots.put(new ChannelTask<>(this, task), null);
  }

  /**
   * Drops all tasks that wait, and cancels those that run: {@link TaskContext#isCancelled} is true for them, and they are
   * dropped when they have ended, in place of being finalized. Tasks that are sent later are not concerned. Does not wait.
   *
   * @return how many were dropped before they ran
   */
  public long clear() {
    long[] dropped = new long[1];
    handle.with(c -> Raw.channel_clear(dropped, null, c), 0);
    return dropped[0];
  }

  /**
   * Starts no task of the channel any more until {@link #resume}. It still takes tasks. Does not wait.
   *
   * @throws LibschedException with {@link Status#CLOSED} if the channel or its dispatcher was closed
   */
  public void pause() {
    LibschedException.check(handle.with(Raw::channel_pause, RawStatus.E_CLOSED));
  }

  /** Lets tasks of the channel start again. Does not wait. */
  public void resume() {
    handle.with(Raw::channel_resume, 0);
  }

  /**
   * Changes how many of the channel's tasks run at a time. Those that run are not stopped. Does not wait.
   *
   * @param limit the most; 0: what the dispatcher's limit allows
   * @throws IllegalArgumentException if the limit is negative
   */
  public void setLimit(int limit) {
    if (limit < 0) throw new IllegalArgumentException("limit: " + limit);
    handle.with(c -> Raw.channel_set_limit(c, limit), 0);
  }

  /**
   * How many tasks wait to start.
   *
   * @return the count; 0 of a channel that was closed
   */
  public long size() {
    return handle.with(Raw::channel_len, 0);
  }

  /**
   * What the channel has done so far.
   *
   * @return a picture
   * @throws IllegalStateException if the channel was closed
   */
  public ChannelStats stats() {
    ChannelStats[] stats = new ChannelStats[1];
    handle.with(
        address -> {
          stats[0] = new ChannelStats(address);
          return 0;
        });
    return stats[0];
  }

  /**
   * Takes no more tasks. What was sent is done, and then the name is free again; a channel that is paused goes on. Does not wait;
   * closing once more does nothing.
   */
  @Override
  public void close() {
    handle.with(Raw::channel_close, 0); // who waits returns
    handle.close();
  }

  @Override
  public String toString() {
    return "Channel[" + (name == null ? "" : name) + "]";
  }
}
