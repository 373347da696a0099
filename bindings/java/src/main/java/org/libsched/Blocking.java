package org.libsched;

/**
 * A section in which the running task waits for something that its pool knows nothing of, such as a socket or a lock. Another
 * thread stands in for the worker meanwhile, so that the pool runs as many tasks as it was made for.
 *
 * <pre>{@code
 * try (Blocking section = Blocking.begin()) {
 *   socket.read(buffer);
 * }
 * }</pre>
 *
 * <p>Sections may be nested. A thread that runs no task of a pool may have one too; it means nothing then. {@link
 * java.util.concurrent.Future#get()} of a pool's futures is such a section by itself.
 */
public final class Blocking implements AutoCloseable {
  private static final Blocking NONE = new Blocking();
  private static final Blocking BEGUN = new Blocking();

  private Blocking() {}

  /**
   * Begins a section, on the calling thread.
   *
   * @return what ends it, to be closed by the same thread
   */
  public static Blocking begin() {
    Worker.aboutToWait();
    if (Raw.blocking_begin() != 0) return NONE;
    Worker.inSection(1);
    return BEGUN;
  }

  /** Ends the section. */
  @Override
  public void close() {
    if (this == NONE) return;
    Worker.inSection(-1);
    Raw.blocking_end();
  }
}
