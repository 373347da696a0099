using System;
using System.Collections.Generic;

namespace LibSched
{
    /// <summary>What is to be run, and how; 0 and null mean the default. By one thread at a time. Since 0.1.</summary>
    public sealed class ProcessOptions
    {
        private const int BadDescriptor = 9; // EBADF
        private const int FirstInherited = 3;
        private const uint LongestLine = 1 << 24;

        /// <summary>Makes options. Since 0.1.</summary>
        /// <param name="command">the program, which is looked for in PATH, and its arguments</param>
        public ProcessOptions(params string[] command)
        {
            Command = command;
        }

        /// <summary>The program and its arguments. Since 0.1.</summary>
        public IList<string> Command { get; set; }

        /// <summary>Whether the first element is a command for /bin/sh, and the others are its $1, $2 and so on. Since 0.1.</summary>
        public bool Shell { get; set; }

        /// <summary>
        /// Variables that are set in the child beside those of this process; a null value leaves one out. Since 0.1.
        /// </summary>
        public IDictionary<string, string> Environment { get; set; }

        /// <summary>Where the child begins to work; null: where this process does. Since 0.1.</summary>
        public string WorkingDirectory { get; set; }

        /// <summary>
        /// Gets the output, as messages to be read by <see cref="ProcessOutput.Read"/>; null: it goes where that of this process
        /// goes. Since 0.1.
        /// </summary>
        public ByteQueue Output { get; set; }

        /// <summary>Gets the errors as <see cref="Output"/> does the output; it may be the same; null: as that. Since 0.1.</summary>
        public ByteQueue Errors { get; set; }

        /// <summary>Whether errors go where the output goes, in one stream. Since 0.1.</summary>
        public bool MergeErrors { get; set; }

        /// <summary>Whether output and errors that get no queue are dropped. Since 0.1.</summary>
        public bool DiscardOutput { get; set; }

        /// <summary>Bytes of the longest line, up to 2^24; longer ones come in parts; 0: 16384. Since 0.1.</summary>
        public int MaxLine { get; set; }

        /// <summary>Bytes of output and errors together; what is beyond is dropped; 0: any number. Since 0.1.</summary>
        public long MaxOutput { get; set; }

        /// <summary>
        /// How long output is awaited after the end, where a descendant keeps it open; zero: 1 s; infinite: until it is closed. Since 0.1.
        /// </summary>
        public TimeSpan Linger { get; set; }

        /// <summary>Whether it reads this process' input, in place of nothing. Since 0.1.</summary>
        public bool InheritInput { get; set; }

        /// <summary>Descriptors, 3 or more, that it gets under the same numbers; null: none. Since 0.1.</summary>
        public int[] Inherit { get; set; }

        /// <summary>Seconds of CPU time, then SIGXCPU, a second later SIGKILL; 0: no limit of its own. Since 0.1.</summary>
        public long CpuSeconds { get; set; }

        /// <summary>Bytes of its address space; 0: no limit of its own. Since 0.1.</summary>
        public long MemoryBytes { get; set; }

        /// <summary>Most descriptors that it has open; 0: no limit of its own. Since 0.1.</summary>
        public long OpenFiles { get; set; }

        /// <summary>Bytes of a core file; 0: no limit of its own; -1: there is none. Since 0.1.</summary>
        public long CoreBytes { get; set; }

        /// <summary>Longest life, then it is stopped; zero or infinite: for ever. Since 0.1.</summary>
        public TimeSpan Timeout { get; set; }

        /// <summary>From SIGTERM to SIGKILL where the timeout stops it; zero: 5 s. Since 0.1.</summary>
        public TimeSpan Grace { get; set; }

        /// <summary>Whether it is killed when its <see cref="Process"/> is disposed, which the end of this process does not do. Since 0.1.</summary>
        public bool KillOnDispose { get; set; }

        /// <summary>What the child finds in MAKEFLAGS, with the descriptors that belong to it; or null. Since 0.1.</summary>
        public Jobserver Jobserver { get; set; }

        /// <summary>Whether it finds a broker of its own of the jobserver, so that no token is lost with it. Since 0.1.</summary>
        public bool Broker { get; set; }

        /// <summary>Goes with all messages of this process. Since 0.1.</summary>
        public long Tag { get; set; }

