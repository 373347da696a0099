package org.libsched;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A line of a {@link Process}' output, as it comes out of the queue.
 *
 * @since 0.1
 */
public final class ProcessOutput {
  private static final int HEAD = 16; // bytes: the tag, the stream, the flags

  private final long tag;
  private final int stream;
  private final int flags;
  private final byte[] data;

  private ProcessOutput(ByteBuffer message) {
    tag = message.getLong();
    stream = message.getInt();
    flags = message.getInt();
    data = new byte[message.remaining()];
    message.get(data);
  }

  /**
   * Reads a message.
   *
   * @param message what came out of the queue
   * @return what it says
   * @throws IllegalArgumentException if the message is no output of a process
   */
  public static ProcessOutput of(byte[] message) {
    if (message.length < HEAD) throw new IllegalArgumentException("length: " + message.length);
    return new ProcessOutput(ByteBuffer.wrap(message).order(ByteOrder.nativeOrder()));
  }

  /**
   * Whose output it is.
   *
   * @return the tag of the process
   */
  public long tag() {
    return tag;
  }

  /**
   * Whether it is a line of errors.
   *
   * @return whether it is; false if the streams were merged
   */
  public boolean isError() {
    return stream == Raw.PROCESS_STDERR;
  }

  /**
   * The line without its newline.
   *
   * @return the bytes
   */
  public byte[] data() {
    return data.clone();
  }

  /**
   * The same as a text.
   *
   * @return the bytes, taken for UTF-8
   */
  public String text() {
    return Text.of(data);
  }

  /**
   * Whether the line goes on in the next message of this process and stream.
   *
   * @return whether it does
   */
  public boolean isContinued() {
    return (flags & Raw.PROCESS_CONTINUES) != 0;
  }

  /**
   * Whether the stream has ended, and not with a newline.
   *
   * @return whether it has
   */
  public boolean isUnfinished() {
    return (flags & Raw.PROCESS_UNFINISHED) != 0;
  }

  /**
   * Whether this is the last message of the stream, since there was more output than allowed.
   *
   * @return whether it is
   */
  public boolean isCut() {
    return (flags & Raw.PROCESS_CUT) != 0;
  }
}
