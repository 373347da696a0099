using System;

namespace LibSched
{
    /// <summary>Where output of a run's commands goes. Since 0.1.</summary>
    public enum RunOutput
    {
        /// <summary>To the handler as it comes; without one as Inherit.</summary>
        Stream = 0,

        /// <summary>To the handler when the job has ended.</summary>
        Group = 1,

        /// <summary>Where that of this process goes.</summary>
        Inherit = 2,

        /// <summary>Nowhere.</summary>
        Null = 3,
    }

    /// <summary>How a graph is run; 0 and null mean the default. By one thread at a time. Since 0.1.</summary>
    public sealed class RunOptions
    {
        internal const string ComputeFlag = "LIBSCHED_RUN_COMPUTE"; // in texts of the native side

        /// <summary>Most jobs at work, up to 4096; 0: as many as the pool has workers. Since 0.1.</summary>
        public int Slots { get; set; }

        /// <summary>After so many failures no job starts any more; 0: 1. Since 0.1.</summary>
        public int MaxFailures { get; set; }

        /// <summary>The run goes on with all that does not depend on a failed job. Since 0.1.</summary>
        public bool KeepGoing { get; set; }

        /// <summary>When MaxFailures is reached the jobs at work are stopped, too. Since 0.1.</summary>
        public bool Kill { get; set; }

        /// <summary>Each job at work has a token of it, and commands find it in their environment; or null. Since 0.1.</summary>
        public Jobserver Jobserver { get; set; }

        /// <summary>Each command finds a broker of its own of the jobserver. Since 0.1.</summary>
        public bool Brokers { get; set; }

        /// <summary>
        /// Takes the messages, in the thread of Graph.Run; false ends the run as its cancellation does, and what it throws is thrown by
        /// Graph.Run. Since 0.1.
        /// </summary>
        public Func<RunMessage, bool> Handler { get; set; }

        /// <summary>Where output of commands goes. Since 0.1.</summary>
        public RunOutput Output { get; set; }

        /// <summary>Bytes of output that wait for the handler, 32 KiB or more; then commands wait; 0: 1 MiB. Since 0.1.</summary>
        public long MessageBytes { get; set; }

        /// <summary>Bytes of output that wait for the ends of jobs, what is beyond is streamed; 0: 16 MiB. Since 0.1.</summary>
        public long GroupBytes { get; set; }

        /// <summary>From SIGTERM to SIGKILL where a command is stopped; zero: 5 s; infinite: it is never killed. Since 0.1.</summary>
        public TimeSpan Grace { get; set; }

        /// <summary>Tokens are kept as long as jobs are ready; else each is given back when its job ends. Since 0.1.</summary>
        public bool KeepTokens { get; set; }

        /// <summary>
        /// The graph is for computing, with less cost for each job: actions alone, none fresh, without limit classes, timeouts and
        /// weights, on at least as many slots as the pool has workers, without handler and jobserver. No times are taken. Since 0.1.
        /// </summary>
        public bool Compute { get; set; }

        internal void Fill(long options, long slot, long jobserver)
        {
            if (Output == RunOutput.Group && Handler == null)
            {
                throw new ArgumentException("Output is Group, which needs a Handler.", "Output");
            }
            if (Brokers && Jobserver == null) throw new ArgumentException("Brokers is set, which needs a Jobserver.", "Brokers");
            Raw.run_options_init(options);
            Raw.run_options_flags_set(options, (Kill ? Raw.RUN_KILL : 0) | (Brokers ? Raw.RUN_BROKERS : 0)
                | (Compute ? Raw.RUN_COMPUTE : 0) | (KeepTokens ? Raw.RUN_KEEP_TOKENS : 0));
            Raw.run_options_slots_set(options, Checked.Within(0, Raw.MAX_SLOTS, Slots, "Slots"));
            uint failures = Checked.AtLeast(0, MaxFailures, "MaxFailures");
            Raw.run_options_max_failures_set(options, KeepGoing ? Raw.KEEP_GOING : failures);
            Raw.run_options_jobserver_set(options, jobserver);
            Raw.run_options_message_bytes_set(options, Checked.AtLeast(0, MessageBytes, "MessageBytes"));
            Raw.run_options_group_bytes_set(options, Checked.AtLeast(0, GroupBytes, "GroupBytes"));
            Raw.run_options_grace_ns_set(options, Waiting.Nanoseconds(Grace, "Grace"));
            Raw.run_options_output_set(options, Checked.OneOf(Output, "Output"));
            if (Handler == null) return;
            Raw.run_options_handler_set(options, Upcalls.MessagePointer);
            Raw.run_options_handler_data_set(options, slot);
        }
    }
}
