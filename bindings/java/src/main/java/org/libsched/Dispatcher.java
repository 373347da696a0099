package org.libsched;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs the tasks of any number of {@link Channel}s on a pool, so that no channel starves another: it takes tasks from them by
 * turns (interleaved weighted round robin), and runs no more of them at a time than its limit says.
 *
 * <pre>{@code
 * try (Dispatcher<Request> dispatcher =
 *     Dispatcher.<Request>builder(pool).work((request, context) -> fetch(request)).limit(16).build()) {
 *   Channel<Request> host = dispatcher.channel().name("example.org").limit(2).open();
 *   host.send(request);
 * }
 * }</pre>
 *
 * <p>Each task ends in one of three ways: it is run, and then the finalizer is told what has come of it; or it is run, its channel is
 * cleared meanwhile, and then it is dropped; or it is dropped without being run. What the work throws goes to the finalizer; without
 * one, to the uncaught exception handler of the worker.
 *
 * <p>Any thread may call any method. Shutting the pool down shuts its dispatchers down.
 *
 * @param <T> the type of the tasks
 * @since 0.1
 */
public final class Dispatcher<T> implements AutoCloseable {
  private final Engine engine;
  private final Work<T> work;
  private final Finalizer<T> finalizer;
  private final Consumer<T> dropped;
  private final NativeHandle handle;

  Dispatcher(DispatcherBuilder<T> builder) {
    engine = builder.pool.engine();
    work = builder.work;
    finalizer = builder.finalizer;
    dropped = builder.dropped;
    handle = new NativeHandle(this, engine.with(builder::create), Raw::dispatcher_unref);
  }

  /**
   * Begins to make a dispatcher.
   *
   * @param <T> the type of its tasks
   * @param pool what runs them
   * @return all defaults
   */
  public static <T> DispatcherBuilder<T> builder(Pool pool) {
    return new DispatcherBuilder<>(pool);
  }

  /**
   * Begins to make a channel.
   *
   * @return all defaults
   */
  public ChannelBuilder<T> channel() {
    return new ChannelBuilder<>(this);
  }

  /**
   * Changes how many tasks run at a time. Those that run are not stopped. Does not wait.
   *
   * @param limit the most; 0: as many as the pool has workers
   * @throws IllegalArgumentException if the limit is negative
   * @throws IllegalStateException if the dispatcher was closed
   */
  public void setLimit(int limit) {
    if (limit < 0) throw new IllegalArgumentException("limit: " + limit);
    handle.with(address -> Raw.dispatcher_set_limit(address, limit));
  }

  /**
   * Starts no task any more until {@link #resume}. Channels still take tasks. Does not wait.
   *
   * @throws LibschedException with {@link Status#CLOSED} if it was shut down
   */
  public void pause() {
    LibschedException.check(handle.with(Raw::dispatcher_pause, RawStatus.E_CLOSED));
  }

  /** Lets tasks start again; not those of channels that were paused by themselves. Does not wait. */
  public void resume() {
    handle.with(Raw::dispatcher_resume, 0);
  }

  /** Takes no more tasks and no more channels; what was sent is done, in paused channels too. Does not wait. */
  public void shutdown() {
    end(Raw.DRAIN);
  }

  /** Takes no more tasks and no more channels, and clears all channels. Does not wait for the tasks that run. */
  public void shutdownNow() {
    end(Raw.CANCEL);
  }

  // The engine lets no task shut down what it is run by.
  private void end(long mode) {
    try {
      await(mode, 0, 0);
    } catch (LibschedException e) {
      if (e.status() != Status.DEADLOCK) throw e;
      endLater(mode);
    }
  }

  private void endLater(long mode) {
    long address = handle.tryEnter();
    if (address == 0) return;
    Thread thread =
        new Thread(
            () -> {
              try {
                Raw.dispatcher_shutdown(address, mode, Raw.FOREVER, 0);
              } finally {
                handle.leave();
              }
            },
            "libsched-end");
    thread.setDaemon(true);
    thread.start();
  }

  private long await(long mode, long timeout, long cancel) {
    return handle.with(d -> Raw.dispatcher_shutdown(d, mode, timeout, cancel), 0);
  }

  /**
   * Waits until all channels are closed and their tasks have ended. A task of another dispatcher may wait, and does not keep others
   * from running.
   *
   * @param timeout how long
   * @param unit the unit of the timeout
   * @return whether that is so
   * @throws InterruptedException if the thread is interrupted
   * @throws LibschedException with {@link Status#DEADLOCK} if a task of this dispatcher calls
   */
  public boolean await(long timeout, TimeUnit unit) throws InterruptedException {
    long wait = Math.max(unit.toNanos(timeout), 0);
    long status = Waiting.on(wait, null, this::await);
    if (status == RawStatus.E_TIMEOUT) return false;
    return LibschedException.check(status) == 0;
  }

  private long await(long timeout, long cancel) {
    return handle.with(d -> Raw.dispatcher_wait(d, timeout, cancel), 0);
  }

  /**
   * Shuts the dispatcher down and waits until its tasks have ended. If the thread is interrupted meanwhile, all channels are cleared;
   * it waits for the tasks that run, and stays marked as interrupted. A task of this dispatcher may close it too: the end then
   * comes by itself, and is not waited for. Closing once more does nothing.
   */
  @Override
  public void close() {
    shutdown();
    boolean interrupted = false;
    while (!handle.isClosed()) {
      try {
        long mode = interrupted ? Raw.CANCEL : Raw.DRAIN;
        long status =
            Waiting.on(Raw.FOREVER, null, (ns, cancel) -> await(mode, ns, cancel));
        LibschedException.check(status);
        handle.close();
      } catch (LibschedException e) {
        handle.close();
        if (e.status() != Status.DEADLOCK) throw e;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }

  /**
   * What the dispatcher has done so far.
   *
   * @return a picture
   * @throws IllegalStateException if the dispatcher was closed
   */
  public DispatcherStats stats() {
    DispatcherStats[] stats = new DispatcherStats[1];
    handle.with(
        address -> {
          stats[0] = new DispatcherStats(address);
          return 0;
        });
    return stats[0];
  }

  Engine engine() {
    return engine;
  }

  NativeHandle handle() {
    return handle;
  }

  boolean hasFinalizer() {
    return finalizer != null;
  }

  void work(T task, TaskContext context) throws Exception {
    work.run(task, context);
  }

  void end(T task, Throwable failure) {
    finalizer.ended(task, failure);
  }

  void drop(T task) {
    if (dropped != null) dropped.accept(task);
  }
}
