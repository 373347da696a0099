package org.libsched;

import java.nio.charset.StandardCharsets;

/** Texts as the native side has them. */
final class Text {
  private Text() {}

  static byte[] bytes(String text) {
    if (text == null) return null;
    if (text.indexOf(0) >= 0) throw new IllegalArgumentException("a NUL in \"" + text + "\"");
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String of(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }
}
