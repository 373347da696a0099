package org.libsched;

/**
 * Jobs of a {@link Graph} of which only some run at a time, such as those that need much memory: {@link Graph#limit}.
 *
 * @since 0.1
 */
public final class LimitClass {
  final long number;

  LimitClass(long number) {
    this.number = number;
  }
}
