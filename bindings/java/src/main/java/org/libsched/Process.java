package org.libsched;

import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/**
 * A child process that cannot leak, with its output by lines in a queue. In difference to one of {@link java.lang.Process} it takes no
 * thread, inherits a jobserver, and is the head of a process group that is stopped together.
 *
 * <pre>{@code
 * try (ByteQueue lines = new ByteQueue();
 *     Process process = Process.options("cc", "-c", "a.c").output(lines).start()) {
 *   ProcessResult result = process.waitFor();
 *   for (byte[] line; (line = lines.tryPop()) != null; ) show(ProcessOutput.of(line).text());
 * }
 * }</pre>
 *
 * <p>Any thread may call any method.
 *
 * @since 0.1
 */
public final class Process implements AutoCloseable {
  private final NativeHandle handle;
  private final long pid;

  Process(long address) {
    handle = new NativeHandle(this, address, Raw::process_unref);
    pid = LibschedException.check(Raw.process_pid(address));
  }

  /**
   * Begins to start a program.
   *
   * @param command the program and its arguments; one without a slash is looked for in PATH
   * @return all defaults
   */
  public static ProcessOptions options(String... command) {
    return new ProcessOptions(command, 0);
  }

  /**
   * Begins to start a command of the shell.
   *
   * @param command what /bin/sh is to run, and what it finds as $1, $2 and so on
   * @return all defaults
   */
  public static ProcessOptions shell(String... command) {
    return new ProcessOptions(command, Raw.PROCESS_SHELL);
  }

  /**
   * The number of the child. It may be another process' once this one is over.
   *
   * @return the process id
   */
  public long pid() {
    return pid;
  }

  /**
   * Waits until the process has ended and all its output is in the queues. A task of a pool that waits does not keep the others from
   * running. A queue that is full is waited for: who alone takes from it must not wait for the process first.
   *
   * @return what became of it
   * @throws InterruptedException if the thread is interrupted; the process goes on
   * @throws IllegalStateException if the process was closed
   */
  public ProcessResult waitFor() throws InterruptedException {
    return waitFor(Raw.FOREVER);
  }

  /**
   * As {@link #waitFor()}.
   *
   * @param timeout how long to wait
   * @param unit the unit of the timeout
   * @return what became of it; null if it is not over
   * @throws InterruptedException if the thread is interrupted; the process goes on
   * @throws IllegalStateException if the process was closed
   */
  public ProcessResult waitFor(long timeout, TimeUnit unit) throws InterruptedException {
    return waitFor(Math.max(unit.toNanos(timeout), 0));
  }

  private ProcessResult waitFor(long timeout) throws InterruptedException {
    long result = Raw.new_process_result();
    try {
      Raw.process_result_init(result);
      long status = Waiting.on(timeout, null, (ns, cancel) -> wait(result, ns, cancel));
      if (status == RawStatus.E_TIMEOUT) return null;
      LibschedException.check(status);
      return new ProcessResult(result);
    } finally {
      Raw.delete_process_result(result);
    }
  }

  private long wait(long result, long timeout, long cancel) {
    return handle.with(address -> Raw.process_wait(result, address, timeout, cancel));
  }

  /**
   * Asks the process to end, with its group: SIGTERM, and SIGKILL after a grace. Does not wait.
   *
   * @param grace 0: SIGKILL at once; negative: never
   * @param unit the unit of the grace
   * @return whether it was asked; false: it is over
   */
  public boolean stop(long grace, TimeUnit unit) {
    return isThere(address -> Raw.process_stop(address, unit.toNanos(grace)));
  }

  /**
   * Sends a signal to the process and its group. Does not wait.
   *
   * @param signal from 1 to 64
   * @return whether it was sent; false: the process is over
   * @throws LibschedException with {@link Status#RANGE} if there is no such signal; with the errno EPERM if the process has changed
   *     its user
   */
  public boolean kill(int signal) {
    return isThere(address -> Raw.process_kill(address, signal));
  }

  private boolean isThere(LongUnaryOperator call) {
    try {
      LibschedException.check(handle.with(call, RawStatus.E_CLOSED));
      return true;
    } catch (LibschedException e) {
      if (e.status() == Status.STATE || e.status() == Status.CLOSED) return false;
      throw e;
    }
  }

  /** Lets the process go on by itself, or with {@link ProcessOptions#killOnClose} kills it. Does not wait. */
  @Override
  public void close() {
    handle.close();
  }
}
