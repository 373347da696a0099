package org.libsched;

import java.io.ByteArrayOutputStream;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** Lists of texts as options want them. */
final class Texts implements AutoCloseable {
  private final long address;

  /** Of a list, or of none at all. */
  Texts(Collection<String> texts) {
    address = texts == null ? 0 : create(texts);
  }

  /** Of NAME=value entries, or of none at all. */
  static Texts of(Map<String, String> environment) {
    if (environment == null) return new Texts(null);
    return new Texts(
        environment.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.toList()));
  }

  private static long create(Collection<String> texts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String text : texts) {
      if (text.indexOf(0) >= 0) throw new IllegalArgumentException("a NUL in \"" + text + "\"");
      byte[] bytes = Text.bytes(text);
      all.write(bytes, 0, bytes.length);
      all.write(0);
    }
    long address = Raw.texts_create(all.toByteArray());
    if (address == 0) throw new OutOfMemoryError("no memory for " + all.size() + " bytes");
    return address;
  }

  long address() {
    return address;
  }

  @Override
  public void close() {
    if (address != 0) Raw.texts_free(address);
  }
}
