package org.libsched;

import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * Jobs of a run have failed. The message names them, the cause is what the first of them has thrown, if it is a function.
 *
 * @since 0.1
 */
public final class RunFailedException extends ExecutionException {
  private static final long serialVersionUID = 1;
  private static final int NAMED = 10; // in the message

  /** What has become of the jobs. */
  private final transient GraphResult result;

  RunFailedException(GraphResult result) {
    this(result, result.failed());
  }

  private RunFailedException(GraphResult result, List<JobResult> failed) {
    super(message(failed), cause(failed));
    this.result = result;
  }

  private static String message(List<JobResult> failed) {
    StringBuilder text = new StringBuilder();
    for (JobResult job : failed.subList(0, Math.min(failed.size(), NAMED))) {
      text.append(text.length() == 0 ? "" : "; ").append(job.reason());
    }
    if (failed.size() > NAMED) text.append("; and ").append(failed.size() - NAMED).append(" more");
    return text.toString();
  }

  private static Throwable cause(List<JobResult> failed) {
    for (JobResult job : failed) {
      if (job.failure() != null) return job.failure();
    }
    return null;
  }

  /**
   * What has become of the jobs.
   *
   * @return the result; null of an exception that was serialized
   */
  public GraphResult result() {
    return result;
  }
}
