package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProcessTest {
  private static final int KILLED = 9;

  @AfterEach
  void everythingIsGone() {
    Live.assertNone();
  }

  private static List<String> lines(ByteQueue queue) {
    List<String> lines = new ArrayList<>();
    for (byte[] line; (line = queue.tryPop()) != null; ) {
      ProcessOutput output = ProcessOutput.of(line);
      lines.add(output.tag() + (output.isError() ? "!" : "") + output.text());
      assertFalse(output.isContinued());
      assertFalse(output.isCut());
    }
    return lines;
  }

  @Test
  void givesOutputByLines() throws Exception {
    try (ByteQueue queue = new ByteQueue();
        Process process =
            Process.shell("echo \"$1\"; echo two; echo bad >&2; exit 3", "one é")
                .output(queue)
                .errors(queue)
                .tag(7)
                .start()) {
      ProcessResult result = process.waitFor();
      assertEquals(3, result.code());
      assertFalse(result.isSuccess());
      assertEquals("exit code 3", result.toString());
      List<String> lines = lines(queue);
      assertTrue(lines.remove("7!bad"));
      assertEquals(List.of("7one é", "7two"), lines);
      assertTrue(process.pid() > 1);
    }
  }

  @Test
  void runsInItsEnvironmentAndDirectory() throws Exception {
    try (ByteQueue queue = new ByteQueue()) {
      ProcessOptions options =
          Process.shell("echo $A-$B-$C; pwd >&2")
              .environment(Map.of("A", "a", "B", "b", "PATH", "/usr/bin:/bin"))
              .variable("B", null)
              .variable("C", "c")
              .directory(Path.of("/"))
              .output(queue)
              .mergeErrors();
      try (Process process = options.start()) {
        assertTrue(process.waitFor().isSuccess());
      }
      assertEquals(List.of("0a--c", "0/"), lines(queue));
    }
  }

  @Test
  void isStoppedAndKilled() throws Exception {
    try (Process process = Process.options("sleep", "1000").discardOutput().start()) {
      assertNull(process.waitFor(1, TimeUnit.MILLISECONDS));
      assertTrue(process.kill(KILLED));
      ProcessResult result = process.waitFor();
      assertEquals(KILLED, result.signal());
      assertEquals("ended by signal 9", result.toString());
      assertFalse(process.kill(KILLED));
      assertFalse(process.stop(0, TimeUnit.SECONDS));
      assertThrows(LibschedException.class, () -> process.kill(1000));
    }
    try (Process process = Process.options("sleep", "1000").start()) {
      assertTrue(process.stop(1, TimeUnit.DAYS));
      assertEquals(15, process.waitFor().signal());
    }
  }

  @Test
  void endsWhenItsTimeIsOver() throws Exception {
    try (Process process =
        Process.options("sleep", "1000").timeout(1, TimeUnit.MILLISECONDS).start()) {
      ProcessResult result = process.waitFor();
      assertTrue(result.isTimedOut());
      assertFalse(result.isSuccess());
    }
  }

  @Test
  void saysWhyItDidNotStart() {
    LibschedException thrown =
        assertThrows(LibschedException.class, () -> Process.options("/no/such/program").start());
    assertEquals(2, thrown.errno());
    assertTrue(thrown.getMessage().contains("/no/such/program"), thrown.getMessage());
    assertThrows(LibschedException.class, () -> Process.options().start());
    assertThrows(IllegalArgumentException.class, () -> Process.options("a\0b").start());
    ByteQueue closed = new ByteQueue();
    closed.close();
    assertThrows(LibschedException.class, () -> Process.options("true").output(closed).start());
  }

  @Test
  void isInterruptedWhileItIsWaitedFor() throws Exception {
    try (Process process = Process.options("sleep", "1000").killOnClose().start()) {
      Waiter waiter = new Waiter(process::waitFor);
      waiter.awaitWaiting();
      waiter.thread.interrupt();
      assertTrue(waiter.failure() instanceof InterruptedException);
    }
  }

  @Test
  void canBeUsedAfterItsEnd() throws Exception {
    Process process = Process.options("true").start();
    process.close();
    process.close();
    assertThrows(IllegalStateException.class, process::waitFor);
    assertFalse(process.kill(KILLED));
  }

  // The virtual machine waits for its own children by their numbers, and the engine for its.
  @Test
  void getsOnWithProcessBuilderWhileTasksRun() throws Exception {
    try (Pool pool = Pool.builder().workers(2).build();
        Group group = pool.group()) {
      for (int i = 0; i < 20; i++) {
        int code = i;
        group.submit(
            () -> {
              java.lang.Process other = new ProcessBuilder("sh", "-c", "exit " + code).start();
              try (Process own = Process.shell("exit " + code).start()) {
                assertEquals(code, own.waitFor().code());
              }
              assertEquals(code, other.waitFor());
              return null;
            });
      }
      group.await();
    }
  }

  @Test
  void runsCommandsOfAGraph() throws Exception {
    List<String> said = new ArrayList<>();
    try (Graph graph = new Graph()) {
      Job a = graph.add(JobOptions.shell("echo $0 $1", "a").name("a"));
      graph
          .add(
              JobOptions.command("sh", "-c", "pwd; echo $X")
                  .directory(Path.of("/"))
                  .environment(Map.of("X", "x", "PATH", "/usr/bin:/bin")))
          .after(a);
      RunOptions options =
          new RunOptions()
              .handler(m -> {
                if (m.kind() == MessageKind.STDOUT) said.add(m.text());
              });
      graph.run(null, options).close();
      graph.run(null, new RunOptions().output(RunOptions.Output.NONE)).close();
    }
    assertEquals(List.of("/bin/sh a", "/", "x"), said);
    try (Graph graph = new Graph()) {
      graph.add(JobOptions.shell("exit 3").name("three"));
      graph.add(JobOptions.command("/no/such").name("none"));
      RunFailedException thrown =
          assertThrows(
              RunFailedException.class, () -> graph.run(null, new RunOptions().keepGoing()));
      thrown.result().close();
      assertTrue(thrown.getMessage().startsWith("\"three\": exit code 3; \"none\": "));
    }
  }
}
