package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A task that was taken is run, however little memory there is for that. */
class OutOfMemoryTest {
  /** What the virtual machine that the test starts does: it fills its heap, and submits tasks. */
  static final class Program {
    private static final int ROUNDS = 12;
    private static final AtomicInteger ran = new AtomicInteger();
    private static final Object[] hog = new Object[1 << 20];

    public static void main(String[] arguments) throws Exception {
      Runnable task = ran::incrementAndGet;
      int accepted = 0;
      try (Pool pool = Pool.builder().workers(2).uncaughtExceptionHandler((t, e) -> {}).build()) {
        // So that all that is called is loaded.
        for (int i = 0; i < 10_000; i++) pool.execute(task);
        Arrays.fill(hog, null);
        pool.awaitIdle(1, TimeUnit.HOURS);
        ran.set(0);
        for (int round = 0; round < ROUNDS; round++) {
          int held = fill();
          // A little memory at first, then none.
          for (int i = 0; i < round && held > 0; i++) hog[--held] = null;
          accepted += submit(pool, task);
          Arrays.fill(hog, null);
          pool.awaitIdle(1, TimeUnit.HOURS);
        }
      }
      System.out.println(accepted == ran.get() ? "all ran" : accepted + " accepted, ran " + ran);
    }

    private static int fill() {
      int held = 0;
      for (int size = 1 << 18; size >= 16; size >>= 1) {
        try {
          while (held < hog.length) hog[held++] = new byte[size];
        } catch (OutOfMemoryError e) {
          held--;
        }
      }
      return held;
    }

    private static int submit(Pool pool, Runnable task) {
      int accepted = 0;
      for (int refused = 0; refused < 3 && accepted < 20_000; ) {
        try {
          pool.execute(task);
          accepted++;
        } catch (OutOfMemoryError e) {
          refused++;
        }
      }
      return accepted;
    }
  }

  @Test
  void losesNoTask() throws Exception {
    java.lang.Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx20m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "org.libsched.OutOfMemoryTest$Program")
            .redirectErrorStream(true)
            .start();
    String said;
    try (InputStream output = process.getInputStream()) {
      said = new String(output.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertEquals("all ran\n", said);
    assertEquals(0, process.waitFor());
  }
}
