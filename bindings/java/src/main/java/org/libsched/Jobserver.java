package org.libsched;

import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/**
 * GNU make's jobserver, both ends: a pool of tokens that the processes of a build share, so that all of them together run no
 * more jobs than the one who began it asked for.
 *
 * <pre>{@code
 * try (Jobserver jobserver = Jobserver.inherit();
 *     JobToken token = jobserver.acquire()) {
 *   compile();
 * }
 * }</pre>
 *
 * <p>Every process has one slot that it need not ask for. It is the first token that is handed out, and where there is no jobserver
 * that can be used one job runs at a time. Any thread may call any method.
 *
 * <p>A {@link java.lang.ProcessBuilder} closes all descriptors in its children, so these can only use a jobserver with a fifo: see
 * {@link #configure}. A {@link Process} of this package inherits the descriptors as well.
 *
 * @since 0.1
 */
public final class Jobserver implements AutoCloseable {
  /** How children reach a jobserver. */
  public enum Style {
    /** By two descriptors, as make before 4.4, gcc, cargo and most others do. */
    PIPE(Raw.JOBSERVER_PIPE),
    /** By the name of a fifo, as make from 4.4 on, ninja from 1.13 on and cargo do. */
    FIFO(Raw.JOBSERVER_FIFO),
    /** Both ways. */
    BOTH(Raw.JOBSERVER_BOTH);

    private final long code;

    Style(long code) {
      this.code = code;
    }
  }

  private final NativeHandle handle;
  private final boolean dryRun;
  private final String problem;

  private Jobserver(long address) {
    handle = new NativeHandle(this, address, Raw::jobserver_unref);
    long info = Raw.new_jobserver_info();
    try {
      Raw.jobserver_info_init(info);
      LibschedException.check(Raw.jobserver_get_info(info, address));
      dryRun = Raw.jobserver_info_dry_run_get(info) != 0;
      problem = Raw.jobserver_info_message_get(info);
    } finally {
      Raw.delete_jobserver_info(info);
    }
  }

  /**
   * Joins the jobserver that CARGO_MAKEFLAGS, MAKEFLAGS or MFLAGS names. That there is none, or that it cannot be used, is no error:
   * there is one slot then, and {@link #problem} tells why. Does not wait.
   *
   * @return the jobserver
   * @throws LibschedException if the system refuses what it takes
   */
  public static Jobserver inherit() {
    return inherit(null, 0);
  }

  /**
   * As {@link #inherit()}.
   *
   * @param makeflags the text to read; null: the environment's
   * @param fallback slots of a jobserver of its own where none can be used; 0: one
   * @return the jobserver
   * @throws IllegalArgumentException if `fallback` is negative
   * @throws LibschedException if the system refuses what it takes
   */
  public static Jobserver inherit(String makeflags, int fallback) {
    if (fallback < 0) throw new IllegalArgumentException("fallback: " + fallback);
    long options = Raw.new_jobserver_options();
    try {
      Raw.jobserver_options_init(options);
      Raw.jobserver_options_makeflags_set(options, makeflags);
      Raw.jobserver_options_fallback_set(options, fallback);
      return new Jobserver(LibschedException.check(Raw.jobserver_inherit(options)));
    } finally {
      Raw.jobserver_options_makeflags_set(options, null);
      Raw.delete_jobserver_options(options);
    }
  }

  /**
   * Begins a jobserver for the children of this process. Does not wait.
   *
   * @param slots how many jobs may run at a time, this process' own one among them, at least 1
   * @param style how children reach it
   * @return the jobserver
   * @throws IllegalArgumentException if there is no slot
   * @throws LibschedException if the system refuses what it takes
   */
  public static Jobserver serve(int slots, Style style) {
    if (slots <= 0) throw new IllegalArgumentException("slots: " + slots);
    return new Jobserver(LibschedException.check(Raw.jobserver_serve(slots, style.code, 0)));
  }

  /**
   * Takes a token. Waits for one, first come, first served; a task of a pool that waits does not keep the others from running.
   *
   * @return the token
   * @throws InterruptedException if the thread is interrupted; nothing was taken
   * @throws CancellationException if requests were withdrawn, or the jobserver was closed
   * @throws LibschedException with the errno EPIPE if the others' end is closed: told once, after that there is one slot
   */
  public JobToken acquire() throws InterruptedException {
    return acquire(Raw.FOREVER);
  }

