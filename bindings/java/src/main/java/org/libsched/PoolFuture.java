package org.libsched;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A task with a result. A task of a pool that waits for one does not keep the others from running. */
class PoolFuture<T> extends FutureTask<T> {
  PoolFuture(Callable<T> task) {
    super(task);
  }

  PoolFuture(Runnable task, T result) {
    super(task, result);
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    if (isDone()) return super.get();
    try (Blocking section = Blocking.begin()) {
      return super.get();
    }
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (isDone()) return super.get();
    try (Blocking section = Blocking.begin()) {
      return super.get(timeout, unit);
    }
  }
}
