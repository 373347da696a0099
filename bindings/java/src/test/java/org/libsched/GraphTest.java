package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GraphTest {
  private static Pool pool;
  private final List<String> done = Collections.synchronizedList(new ArrayList<>());

  @BeforeAll
  static void make() {
    pool = Pool.builder().workers(2).build();
  }

  @AfterEach
  void nothingIsLeft() {
    Live.assertNone(Raw.KIND_GRAPH);
    Live.assertNone(Raw.KIND_RESULT);
  }

  @AfterAll
  static void everythingIsGone() {
    pool.close();
    Live.assertNone();
  }

  private Job add(Graph graph, String name) {
    return graph.add(JobOptions.of(job -> done.add(name)).name(name));
  }

  @Test
  void runsJobsInTheirOrder() throws Exception {
    try (Graph graph = new Graph()) {
      Job c = add(graph, "c");
      Job b = add(graph, "b");
      Job a = add(graph, "a");
      c.after(b, a);
      b.after(a);
      Job end = graph.add(JobOptions.nothing().name("end")).after(c);
      for (int i = 0; i < 3; i++) {
        done.clear();
        try (GraphResult result = graph.run(pool)) {
          assertEquals(List.of("a", "b", "c"), done);
          assertEquals(4, result.jobs());
          assertEquals(4, result.count(JobState.DONE));
          assertEquals(JobState.DONE, result.of(end).state());
          assertEquals("c", result.at(0).name());
          assertTrue(result.criticalPathNanos() <= result.makespanNanos());
          assertTrue(result.of(a).endNanos() <= result.of(b).startNanos());
        }
      }
    }
  }

  @Test
  void waitsForEarlySignalsAndByNames() throws Exception {
    CountDownLatch early = new CountDownLatch(1);
    try (Graph graph = new Graph()) {
      graph.dependEarly("second", "first");
      graph.depend("third", "second");
      graph.add(
          JobOptions.of(
                  job -> {
                    job.signalEarly();
                    early.await();
                  })
              .name("first")
              .cost(10)
              .earlyCost(1));
      graph.add(JobOptions.of(job -> early.countDown()).name("second"));
      add(graph, "third");
      graph.run(pool).close();
      assertEquals(List.of("third"), done);
    }
  }

  @Test
  void namesTheJobsThatHaveFailed() throws Exception {
    Exception oops = new Exception("oops");
    try (Graph graph = new Graph()) {
      Job bad =
          graph.add(
              JobOptions.of(
                      job -> {
                        throw oops;
                      })
                  .name("bad")
                  .retries(2));
      Job worse =
          graph.add(
              JobOptions.of(
                      job -> {
                        throw new StackOverflowError();
                      })
                  .name("worse"));
      Job after = add(graph, "after").after(bad);
      Job other = add(graph, "other");
      RunFailedException thrown =
          assertThrows(
              RunFailedException.class, () -> graph.run(pool, new RunOptions().keepGoing()));
      assertSame(oops, thrown.getCause());
      assertEquals(
          "\"bad\": java.lang.Exception: oops; \"worse\": java.lang.StackOverflowError",
          thrown.getMessage());
      try (GraphResult result = thrown.result()) {
        assertSame(oops, result.of(bad).failure());
        assertEquals(3, result.of(bad).attempts());
        assertEquals(JobState.FAILED, result.of(worse).state());
        assertEquals(JobState.SKIPPED, result.of(after).state());
        assertEquals(JobState.DONE, result.of(other).state());
        assertEquals(2, result.failed().size());
      }
    }
  }

  @Test
  void namesTheJobsOfACycle() {
    try (Graph graph = new Graph()) {
      Job a = add(graph, "a");
      Job b = add(graph, "b").after(a);
      a.after(b);
      LibschedException thrown = assertThrows(LibschedException.class, graph::freeze);
      assertEquals(Status.CYCLE, thrown.status());
      assertTrue(thrown.getMessage().contains("a -> b -> a"), thrown.getMessage());
      assertThrows(LibschedException.class, () -> graph.run(pool));
    }
  }

  @Test
  void handsMessagesToTheCallersThread() throws Exception {
    List<String> seen = new ArrayList<>();
    Thread caller = Thread.currentThread();
    try (Graph graph = new Graph()) {
      graph.add(
          JobOptions.of(
                  job -> {
                    job.message("one");
                    job.messageBounded(new byte[] {'t', 'w', 'o'});
                  })
              .name("talks"));
      graph.add(JobOptions.of(job -> job.message("again")).name("fresh").fresh());
      RunOptions options =
          new RunOptions()
              .slots(1)
              .handler(
                  message -> {
                    assertSame(caller, Thread.currentThread());
                    if (message.kind() == MessageKind.OWN) {
                      seen.add(message.job().name() + ": " + message.text());
                    }
                  });
      try (GraphResult result = graph.run(pool, options)) {
        assertEquals(1, result.count(JobState.FRESH));
      }
    }
    Collections.sort(seen);
    assertEquals(List.of("fresh: again", "talks: one", "talks: two"), seen);
  }

  @Test
  void throwsWhatItsHandlerThrows() {
    try (Graph graph = new Graph()) {
      add(graph, "a");
      IllegalArgumentException oops = new IllegalArgumentException("oops");
      RunOptions options =
          new RunOptions()
              .handler(
                  message -> {
                    throw oops;
                  });
      assertSame(oops, assertThrows(RuntimeException.class, () -> graph.run(pool, options)));
    }
  }

  @Test
  void takesJobsWhileItRuns() throws Exception {
    try (Graph graph = new Graph()) {
      Job first =
          graph.add(
              JobOptions.of(
                  job -> {
                    Job second = job.add(JobOptions.of(more -> done.add("second")).name("second"));
                    job.add(JobOptions.of(more -> done.add("third")).name("third"), second);
                  }));
      for (int i = 0; i < 2; i++) {
        try (GraphResult result = graph.run(pool)) {
          assertEquals(3, result.jobs());
          assertEquals(1, result.of(first).attempts());
        }
      }
      assertEquals(List.of("second", "third", "second", "third"), done);
    }
  }

  @Test
  void isCancelledByAToken() throws Exception {
    CancelToken token = new CancelToken();
    try (Graph graph = new Graph()) {
      Job first =
          graph.add(
              JobOptions.of(
              job -> {
                token.cancel();
                while (!job.isCancelled()) Thread.yield();
              }));
      add(graph, "after").after(first);
      assertThrows(
          CancellationException.class, () -> graph.run(pool, new RunOptions().token(token)));
    }
  }

  @Test
  void isCancelledByAnInterrupt() throws Exception {
    CountDownLatch runs = new CountDownLatch(1);
    AtomicInteger seen = new AtomicInteger();
    try (Graph graph = new Graph()) {
      Job first =
          graph.add(
              JobOptions.of(
              job -> {
                runs.countDown();
                while (!job.isCancelled()) Thread.yield();
                seen.incrementAndGet();
              }));
      add(graph, "after").after(first);
      Waiter runner = new Waiter(() -> graph.run(pool));
      runs.await();
      runner.thread.interrupt();
      assertTrue(runner.failure() instanceof InterruptedException);
      assertEquals(1, seen.get());
    }
  }

  @Test
  void mayBeCancelledByAJobOrTheHandler() throws Exception {
    try (Graph graph = new Graph()) {
      add(graph, "after").after(graph.add(JobOptions.of(Run::cancel)));
      assertThrows(CancellationException.class, () -> graph.run(pool));
      assertThrows(
          CancellationException.class,
          () -> graph.run(pool, new RunOptions().handler(Run::cancel)));
      assertEquals(List.of(), done);
    }
  }

  @Test
  void limitsClassesAndSlots() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (Graph graph = new Graph()) {
      LimitClass memory = graph.limit("memory", 1);
      for (int i = 0; i < 50; i++) {
        graph.add(
            JobOptions.of(
                    job -> {
                      most.accumulateAndGet(now.incrementAndGet(), Math::max);
                      now.decrementAndGet();
                    })
                .limit(memory)
                .priority(i % 2 == 0 ? Priority.LOW : Priority.HIGH));
      }
      Job heavy =
          graph.add(
              JobOptions.of(
                      job -> {
                        if (job.trySlots(1)) done.add("more than there are");
                        job.releaseSlots(1);
                        if (!job.trySlots(1)) done.add("none was free");
                      })
                  .weight(2));
      graph.limit("memory", 1);
      graph.run(pool, new RunOptions().slots(2)).close();
      assertEquals(1, most.get());
      assertEquals("", heavy.name());
      assertEquals(0, done.stream().filter("more than there are"::equals).count());
    }
  }

  @Test
  void computes() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    try (Graph graph = Graph.byDownstreamCost()) {
      Job last = null;
      for (int i = 0; i < 1000; i++) {
        Job next = graph.add(JobOptions.of(job -> ran.incrementAndGet()));
        if (last != null) next.after(last);
        last = next;
      }
      graph.run(pool, new RunOptions().compute()).close();
      assertEquals(1000, ran.get());
    }
  }

  @Test
  void stopsAJobWhoseTimeIsOver() throws Exception {
    try (Graph graph = new Graph()) {
      graph.add(
          JobOptions.of(
                  job -> {
                    while (!job.isCancelled()) Thread.yield();
                  })
              .name("slow")
              .timeout(1, TimeUnit.MILLISECONDS));
      RunFailedException thrown =
          assertThrows(RunFailedException.class, () -> graph.run(pool));
      assertTrue(thrown.getMessage().startsWith("\"slow\": "), thrown.getMessage());
      assertNull(thrown.getCause());
      thrown.result().close();
    }
  }

  @Test
  void canBeUsedAfterItsEnd() throws Exception {
    AtomicReference<JobContext> kept = new AtomicReference<>();
    Graph graph = new Graph();
    Job job = graph.add(JobOptions.of(kept::set).name("a"));
    assertSame(null, graph.find("b"));
    assertEquals(job, graph.find("a"));
    GraphResult result = graph.run(pool);
    assertThrows(IllegalStateException.class, kept.get()::isCancelled);
    assertThrows(IllegalStateException.class, kept.get()::cancel);
    LibschedException late = assertThrows(LibschedException.class, () -> add(graph, "late"));
    assertEquals(Status.STATE, late.status());
    graph.close();
    graph.close();
    assertThrows(IllegalStateException.class, () -> add(graph, "b"));
    assertThrows(IllegalStateException.class, () -> job.after(job));
    assertThrows(IllegalStateException.class, () -> graph.run(pool));
    assertEquals(JobState.DONE, result.of(job).state());
    result.close();
    result.close();
    assertThrows(IllegalStateException.class, () -> result.of(job));
  }

  @Test
  void mayBeClosedByItsJob() throws Exception {
    Graph graph = new Graph();
    graph.add(JobOptions.of(job -> graph.close()));
    graph.run(pool).close();
    assertThrows(IllegalStateException.class, () -> graph.run(pool));
  }
}
