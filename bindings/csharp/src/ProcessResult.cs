using System;

namespace LibSched
{
    /// <summary>What became of a process. Any thread may read it. Since 0.1.</summary>
    public sealed class ProcessResult
    {
        internal ProcessResult(long result)
        {
            Exited = Raw.process_result_state_get(result) == Raw.PROCESS_EXITED;
            ExitCode = (int)Raw.process_result_code_get(result);
            Signal = (int)Raw.process_result_signal_get(result);
            TimedOut = (Raw.process_result_flags_get(result) & Raw.PROCESS_TIMED_OUT) != 0;
            Duration = RunResult.Time(Raw.process_result_end_ns_get(result) - Raw.process_result_start_ns_get(result));
            UserTime = RunResult.Time(Raw.process_result_user_ns_get(result));
            SystemTime = RunResult.Time(Raw.process_result_system_ns_get(result));
            MemoryBytes = Raw.process_result_max_rss_get(result);
            OutputDropped = (Raw.process_result_flags_get(result) & Raw.PROCESS_DROPPED) != 0;
        }

        /// <summary>Whether it has ended by itself. Since 0.1.</summary>
        public bool Exited { get; private set; }

        /// <summary>With which code. Since 0.1.</summary>
        public int ExitCode { get; private set; }

        /// <summary>The signal that has ended it; 0: none. Since 0.1.</summary>
        public int Signal { get; private set; }

        /// <summary>Whether its timeout was over. Since 0.1.</summary>
        public bool TimedOut { get; private set; }

        /// <summary>From its start to when its end was noticed. Since 0.1.</summary>
        public TimeSpan Duration { get; private set; }

        /// <summary>CPU time, with that of children that it has waited for; zero: not known. Since 0.1.</summary>
        public TimeSpan UserTime { get; private set; }

        /// <summary>The same in the kernel. Since 0.1.</summary>
        public TimeSpan SystemTime { get; private set; }

        /// <summary>Bytes of memory, at most, of the largest of them; 0: not known. Since 0.1.</summary>
        public long MemoryBytes { get; private set; }

        /// <summary>Whether output was dropped, beyond MaxOutput or after the queue had been closed. Since 0.1.</summary>
        public bool OutputDropped { get; private set; }

        /// <summary>Whether it has ended by itself with 0. Since 0.1.</summary>
        public bool Succeeded
        {
            get { return Exited && ExitCode == 0; }
        }
    }
}