  /**
   * As {@link #acquire()}.
   *
   * @param timeout how long to wait
   * @param unit the unit of the timeout
   * @return the token; null if there was none
   * @throws InterruptedException if the thread is interrupted; nothing was taken
   * @throws CancellationException if requests were withdrawn, or the jobserver was closed
   * @throws LibschedException as {@link #acquire()}
   */
  public JobToken acquire(long timeout, TimeUnit unit) throws InterruptedException {
    return acquire(Math.max(unit.toNanos(timeout), 0));
  }

  private JobToken acquire(long timeout) throws InterruptedException {
    return token(Waiting.on(timeout, null, this::acquire));
  }

  private long acquire(long timeout, long cancel) {
    return handle.with(
        address -> Raw.jobserver_acquire(address, timeout, cancel), RawStatus.E_CLOSED);
  }

  /**
   * Takes a token if there is one. Does not wait.
   *
   * @return the token, or null
   * @throws CancellationException if the jobserver was closed
   * @throws LibschedException as {@link #acquire()}
   */
  public JobToken tryAcquire() {
    return token(handle.with(Raw::jobserver_try_acquire, RawStatus.E_CLOSED));
  }

  private JobToken token(long result) {
    if (result == RawStatus.E_EMPTY || result == RawStatus.E_TIMEOUT) return null;
    if (result == RawStatus.E_CLOSED) throw new CancellationException("there will be no token");
    return new JobToken(this, LibschedException.check(result));
  }

  /**
   * Withdraws all requests that wait. Does not wait.
   *
   * @return how many there were
   */
  public long withdraw() {
    return handle.with(Raw::jobserver_withdraw, 0);
  }

  /**
   * What children are to find in MAKEFLAGS.
   *
   * @return the text; null if there is no jobserver that children could use
   * @throws IllegalStateException if the jobserver was closed
   */
  public String makeflags() {
    String[] text = new String[1];
    handle.with(
        address -> {
          text[0] = Raw.jobserver_makeflags(address);
          return 0;
        });
    return text[0];
  }

  /**
   * Lets a child of a {@link java.lang.ProcessBuilder} find this jobserver, if it has a fifo; else takes out of the environment what would
   * lead the child to descriptors that it does not have.
   *
   * @param environment that of the child: {@link java.lang.ProcessBuilder#environment}
   * @return whether the child finds it
   * @throws IllegalStateException if the jobserver was closed
   */
  public boolean configure(Map<String, String> environment) {
    String text = makeflags();
    boolean found = text != null && text.contains("=fifo:");
    environment.remove("MFLAGS");
    environment.remove("CARGO_MAKEFLAGS");
    environment.remove("MAKEFLAGS");
    if (found) environment.put("MAKEFLAGS", text);
    return found;
  }

  /**
   * Makes a broker for one child that is still to be started, so that no token is lost with it.
   *
   * @return the broker
   * @throws IllegalStateException if the jobserver was closed
   * @throws LibschedException with {@link Status#STATE} if there is no jobserver but the one slot
   */
  public Broker broker() {
    return new Broker(LibschedException.check(handle.with(Raw::broker_create)));
  }

  /**
   * Whether make was called with -n, so nothing is to be run.
   *
   * @return whether it was
   */
  public boolean isDryRun() {
    return dryRun;
  }

  /**
   * Why an inherited jobserver is not used, and what would help.
   *
   * @return the text, empty if it is used
   */
  public String problem() {
    return problem;
  }

  /**
   * Counts the tokens.
   *
   * @return where they are
   * @throws IllegalStateException if the jobserver was closed
   */
  public JobserverStats stats() {
    JobserverStats[] stats = new JobserverStats[1];
    handle.with(
        address -> {
          stats[0] = new JobserverStats(address);
          return 0;
        });
    return stats[0];
  }

  /** Ends it for this process: requests are withdrawn, tokens that are still held go back. Does not wait. */
  @Override
  public void close() {
    handle.with(address -> Raw.jobserver_shutdown(0, address), 0); // who waits returns
    handle.close();
  }

  NativeHandle handle() {
    return handle;
  }
}
