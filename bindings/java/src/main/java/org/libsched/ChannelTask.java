package org.libsched;

/** A task of a channel, from its send to its end. It keeps its channel from being collected. */
final class ChannelTask<T> extends Held {
  private final Channel<T> channel;
  private Throwable failure;

  ChannelTask(Channel<T> channel, T task) {
    super(task);
    this.channel = channel;
  }

  @SuppressWarnings("unchecked")
  private T task() {
    return (T) value;
  }

  private Dispatcher<T> dispatcher() {
    return channel.dispatcher();
  }

  /** Does the task; gives 0 or the code of its failure. */
  static int work(Worker worker, long task, long slot) {
    ChannelTask<?> held = (ChannelTask<?>) Slots.peek(slot);
    if (!held.dispatcher().hasFinalizer()) Slots.remove(slot);
    return held.work(worker, new TaskContext(task));
  }

  private int work(Worker worker, TaskContext context) {
    if (worker != null && worker.colleagues == null) dispatcher().engine().began(worker);
    try {
      dispatcher().work(task(), context);
      return 0;
    } catch (Throwable thrown) {
      failure = thrown;
      if (!dispatcher().hasFinalizer()) Engine.uncaught(thrown);
      return RawStatus.E_EXCEPTION;
    } finally {
      context.end();
      Thread.interrupted(); // whom that was for has ended
    }
  }

  /** The task has ended, and was not cleared. */
  static void end(long slot) {
    ((ChannelTask<?>) Slots.remove(slot)).end();
  }

  private void end() {
    try {
      dispatcher().end(task(), failure);
    } catch (Throwable thrown) {
      Engine.uncaught(thrown);
    }
  }

  @Override
  void dropped() {
    dispatcher().drop(task());
  }
}
