namespace LibSched
{
    /// <summary>Kinds of messages of a run. Since 0.1.</summary>
    public enum RunMessageKind
    {
        /// <summary>A line of a command's output.</summary>
        Output = 1,

        /// <summary>A line of its stderr.</summary>
        Error = 2,

        /// <summary>The job begins a try.</summary>
        Started = 3,

        /// <summary>It has signalled early.</summary>
        Early = 4,

        /// <summary>Its state is final.</summary>
        Finished = 5,

        /// <summary>It has failed, and is tried again.</summary>
        Again = 6,

        /// <summary>Of the job itself.</summary>
        Own = 7,

        /// <summary>It is the next to start, and waits for a token.</summary>
        Waits = 8,

        /// <summary>Its weight is more than the run has slots.</summary>
        Clamped = 9,
    }

    /// <summary>What has become of a job. Since 0.1.</summary>
    public enum JobState
    {
        /// <summary>It is under way.</summary>
        Pending = 0,

        /// <summary>It has ended well.</summary>
        Done = 1,

        /// <summary>Nothing was to be done.</summary>
        Fresh = 2,

        /// <summary>It has ended otherwise, for the last time.</summary>
        Failed = 3,

        /// <summary>It has not started: one that it waited for has failed.</summary>
        Skipped = 4,

        /// <summary>It has not started, or not ended, for the run was ended.</summary>
        Cancelled = 5,
    }

    /// <summary>A message of a run. Any thread may read it. Since 0.1.</summary>
    public sealed class RunMessage
    {
        private readonly uint flags;

        internal RunMessage(long message)
        {
            Job = new Job(Raw.run_message_job_get(message));
            Name = Raw.run_message_name_get(message);
            Kind = (RunMessageKind)Raw.run_message_kind_get(message);
            flags = Raw.run_message_flags_get(message);
            State = (JobState)Raw.run_message_state_get(message);
            Attempt = (int)Raw.run_message_attempt_get(message);
            ExitCode = (int)Raw.run_message_code_get(message);
            Signal = (int)Raw.run_message_signal_get(message);
            IsTainted = Raw.run_message_tainted_get(message) != 0;
            BlockedBy = new Job(Raw.run_message_blocked_by_get(message));
            Ended = Raw.run_message_ended_get(message);
            Total = Raw.run_message_total_get(message);
            Data = LibSched.Text.Bytes(Raw.run_message_data_get(message), Raw.run_message_size_get(message));
        }

        /// <summary>The job that it is about. Since 0.1.</summary>
        public Job Job { get; private set; }

        /// <summary>The job's name, or "". Since 0.1.</summary>
        public string Name { get; private set; }

        /// <summary>What it tells. Since 0.1.</summary>
        public RunMessageKind Kind { get; private set; }

        /// <summary>What has become of the job. Since 0.1.</summary>
        public JobState State { get; private set; }

        /// <summary>The number of the try, from 1; 0: none has begun. Since 0.1.</summary>
        public int Attempt { get; private set; }

        /// <summary>Of a command, or a status. Since 0.1.</summary>
        public int ExitCode { get; private set; }

        /// <summary>That has ended the command; 0: none. Since 0.1.</summary>
        public int Signal { get; private set; }

        /// <summary>Whether a job has failed whose early signal it had waited for. Since 0.1.</summary>
        public bool IsTainted { get; private set; }

        /// <summary>The job that has failed, for one that is skipped or tainted; else none. Since 0.1.</summary>
        public Job BlockedBy { get; private set; }

        /// <summary>Jobs whose state is final, by then. Since 0.1.</summary>
        public long Ended { get; private set; }

        /// <summary>Jobs, by then. Since 0.1.</summary>
        public long Total { get; private set; }

        /// <summary>A line of output, what the job says, or why it failed; else nothing. Since 0.1.</summary>
        public byte[] Data { get; private set; }

        /// <summary>The same as text. Since 0.1.</summary>
        public string Text
        {
            get { return System.Text.Encoding.UTF8.GetString(Data); }
        }

        /// <summary>Whether the line goes on in the next message of its kind of this job. Since 0.1.</summary>
        public bool IsContinued
        {
            get { return (flags & Raw.PROCESS_CONTINUES) != 0; }
        }
    }
}
