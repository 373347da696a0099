using System;

namespace LibSched
{
    /// <summary>What has become of one job. Any thread may read it. Since 0.1.</summary>
    public sealed class JobResult
    {
        internal JobResult(long result, Exception exception)
        {
            Job = new Job(Raw.job_result_job_get(result));
            Name = Raw.job_result_name_get(result);
            State = (JobState)Raw.job_result_state_get(result);
            Attempts = (int)Raw.job_result_attempts_get(result);
            ExitCode = (int)Raw.job_result_code_get(result);
            Signal = (int)Raw.job_result_signal_get(result);
            IsTainted = Raw.job_result_tainted_get(result) != 0;
            BlockedBy = new Job(Raw.job_result_blocked_by_get(result));
            long start = Raw.job_result_start_ns_get(result); // 0: it has not begun
            Waited = RunResult.Time(start == 0 ? 0 : start - Raw.job_result_ready_ns_get(result));
            Duration = RunResult.Time(start == 0 ? 0 : Raw.job_result_end_ns_get(result) - start);
            Exception = State == JobState.Failed ? exception : null;
        }

        /// <summary>The job. Since 0.1.</summary>
        public Job Job { get; private set; }

        /// <summary>Its name, or "". Since 0.1.</summary>
        public string Name { get; private set; }

        /// <summary>In which state it is. Since 0.1.</summary>
        public JobState State { get; private set; }

        /// <summary>How often it was started. Since 0.1.</summary>
        public int Attempts { get; private set; }

        /// <summary>Of a command, of the last try; or a status. Since 0.1.</summary>
        public int ExitCode { get; private set; }

        /// <summary>That has ended the command; 0: none. Since 0.1.</summary>
        public int Signal { get; private set; }

        /// <summary>Whether a job has failed whose early signal it had waited for. Since 0.1.</summary>
        public bool IsTainted { get; private set; }

        /// <summary>The job that has failed, for one that was skipped or is tainted; else none. Since 0.1.</summary>
        public Job BlockedBy { get; private set; }

        /// <summary>
        /// From when all that it waited for had come to the begin of its last try; zero: it has not begun, or the run was for computing.
        /// Since 0.1.
        /// </summary>
        public TimeSpan Waited { get; private set; }

        /// <summary>Of the last try; zero: it has not begun, or the run was for computing. Since 0.1.</summary>
        public TimeSpan Duration { get; private set; }

        /// <summary>What a failed action has thrown, or null. Since 0.1.</summary>
        public Exception Exception { get; private set; }
    }
}
