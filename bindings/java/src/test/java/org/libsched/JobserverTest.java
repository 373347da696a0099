package org.libsched;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobserverTest {
  @AfterEach
  void everythingIsGone() {
    Live.assertNone();
  }

  @Test
  void handsOutItsTokens() throws Exception {
    try (Jobserver jobserver = Jobserver.serve(2, Jobserver.Style.PIPE)) {
      JobToken one = jobserver.acquire();
      JobToken two = jobserver.tryAcquire();
      assertNotNull(two);
      assertNull(jobserver.tryAcquire());
      assertNull(jobserver.acquire(1, TimeUnit.MILLISECONDS));
      JobserverStats stats = jobserver.stats();
      assertEquals(2, stats.slots());
      assertEquals(1, stats.held());
      one.close();
      one.close();
      jobserver.acquire(1, TimeUnit.DAYS).close();
      two.close();
      assertEquals(1, jobserver.stats().available());
      assertTrue(jobserver.makeflags().contains("--jobserver-auth="), jobserver.makeflags());
    }
  }

  @Test
  void isSharedWithAnotherClient() throws Exception {
    try (Jobserver server = Jobserver.serve(3, Jobserver.Style.FIFO);
        Jobserver client = Jobserver.inherit(server.makeflags(), 0)) {
      assertEquals("", client.problem());
      assertFalse(client.isDryRun());
      JobToken implicit = client.acquire();
      JobToken first = client.acquire();
      JobToken second = client.acquire();
      JobToken own = server.acquire();
      assertNull(server.tryAcquire());
      second.close();
      JobToken moved = server.acquire();
      for (JobToken token : new JobToken[] {implicit, first, own, moved}) token.close();
      assertEquals(2, server.stats().available());
    }
  }

  @Test
  void hasOneSlotWhereThereIsNone() throws Exception {
    try (Jobserver jobserver = Jobserver.inherit("", 0);
        JobToken token = jobserver.acquire()) {
      assertNotNull(token);
      assertNull(jobserver.tryAcquire());
      assertNull(jobserver.makeflags());
      LibschedException thrown = assertThrows(LibschedException.class, jobserver::broker);
      assertEquals(Status.STATE, thrown.status());
    }
    try (Jobserver jobserver = Jobserver.inherit("-j8 --jobserver-auth=fifo:/no/such/fifo", 2)) {
      assertFalse(jobserver.problem().isEmpty());
      jobserver.acquire().close();
    }
  }

  @Test
  void limitsTheTasksOfAPool() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (Jobserver jobserver = Jobserver.serve(2, Jobserver.Style.PIPE);
        Pool pool = Pool.builder().workers(4).build();
        Group group = pool.group()) {
      for (int i = 0; i < 100; i++) {
        group.submit(
            () -> {
              try (JobToken token = jobserver.acquire()) {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                now.decrementAndGet();
              }
              return null;
            });
      }
      group.await();
    }
    assertTrue(most.get() <= 2, "at a time: " + most);
  }

  @Test
  void isInterruptedAndWithdrawn() throws Exception {
    try (Jobserver jobserver = Jobserver.serve(1, Jobserver.Style.PIPE);
        JobToken held = jobserver.acquire()) {
      Waiter interrupted = new Waiter(jobserver::acquire);
      interrupted.awaitWaiting();
      interrupted.thread.interrupt();
      assertTrue(interrupted.failure() instanceof InterruptedException);
      Waiter withdrawn = new Waiter(jobserver::acquire);
      while (jobserver.stats().waiting() == 0) Thread.yield();
      assertEquals(1, jobserver.withdraw());
      assertTrue(withdrawn.failure() instanceof CancellationException);
      Waiter closed = new Waiter(jobserver::acquire);
      closed.awaitWaiting();
      jobserver.close();
      assertTrue(closed.failure() instanceof CancellationException);
      assertThrows(CancellationException.class, jobserver::tryAcquire);
      assertThrows(IllegalStateException.class, jobserver::makeflags);
    }
    assertThrows(
        IllegalArgumentException.class, () -> Jobserver.serve(0, Jobserver.Style.PIPE));
  }

  @Test
  void preparesChildrenOfProcessBuilder() throws Exception {
    Map<String, String> environment = new HashMap<>(Map.of("MFLAGS", "x", "MAKEFLAGS", "y"));
    try (Jobserver jobserver = Jobserver.serve(2, Jobserver.Style.PIPE)) {
      assertFalse(jobserver.configure(environment));
      assertEquals(Map.of(), environment);
    }
    try (Jobserver jobserver = Jobserver.serve(2, Jobserver.Style.FIFO)) {
      ProcessBuilder builder =
          new ProcessBuilder(
              "sh", "-c", "fifo=${MAKEFLAGS##*fifo:}; [ -p \"${fifo%% *}\" ] && [ -z \"$MFLAGS\" ]");
      assertTrue(jobserver.configure(builder.environment()));
      assertEquals(0, builder.start().waitFor());
    }
  }

  @Test
  void isInheritedByAProcess() throws Exception {
    String takesOne =
        "d=${MAKEFLAGS##*-auth=}; d=${d%% *}; dd bs=1 count=1 status=none if=/dev/fd/${d%,*} | wc -c";
    try (Jobserver jobserver = Jobserver.serve(2, Jobserver.Style.PIPE);
        ByteQueue queue = new ByteQueue()) {
      try (Process process =
          Process.shell(takesOne).jobserver(jobserver).output(queue).start()) {
        assertTrue(process.waitFor().isSuccess());
      }
      assertEquals("1", ProcessOutput.of(queue.pop()).text().trim());
      // That one is lost, since its holder has ended; with a broker it is not.
      assertEquals(0, jobserver.stats().available());
    }
    try (Jobserver jobserver = Jobserver.serve(2, Jobserver.Style.PIPE);
        Broker broker = jobserver.broker()) {
      ProcessOptions options =
          Process.shell(takesOne)
              .variable("MAKEFLAGS", broker.makeflags())
              .inherit(broker.childDescriptors())
              .discardOutput();
      try (Process process = options.start()) {
        broker.start();
        assertTrue(process.waitFor().isSuccess());
        assertTrue(broker.await(1, TimeUnit.DAYS));
      }
      assertEquals(1, broker.stats().total());
      assertEquals(1, broker.stats().rescued());
      assertEquals(1, jobserver.stats().available());
      assertThrows(LibschedException.class, broker::start);
    }
  }

  @Test
  void givesTokensToTheJobsOfAGraph() throws Exception {
    try (Jobserver jobserver = Jobserver.serve(3, Jobserver.Style.PIPE);
        Pool pool = Pool.builder().workers(2).build();
        Graph graph = new Graph()) {
      for (int i = 0; i < 20; i++) {
        graph.add(JobOptions.of(job -> assertTrue(jobserver.stats().held() <= 2)));
        graph.add(JobOptions.shell("case $MAKEFLAGS in *jobserver*) ;; *) exit 1 ;; esac"));
      }
      graph.run(pool, new RunOptions().jobserver(jobserver).brokers().slots(4)).close();
      assertEquals(2, jobserver.stats().available());
    }
  }
}
