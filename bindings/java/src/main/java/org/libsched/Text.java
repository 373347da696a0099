package org.libsched;

import java.nio.charset.StandardCharsets;

/** Texts as the native side has them. */
final class Text {
  private Text() {}

  static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  static String of(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }
}
