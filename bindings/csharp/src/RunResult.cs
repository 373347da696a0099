using System;
using System.Collections.Concurrent;
using System.Collections.Generic;

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
                Tainted = Raw.run_summary_tainted_get(summary);
                Slots = (int)Raw.run_summary_slots_get(summary);
                Peak = Raw.run_summary_peak_get(summary);
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

        /// <summary>Those of which a job has failed whose early signal they had waited for. Since 0.1.</summary>
        public long Tainted { get; private set; }

        /// <summary>Most jobs that could be at work at a time. Since 0.1.</summary>
        public int Slots { get; private set; }

        /// <summary>Most jobs that were at work at a time; 0 for a Compute run. Since 0.1.</summary>
        public long Peak { get; private set; }

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
            get { return Read((of, result) => Raw.result_job(of, result, job.Id)); }
        }

        /// <summary>What has become of all jobs, in the order in which they were added. Since 0.1.</summary>
        /// <returns>the results, each read when it is asked for</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public IEnumerable<JobResult> GetJobs()
        {
            for (long i = 0; i < Jobs; i++)
            {
                long index = i;
                yield return Read((of, result) => Raw.result_at(of, result, index));
            }
        }

        private JobResult Read(Func<long, long, long> read)
        {
            long result;
            long of = Raw.new_job_result();
            try
            {
                Raw.job_result_init(of);
                using (handle.Enter(out result))
                {
                    LibSchedException.Check(read(of, result));
                    Exception exception;
                    thrown.TryGetValue(Raw.job_result_job_get(of), out exception);
                    return new JobResult(of, exception);
                }
            }
            finally
            {
                Raw.delete_job_result(of);
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
}
