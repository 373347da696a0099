import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.libsched.Job;
import org.libsched.JobContext;
import org.libsched.JobOptions;
import org.libsched.Jobserver;
import org.libsched.Pool;
import org.libsched.RunFailedException;
import org.libsched.RunMessage;
import org.libsched.RunOptions;

/**
 * A small build: each C source is compiled and linked, and in the end a function adds up what was made. Under {@code make -jN} it keeps
 * to make's slots; the rule must begin with a plus, so that make hands its jobserver down.
 *
 * <pre>
 * javac -cp libsched.jar Graph.java
 * java -cp libsched.jar:. Graph made *.c
 * </pre>
 *
 * <p>CC, CFLAGS and LDLIBS of the environment say how.
 */
final class Graph {
  private static final String COMPILE = "${CC:-cc} $CFLAGS -c -o \"$1\" \"$2\"";
  private static final String LINK = "${CC:-cc} -o \"$1\" \"$2\" $LDLIBS";

  private Graph() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2) {
      System.err.println("usage: Graph DIRECTORY SOURCE...");
      System.exit(2);
    }
    Path made = Files.createDirectories(Path.of(arguments[0]));
    List<Path> programs = new ArrayList<>();
    // make -j1 has no jobserver.
    int alone = System.getenv("MAKELEVEL") == null ? Runtime.getRuntime().availableProcessors() : 0;
    try (Jobserver jobserver = Jobserver.inherit(null, alone);
        Pool pool = Pool.builder().workers(1).build();
        org.libsched.Graph graph = new org.libsched.Graph()) {
      if (!jobserver.problem().isEmpty()) System.err.println("graph: " + jobserver.problem());
      Job sum = graph.add(JobOptions.of(job -> sum(job, programs)).name("sum"));
      for (String source : Arrays.asList(arguments).subList(1, arguments.length)) {
        String name = Path.of(source).getFileName().toString().replaceFirst("\\.c$", "");
        Path program = made.resolve(name);
        programs.add(program);
        String object = program + ".o";
        Job compile =
            graph.add(JobOptions.shell(COMPILE, object, source).name("compile " + name).cost(4));
        Job link = graph.add(JobOptions.shell(LINK, program.toString(), object).name("link " + name));
        sum.after(link.after(compile));
      }
      RunOptions options = new RunOptions().jobserver(jobserver).slots(64).handler(Graph::show);
      graph.run(pool, options).close();
    } catch (RunFailedException e) {
      System.err.println("graph: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void sum(JobContext job, List<Path> programs) throws Exception {
    long bytes = 0;
    for (Path program : programs) bytes += Files.size(program);
    job.message(programs.size() + " programs, " + bytes + " bytes");
  }

  private static void show(RunMessage message) {
    switch (message.kind()) {
      case STDOUT:
      case STDERR:
      case OWN:
        System.out.println(message.text());
        break;
      case FINISHED:
        System.out.println(
            "[" + message.ended() + "/" + message.total() + "] " + message.job().name());
        break;
      default:
    }
  }
}
