import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.atomic.LongAdder;
import org.libsched.Group;
import org.libsched.Pool;
import org.libsched.Priority;

/**
 * Counts the lines, words and bytes of every regular file below some directories, in parallel.
 *
 * <pre>
 * javac -cp libsched.jar TreeWc.java
 * java -cp libsched.jar:. TreeWc /usr/include
 * </pre>
 *
 * <p>The totals are those of {@code find DIR... -type f -print0 | LC_ALL=C wc -lwc --files0-from=-}. Directories go before files,
 * since they find work for all workers.
 */
final class TreeWc {
  private final Group group;
  private final LongAdder lines = new LongAdder();
  private final LongAdder words = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder failures = new LongAdder();

  private TreeWc(Group group) {
    this.group = group;
  }

  public static void main(String[] arguments) throws Exception {
    TreeWc count;
    try (Pool pool = Pool.builder().name("treewc").build();
        Group group = pool.group()) {
      count = new TreeWc(group);
      for (String argument : arguments.length == 0 ? new String[] {"."} : arguments) {
        count.start(Path.of(argument));
      }
      group.await();
    }
    System.out.println(count.lines + " " + count.words + " " + count.bytes + " total");
    if (count.failures.sum() != 0) System.exit(1);
  }

  /** Sees to a directory or a file; to nothing else. */
  private void start(Path path) {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      group.execute(() -> list(path), Priority.HIGH);
    } else if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      group.execute(() -> count(path));
    } else if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      failure(path, "there is no such file");
    }
  }

  private void list(Path directory) {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      all.forEach(this::start);
    } catch (IOException e) {
      failure(directory, e);
    }
  }

  // To wc a word is what lies between two spaces, if at least one of its bytes is visible.
  private void count(Path file) {
    long newLines = 0;
    long newWords = 0;
    byte[] buffer = new byte[1 << 16];
    boolean inWord = false;
    try (InputStream in = Files.newInputStream(file)) {
      for (int n; (n = in.read(buffer)) > 0; ) {
        bytes.add(n);
        for (int i = 0; i < n; i++) {
          byte c = buffer[i];
          if (c == '\n') newLines++;
          if (c == ' ' || c >= '\t' && c <= '\r') {
            inWord = false;
          } else if (c > ' ' && c < 0x7f && !inWord) {
            inWord = true;
            newWords++;
          }
        }
      }
    } catch (IOException e) {
      failure(file, e);
    }
    lines.add(newLines);
    words.add(newWords);
  }

  private void failure(Path path, Object why) {
    failures.increment();
    System.err.println("treewc: cannot read '" + path + "': " + why);
  }
}
