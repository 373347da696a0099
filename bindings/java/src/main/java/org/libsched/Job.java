package org.libsched;

/**
 * A job of a {@link Graph}. One thread at a time may build a graph.
 *
 * @since 0.1
 */
public final class Job {
  final Graph graph;
  final long id;
  private final String name;

  /** The number that a raw function gave. A status is an int; numbers of jobs, which may be negative too, are not. */
  static long number(long result) {
    if (result == (int) result) throw LibschedException.of(result);
    return result;
  }

  Job(Graph graph, long id, String name) {
    this.graph = graph;
    this.id = id;
    this.name = name;
  }

  /**
   * Lets this job wait for the ends of others.
   *
   * @param others jobs of the same graph
   * @return this
   * @throws LibschedException with {@link Status#STATE} if the graph has been run
   */
  public Job after(Job... others) {
    for (Job other : others) graph.depend(this, other, Raw.FINISHED);
    return this;
  }

  /**
   * Lets this job wait for the early signals of others, or for their ends if they never give one.
   *
   * @param others jobs of the same graph
   * @return this
   * @throws LibschedException with {@link Status#STATE} if the graph has been run
   */
  public Job afterEarly(Job... others) {
    for (Job other : others) graph.depend(this, other, Raw.EARLY);
    return this;
  }

  /**
   * The name.
   *
   * @return the name, empty if it has none
   */
  public String name() {
    return name;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Job && ((Job) other).id == id;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(id);
  }

  @Override
  public String toString() {
    return "Job[" + (name.isEmpty() ? "" + id : name) + "]";
  }
}
