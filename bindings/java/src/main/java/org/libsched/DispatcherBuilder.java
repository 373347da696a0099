package org.libsched;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * How a {@link Dispatcher} is to be. Only the work must be said.
 *
 * @param <T> the type of its tasks
 * @since 0.1
 */
public final class DispatcherBuilder<T> {
  final Pool pool;
  Work<T> work;
  Finalizer<T> finalizer;
  Consumer<T> dropped;
  private int limit;

  DispatcherBuilder(Pool pool) {
    this.pool = Objects.requireNonNull(pool, "pool");
  }

  /**
   * What is done with each task.
   *
   * @param does the work
   * @return this
   */
  public DispatcherBuilder<T> work(Work<T> does) {
    work = Objects.requireNonNull(does, "work");
    return this;
  }

  /**
   * Who is told what has come of each task.
   *
   * @param told the finalizer; nobody unless set
   * @return this
   */
  public DispatcherBuilder<T> finalizer(Finalizer<T> told) {
    finalizer = told;
    return this;
  }

  /**
   * Who is told of each task that is dropped: it will not be run, or its channel was cleared while it was.
   *
   * @param told called by the thread that drops the task; nobody unless set
   * @return this
   */
  public DispatcherBuilder<T> dropped(Consumer<T> told) {
    dropped = told;
    return this;
  }

  /**
   * How many tasks run at a time.
   *
   * @param most at least 1; as many as the pool has workers unless set
   * @return this
   * @throws IllegalArgumentException if it is less
   */
  public DispatcherBuilder<T> limit(int most) {
    if (most <= 0) throw new IllegalArgumentException("limit: " + most);
    limit = most;
    return this;
  }

  /**
   * Makes the dispatcher.
   *
   * @return a dispatcher without channels
   * @throws NullPointerException if no work was said
   * @throws LibschedException with {@link Status#CLOSED} if the pool was shut down
   */
  public Dispatcher<T> build() {
    Objects.requireNonNull(work, "work");
    return new Dispatcher<>(this);
  }

  long create(long address) {
    long options = Raw.new_dispatcher_options();
    try {
      Raw.dispatcher_options_init(options);
      Raw.dispatcher_options_work_set(options, Raw.upcall_work());
      if (finalizer != null) {
        Raw.dispatcher_options_finalize_set(options, Raw.upcall_finalize());
      }
      Raw.dispatcher_options_discard_set(options, Raw.upcall_discard());
      Raw.dispatcher_options_limit_set(options, limit);
      return LibschedException.check(Raw.dispatcher_create(address, options));
    } finally {
      Raw.delete_dispatcher_options(options);
    }
  }
}
