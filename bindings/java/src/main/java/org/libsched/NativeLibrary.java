package org.libsched;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;

/**
 * Loads the native library: from the directory that the property {@code org.libsched.native.path} names, else from {@code
 * java.library.path}, else from this jar.
 */
final class NativeLibrary {
  private static final String PATH_PROPERTY = "org.libsched.native.path";
  // In the order in which they are deleted; the first one needs the second.
  private static final String[] FILES = {"libsched_java.so", "libsched.so.0"};

  private NativeLibrary() {}

  static void load() {
    String directory = System.getProperty(PATH_PROPERTY);
    if (directory != null) {
      System.load(Paths.get(directory).toAbsolutePath().resolve(FILES[0]).toString());
    } else if (isOnLibraryPath()) {
      System.loadLibrary("sched_java");
    } else {
      loadFromJar();
    }
  }

  private static boolean isOnLibraryPath() {
    for (String directory : System.getProperty("java.library.path", "").split(":")) {
      if (!directory.isEmpty() && Files.exists(Paths.get(directory, FILES[0]))) return true;
    }
    return false;
  }

  // A fresh directory that only its owner may enter: nobody else can put a file of his own there. The files are gone as soon
  // as they are loaded. Each class loader gets its own copy, as the virtual machine demands.
  private static void loadFromJar() {
    String folder = "/META-INF/native/linux-" + System.getProperty("os.arch") + "/";
    try {
      Path directory = Files.createTempDirectory("libsched-");
      try {
        for (String file : FILES) unpack(folder + file, directory.resolve(file));
        System.load(directory.resolve(FILES[0]).toString());
      } finally {
        for (String file : FILES) Files.deleteIfExists(directory.resolve(file));
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw link("cannot be unpacked below " + System.getProperty("java.io.tmpdir"), e);
    }
  }

  private static void unpack(String resource, Path file) throws IOException {
    try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
      if (in == null) throw link("is not in the jar: there is no " + resource, null);
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static UnsatisfiedLinkError link(String what, Throwable cause) {
    UnsatisfiedLinkError error =
        new UnsatisfiedLinkError(
            "libsched's native library "
                + what
                + "; the property "
                + PATH_PROPERTY
                + " may name a directory that has it");
    error.initCause(cause);
    return error;
  }
}
