package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadTest {
  @TempDir Path folder;

  /** What the virtual machines that the tests start do. */
  static final class Program {
    public static void main(String[] arguments) throws Exception {
      Pool pool = Pool.builder().build();
      System.out.println(pool.submit(() -> "ran").get());
      if (arguments.length == 0) pool.close();
      // Else the machine exits with a pool that is busy.
      for (int i = 0; i < 100_000 && arguments.length != 0; i++) {
        pool.execute(
            () -> {
              while (true) Thread.onSpinWait();
            });
      }
    }
  }

  private String run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.add("-Djava.io.tmpdir=" + folder);
    String path = System.getProperty("java.class.path");
    command.addAll(List.of("-Xcheck:jni", "-cp", path));
    command.addAll(List.of(arguments));
    File output = folder.resolve("output").toFile();
    java.lang.Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
    int status = process.waitFor();
    String text = Files.readString(output.toPath());
    Files.delete(output.toPath());
    return status == 0 ? text : "status " + status + ": " + text;
  }

  @Test
  void unpackedFilesAreGoneAtOnce() throws Exception {
    assertEquals("ran\n", run("org.libsched.LoadTest$Program"));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(), List.of(left.toArray()));
    }
  }

  @Test
  void machineExitsWithABusyPool() throws Exception {
    assertEquals("ran\n", run("org.libsched.LoadTest$Program", "busy"));
  }

  @Test
  void directoriesThatAreNamedComeFirst() throws Exception {
    String no = run("-Dorg.libsched.native.path=" + folder, "org.libsched.LoadTest$Program");
    assertTrue(no.contains("UnsatisfiedLinkError"), no);
    for (String file : List.of("libsched_java.so", "libsched.so.0")) unpack(file);
    assertEquals(
        "ran\n",
        run("-Dorg.libsched.native.path=" + folder, "org.libsched.LoadTest$Program"));
    assertEquals(
        "ran\n", run("-Djava.library.path=" + folder, "org.libsched.LoadTest$Program"));
  }

  private void unpack(String file) throws IOException {
    String arch = System.getProperty("os.arch");
    URL resource = Pool.class.getResource("/META-INF/native/linux-" + arch + "/" + file);
    Files.copy(resource.openStream(), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void classLoadersHaveTheirOwn() throws Exception {
    try (Pool pool = Pool.builder().build()) {
      URL jar = Pool.class.getProtectionDomain().getCodeSource().getLocation();
      ClassLoader parent = ClassLoader.getPlatformClassLoader();
      try (URLClassLoader loader = new URLClassLoader(new URL[] {jar}, parent)) {
        Class<?> other = loader.loadClass("org.libsched.Pool");
        assertNotSame(Pool.class, other);
        Object builder = other.getMethod("builder").invoke(null);
        Method build = builder.getClass().getMethod("build");
        ExecutorService second = (ExecutorService) build.invoke(builder);
        assertEquals(1, second.submit(() -> 1).get());
        assertEquals(2, pool.submit(() -> 2).get());
        ((AutoCloseable) second).close();
      }
    }
  }
}
