package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What is alive in the native side. */
final class Live {
  private Live() {}

  static void assertNone() {
    for (long kind = Raw.KIND_CANCEL; kind <= Raw.KIND_RESULT; kind++) assertNone(kind);
  }

  static void assertNone(long kind) {
    assertEquals(0, Raw.live_objects(kind), "live objects of kind " + kind);
  }
}
