package org.libsched;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * What has become of the jobs of a run. Any thread may use it. It may be closed when it is needed no more; else the collector sees to
 * that.
 *
 * @since 0.1
 */
public final class GraphResult implements AutoCloseable {
  private final NativeHandle handle;
  private final long status;
  private final Map<Long, Throwable> failures;
  private final long slots;
  private final long jobs;
  private final long[] states = new long[JobState.values().length];
  private final long peak;
  private final long makespanNanos;
  private final long criticalPathNanos;
  private final long workNanos;

  GraphResult(long address, long status, Map<Long, Throwable> failures) {
    this.handle = new NativeHandle(this, address, Raw::result_unref);
    this.status = status;
    this.failures = failures;
    long summary = Raw.new_run_summary();
    try {
      Raw.run_summary_init(summary);
      LibschedException.check(Raw.result_get_summary(summary, address));
      slots = Raw.run_summary_slots_get(summary);
      jobs = Raw.run_summary_jobs_get(summary);
      states[JobState.DONE.ordinal()] = Raw.run_summary_done_get(summary);
      states[JobState.FRESH.ordinal()] = Raw.run_summary_fresh_get(summary);
      states[JobState.FAILED.ordinal()] = Raw.run_summary_failed_get(summary);
      states[JobState.SKIPPED.ordinal()] = Raw.run_summary_skipped_get(summary);
      states[JobState.CANCELLED.ordinal()] = Raw.run_summary_cancelled_get(summary);
      peak = Raw.run_summary_peak_get(summary);
      makespanNanos = Raw.run_summary_makespan_ns_get(summary);
      criticalPathNanos = Raw.run_summary_critical_path_ns_get(summary);
      workNanos = Raw.run_summary_work_ns_get(summary);
    } finally {
      Raw.delete_run_summary(summary);
    }
  }

  GraphResult orThrow() throws RunFailedException {
    if (status == 0) return this;
    if (status == RawStatus.E_FAILED) throw new RunFailedException(this);
    close();
    if (status == RawStatus.E_CANCELLED) throw new CancellationException("the run was cancelled");
    throw LibschedException.of(status);
  }

  Throwable thrownBy(long job) {
    return failures.get(job);
  }

  /**
   * How many jobs could be at work at a time.
   *
   * @return the slots
   */
  public long slots() {
    return slots;
  }

  /**
   * How many jobs there were, also those that were added meanwhile.
   *
   * @return how many
   */
  public long jobs() {
    return jobs;
  }

  /**
   * How many jobs there were of which that has become.
   *
   * @param state what has
   * @return how many
   */
  public long count(JobState state) {
    return states[state.ordinal()];
  }

  /**
   * How many jobs were at work at a time.
   *
   * @return the most
   */
  public long peak() {
    return peak;
  }

  /**
   * How long the run took.
   *
   * @return nanoseconds
   */
  public long makespanNanos() {
    return makespanNanos;
  }

  /**
   * The longest chain of jobs that wait for each other, by the time that they took.
   *
   * @return nanoseconds; 0 of a run for computing
   */
  public long criticalPathNanos() {
    return criticalPathNanos;
  }

  /**
   * What all jobs took together.
   *
   * @return nanoseconds; 0 of a run for computing
   */
  public long workNanos() {
    return workNanos;
  }

  /**
   * What has become of a job.
   *
   * @param job a job of the run
   * @return what has
   * @throws IllegalStateException if the result was closed
   * @throws LibschedException with {@link Status#STALE} if it is no job of that run
   */
  public JobResult of(Job job) {
    return read((into, from) -> Raw.result_job(into, from, job.id));
  }

  /**
   * What has become of a job, by the order in which the jobs were added.
   *
   * @param index from 0 to one less than {@link #jobs}
   * @return what has
   * @throws IllegalStateException if the result was closed
   * @throws LibschedException with {@link Status#RANGE} if there are fewer jobs
   */
  public JobResult at(long index) {
    return read((into, from) -> Raw.result_at(into, from, index));
  }

  private interface Reader {
    long read(long into, long from);
  }

  private JobResult read(Reader reader) {
    JobResult[] read = new JobResult[1];
    long result = Raw.new_job_result();
    try {
      Raw.job_result_init(result);
      handle.with(
          address -> {
            LibschedException.check(reader.read(result, address));
            read[0] = new JobResult(result, this);
            return 0;
          });
    } finally {
      Raw.delete_job_result(result);
    }
    return read[0];
  }

  /**
   * The jobs that have failed.
   *
   * @return them, in the order in which they were added
   * @throws IllegalStateException if the result was closed
   */
  public List<JobResult> failed() {
    List<JobResult> all = new ArrayList<>();
    long left = count(JobState.FAILED);
    for (long i = 0; left > 0 && i < jobs; i++) {
      JobResult job = at(i);
      if (job.state() != JobState.FAILED) continue;
      all.add(job);
      left--;
    }
    return all;
  }

  /**
   * Writes what ran when as a trace in Chrome's JSON format, for ui.perfetto.dev and chrome://tracing. Writes the file before it
   * returns.
   *
   * @param path the file, which is replaced if it exists
   * @throws IllegalStateException if the result was closed
   * @throws LibschedException with the errno if the system refuses; the file is incomplete then
   */
  public void writeTrace(Path path) {
    handle.with(
        address -> LibschedException.check(Raw.result_write_trace(address, path.toString())));
  }

  /** Frees what it holds. Does not wait; closing once more does nothing. */
  @Override
  public void close() {
    handle.close();
  }
}