        internal long Spawn(long output, long errors, long jobserver)
        {
            if (Broker && Jobserver == null) throw new ArgumentException("Broker is set, which needs a Jobserver.", "Broker");
            long options = Raw.new_process_options();
            try
            {
                using (var memory = new NativeArrays())
                {
                    Raw.process_options_init(options);
                    Raw.process_options_flags_set(options, (Shell ? Raw.PROCESS_SHELL : 0) | (Broker ? Raw.PROCESS_BROKER : 0)
                        | (InheritInput ? Raw.PROCESS_STDIN : 0) | (KillOnDispose ? Raw.PROCESS_KILL_ON_UNREF : 0));
                    Raw.process_options_tag_set(options, Tag);
                    Raw.process_options_argv_set(options, memory.Texts(Checked.Program(Command), "Command"));
                    Variables.Fill(Environment, options, memory);
                    Raw.process_options_cwd_set(options, Checked.Text(WorkingDirectory, "WorkingDirectory"));
                    SetStreams(options, output, errors == 0 ? output : errors);
                    SetLimits(options, memory);
                    Raw.process_options_jobserver_set(options, jobserver);
                    return Spawned(Raw.process_spawn(options));
                }
            }
            catch (LibSchedException refusal) when (refusal.Errno == BadDescriptor && refusal.Message.StartsWith("inherit["))
            {
                throw new ArgumentException("I" + refusal.Message.Substring(1), "Inherit");
            }
            finally
            {
                Raw.process_options_cwd_set(options, null);
                Raw.delete_process_options(options);
            }
        }

        private void SetStreams(long options, long output, long errors)
        {
            CheckQueue(Output, "Output");
            CheckQueue(Errors, "Errors");
            if (MergeErrors && Errors != null) throw new ArgumentException("Errors go to a queue, or MergeErrors is set.", "MergeErrors");
            uint without = DiscardOutput ? Raw.PROCESS_NULL : Raw.PROCESS_INHERIT;
            Raw.process_options_stdout_to_set(options, output != 0 ? Raw.PROCESS_QUEUE : without);
            Raw.process_options_stdout_queue_set(options, output);
            if (MergeErrors) errors = 0;
            Raw.process_options_stderr_to_set(options, MergeErrors ? Raw.PROCESS_MERGE : errors != 0 ? Raw.PROCESS_QUEUE : without);
            Raw.process_options_stderr_queue_set(options, errors);
            Raw.process_options_max_line_set(options, Checked.Within(0, LongestLine, MaxLine, "MaxLine"));
            Raw.process_options_max_output_set(options, Checked.AtLeast(0, MaxOutput, "MaxOutput"));
            Raw.process_options_linger_ns_set(options, Waiting.Nanoseconds(Linger, "Linger"));
        }

        private static void CheckQueue(ByteQueue queue, string name)
        {
            if (queue == null || queue.ByteBound == 0) return;
            Checked.AtLeast(ProcessOutput.HeaderLength + 1, queue.ByteBound, name + ".byteBound");
        }

        private void SetLimits(long options, NativeArrays memory)
        {
            // For the native side zero is for ever.
            Raw.process_options_timeout_ns_set(options, Math.Max(0, Waiting.Nanoseconds(Timeout, "Timeout")));
            Raw.process_options_grace_ns_set(options, Waiting.Nanoseconds(Grace, "Grace"));
            for (int i = 0; Inherit != null && i < Inherit.Length; i++) Checked.AtLeast(FirstInherited, Inherit[i], "Inherit[" + i + "]");
            Raw.process_options_inherit_set(options, memory.Numbers(Inherit));
            Raw.process_options_inherit_count_set(options, Inherit == null ? 0 : Inherit.Length);
            Raw.process_options_cpu_seconds_set(options, Checked.AtLeast(0, CpuSeconds, "CpuSeconds"));
            Raw.process_options_memory_bytes_set(options, Checked.AtLeast(0, MemoryBytes, "MemoryBytes"));
            Raw.process_options_open_files_set(options, Checked.AtLeast(0, OpenFiles, "OpenFiles"));
            // What -1 is there means no core file.
            Raw.process_options_core_bytes_set(options, Checked.AtLeast(-1, CoreBytes, "CoreBytes"));
        }

        private long Spawned(long process)
        {
            if (process != Code.Closed) return LibSchedException.Check(process);
            throw LibSchedException.Of(process, Errors == null ? "Output is closed" : "Output or Errors is closed");
        }
    }
}
