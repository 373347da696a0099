package org.libsched;

/**
 * Takes the messages of a run.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface RunHandler {
  /**
   * Takes a message, in the thread that runs the graph. What it throws ends the run, and is thrown by that.
   *
   * @param message the message; as a {@link Run} it is valid during the call
   */
  void take(RunMessage message);
}
