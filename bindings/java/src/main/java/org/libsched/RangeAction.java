package org.libsched;

/** A part of a loop: {@link Pool#parallelFor(long, long, long, RangeAction)}. */
@FunctionalInterface
public interface RangeAction {
  /**
   * Does the indices of one part.
   *
   * @param from the first index
   * @param to one more than the last, above `from`
   * @throws Exception ends the loop
   */
  void run(long from, long to) throws Exception;
}
