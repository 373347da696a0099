package org.libsched;

/** What the engine refused, and why. */
public class LibschedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The status, or the negated errno. */
  private final int code;

  /** The errno. */
  private final int errno;

  /** The place in the input. */
  private final long offset;

  /** Called by the native side. */
  LibschedException(int code, int errno, long offset, byte[] text) {
    super(Text.of(text));
    this.code = code;
    this.errno = errno != 0 ? errno : code < 0 && code >= -4095 ? -code : 0;
    this.offset = offset;
  }

  private LibschedException(int code) {
    this(code, 0, 0, Text.bytes(Raw.status_message(code)));
  }

  /** The exception for a status that a raw function gave. */
  static LibschedException of(long status) {
    return new LibschedException((int) status);
  }

  /** The exception for a status, with a text that says more. */
  static LibschedException of(long status, String text) {
    return new LibschedException((int) status, 0, 0, Text.bytes(text));
  }

  /** What a raw function gave, if it was no failure. */
  static long check(long result) {
    if (result < 0) throw of(result);
    return result;
  }

  /**
   * The status of the engine.
   *
   * @return the status; {@link Status#SYSTEM} when the operating system refused something
   */
  public Status status() {
    return Status.of(code);
  }

  /**
   * The number of the status.
   *
   * @return one of the engine's codes, or a negated errno
   */
  public int code() {
    return code;
  }

  /**
   * The error of the operating system.
   *
   * @return a positive errno, or 0 if the system refused nothing
   */
  public int errno() {
    return errno;
  }

  /**
   * Where in the input the failure lies.
   *
   * @return an index or byte offset into the argument that the message names, 0 where there is none
   */
  public long offset() {
    return offset;
  }
}
