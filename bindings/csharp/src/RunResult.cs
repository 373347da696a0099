using System;
using System.Collections.Concurrent;

namespace LibSched
{
    /// <summary>What has become of the jobs of a run. All members may be used by any thread, and none blocks. Since 0.1.</summary>
    public sealed class RunResult : IDisposable
    {
        private readonly NativeHandle handle;
        private readonly ConcurrentDictionary<long, Exception> thrown;

        internal RunResult(long result, ConcurrentDictionary<long, Exception> thrown)
        {
            handle = new NativeHandle(result, Raw.result_unref, "RunResult");
            this.thrown = thrown;
            long summary = Raw.new_run_summary();
            try
            {
                Raw.run_summary_init(summary);
                Raw.result_get_summary(summary, result);
                Jobs = Raw.run_summary_jobs_get(summary);
                Done = Raw.run_summary_done_get(summary);
                Fresh = Raw.run_summary_fresh_get(summary);
                Failed = Raw.run_summary_failed_get(summary);
                Skipped = Raw.run_summary_skipped_get(summary);
                Cancelled = Raw.run_summary_cancelled_get(summary);
                Makespan = Time(Raw.run_summary_makespan_ns_get(summary));
                CriticalPath = Time(Raw.run_summary_critical_path_ns_get(summary));
                Work = Time(Raw.run_summary_work_ns_get(summary));
            }
            finally
            {
                Raw.delete_run_summary(summary);
            }
        }

        /// <summary>All jobs. Since 0.1.</summary>
        public long Jobs { get; private set; }

        /// <summary>Those that have ended well. Since 0.1.</summary>
        public long Done { get; private set; }

        /// <summary>Those for which nothing was to be done. Since 0.1.</summary>
        public long Fresh { get; private set; }

        /// <summary>Those that have failed. Since 0.1.</summary>
        public long Failed { get; private set; }

        /// <summary>Those that have not started, for one that they waited for has failed. Since 0.1.</summary>
        public long Skipped { get; private set; }

        /// <summary>Those that have not started, or not ended, for the run was ended. Since 0.1.</summary>
        public long Cancelled { get; private set; }

        /// <summary>From the begin to the end. Since 0.1.</summary>
        public TimeSpan Makespan { get; private set; }

        /// <summary>The longest chain of jobs that wait for each other. Since 0.1.</summary>
        public TimeSpan CriticalPath { get; private set; }

        /// <summary>What all jobs took together. Since 0.1.</summary>
        public TimeSpan Work { get; private set; }

        /// <summary>Whether all jobs are done or fresh. Since 0.1.</summary>
        public bool Succeeded
        {
            get { return Done + Fresh == Jobs; }
        }

        /// <summary>What has become of a job. Since 0.1.</summary>
        /// <param name="job">which</param>
        /// <exception cref="LibSchedException"><see cref="Status.Stale"/>: no job of that run</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public JobResult this[Job job]
        {
            get
            {
                long result;
                long of = Raw.new_job_result();
                try
                {
                    Raw.job_result_init(of);
                    using (handle.Enter(out result)) LibSchedException.Check(Raw.result_job(of, result, job.Id));
                    Exception exception;
                    thrown.TryGetValue(job.Id, out exception);
                    return new JobResult(of, exception);
                }
                finally
                {
                    Raw.delete_job_result(of);
                }
            }
        }

        /// <summary>Writes what ran when as a trace for ui.perfetto.dev. Blocks while it writes the file. Since 0.1.</summary>
        /// <param name="path">a file, which is replaced</param>
        /// <exception cref="ArgumentException">the path is null, empty, or has a NUL</exception>
        /// <exception cref="LibSchedException">what the system says of the file</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void WriteTrace(string path)
        {
            Checked.Name(path, nameof(path));
            long result;
            using (handle.Enter(out result)) LibSchedException.Check(Raw.result_write_trace(result, path));
        }

        /// <summary>Forgets it. Since 0.1.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        internal static TimeSpan Time(long nanoseconds)
        {
            return TimeSpan.FromTicks(nanoseconds / 100);
        }
    }

    /// <summary>What has become of one job. Any thread may read it. Since 0.1.</summary>
    public sealed class JobResult
    {
        internal JobResult(long result, Exception exception)
        {
            State = (JobState)Raw.job_result_state_get(result);
            Attempts = (int)Raw.job_result_attempts_get(result);
            ExitCode = (int)Raw.job_result_code_get(result);
            Signal = (int)Raw.job_result_signal_get(result);
            BlockedBy = new Job(Raw.job_result_blocked_by_get(result));
            Duration = RunResult.Time(Raw.job_result_end_ns_get(result) - Raw.job_result_start_ns_get(result));
            Exception = State == JobState.Failed ? exception : null;
        }

        /// <summary>In which state it is. Since 0.1.</summary>
        public JobState State { get; private set; }

        /// <summary>How often it was started. Since 0.1.</summary>
        public int Attempts { get; private set; }

        /// <summary>Of a command, of the last try; or a status. Since 0.1.</summary>
        public int ExitCode { get; private set; }

        /// <summary>That has ended the command; 0: none. Since 0.1.</summary>
        public int Signal { get; private set; }

        /// <summary>The job that has failed, for one that was skipped. Since 0.1.</summary>
        public Job BlockedBy { get; private set; }

        /// <summary>Of the last try. Since 0.1.</summary>
        public TimeSpan Duration { get; private set; }

        /// <summary>What a failed action has thrown, or null. Since 0.1.</summary>
        public Exception Exception { get; private set; }
    }
}
