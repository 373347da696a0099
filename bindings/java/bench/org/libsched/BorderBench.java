package org.libsched;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;

/**
 * What the border costs, and what we cost beside the JDK's own pool. All rows in turn, again and again; medians of the passes.
 * Arguments: passes (15), and those before them that only warm up (10).
 */
final class BorderBench {
  private static final int TASKS = 1_000_000;
  private static final int SLICE = 1000;
  private static final Runnable EMPTY = () -> {};

  private BorderBench() {}

  /** One pass of a row: how many ns it took in all. */
  interface Pass {
    long run() throws Exception;
  }

  public static void main(String[] arguments) throws Exception {
    int passes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 15;
    int warmUp = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
    try (Pool pool = Pool.builder().build();
        Pool one = Pool.builder().workers(1).build()) {
      Map<String, Pass> rows = rows(pool, one);
      Map<String, List<Double>> figures = new LinkedHashMap<>();
      for (int pass = -warmUp; pass < passes; pass++) {
        for (Map.Entry<String, Pass> row : rows.entrySet()) {
          double each = (double) row.getValue().run() / TASKS;
          if (pass >= 0) figures.computeIfAbsent(row.getKey(), k -> new ArrayList<>()).add(each);
        }
      }
      print(figures);
    }
  }

  private static Map<String, Pass> rows(Pool pool, Pool one) {
    ForkJoinPool common = ForkJoinPool.commonPool();
    Runnable[] tasks = new Runnable[SLICE];
    Arrays.fill(tasks, EMPTY);
    List<Runnable> slice = Arrays.asList(tasks);
    Map<String, Pass> rows = new LinkedHashMap<>();
    rows.put(
        "commonPool().execute",
        () ->
            timed(
                () -> {
                  for (int i = 0; i < TASKS; i++) common.execute(EMPTY);
                  if (!common.awaitQuiescence(1, TimeUnit.HOURS)) throw new AssertionError();
                }));
    rows.put("Pool.execute", () -> timed(() -> execute(pool)));
    rows.put("Pool.execute, 1 worker", () -> timed(() -> execute(one)));
    rows.put(
        "Pool.executeAll, slices of 1000",
        () ->
            timed(
                () -> {
                  for (int i = 0; i < TASKS / SLICE; i++) pool.executeAll(slice);
                  if (!pool.awaitIdle(1, TimeUnit.HOURS)) throw new AssertionError();
                }));
    rows.put("a downcall (libsched_version)", () -> timed(BorderBench::downcalls));
    rows.put("an upcall (a part of a loop)", () -> upcalls(one));
    rows.put("a slot, put and removed", () -> timed(BorderBench::slots));
    rows.put("ArrayBlockingQueue, 64 bytes", () -> QueueBench.arrayBlockingQueue(TASKS));
    rows.put("ByteQueue, 64 bytes", () -> QueueBench.byteQueue(TASKS));
    return rows;
  }

  private static void execute(Pool pool) throws Exception {
    for (int i = 0; i < TASKS; i++) pool.execute(EMPTY);
    if (!pool.awaitIdle(1, TimeUnit.HOURS)) throw new AssertionError();
  }

  private static void downcalls() {
    for (int i = 0; i < TASKS; i++) Raw.version();
  }

  // In a loop of one worker each index is one upcall and little more.
  private static long upcalls(Pool one) throws Exception {
    return one.submit(() -> timed(() -> one.parallelFor(0, TASKS, 1, (from, to) -> {}))).get();
  }

  private static void slots() {
    for (int i = 0; i < TASKS; i++) Slots.remove(Slots.put(EMPTY, null));
  }

  /** Something that may fail. */
  interface Body {
    void run() throws Exception;
  }

  private static long timed(Body body) throws Exception {
    long begun = System.nanoTime();
    body.run();
    return System.nanoTime() - begun;
  }

  private static void print(Map<String, List<Double>> figures) {
    double base = 0;
    System.out.printf(Locale.ROOT, "%-34s %8s %8s %8s %6s%n", "ns", "median", "least", "most", "ratio");
    for (Map.Entry<String, List<Double>> row : figures.entrySet()) {
      List<Double> sorted = row.getValue();
      Collections.sort(sorted);
      double median = sorted.get(sorted.size() / 2);
      if (base == 0) base = median;
      System.out.printf(
          Locale.ROOT,
          "%-34s %8.1f %8.1f %8.1f %6.2f%n",
          row.getKey(),
          median,
          sorted.get(0),
          sorted.get(sorted.size() - 1),
          median / base);
    }
  }
}
