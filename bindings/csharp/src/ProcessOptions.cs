using System;
using System.Collections.Generic;

namespace LibSched
{
    /// <summary>What is to be run, and how; 0 and null mean the default. By one thread at a time. Since 0.1.</summary>
    public sealed class ProcessOptions
    {
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

        /// <summary>Longest life, then it is stopped; zero or infinite: for ever. Since 0.1.</summary>
        public TimeSpan Timeout { get; set; }

        /// <summary>From SIGTERM to SIGKILL where the timeout stops it; zero: 5 s. Since 0.1.</summary>
        public TimeSpan Grace { get; set; }

        /// <summary>Whether it is killed when its <see cref="Process"/> is disposed. Since 0.1.</summary>
        public bool KillOnDispose { get; set; }

        /// <summary>What the child finds in MAKEFLAGS, with the descriptors that belong to it; or null. Since 0.1.</summary>
        public Jobserver Jobserver { get; set; }

        /// <summary>Goes with all messages of this process. Since 0.1.</summary>
        public long Tag { get; set; }

        internal long Spawn(long output, long jobserver)
        {
            long options = Raw.new_process_options();
            try
            {
                using (var memory = new NativeArrays())
                {
                    Raw.process_options_init(options);
                    Raw.process_options_flags_set(options,
                        (Shell ? Raw.PROCESS_SHELL : 0) | (KillOnDispose ? Raw.PROCESS_KILL_ON_UNREF : 0));
                    Raw.process_options_tag_set(options, Tag);
                    Raw.process_options_argv_set(options, memory.Texts(Checked.Program(Command), "Command"));
                    SetEnvironment(options, memory);
                    Raw.process_options_cwd_set(options, Checked.Text(WorkingDirectory, "WorkingDirectory"));
                    if (output != 0)
                    {
                        if (Output.ByteBound != 0) Checked.AtLeast(ProcessOutput.HeaderLength + 1, Output.ByteBound, "Output.byteBound");
                        Raw.process_options_stdout_to_set(options, Raw.PROCESS_QUEUE);
                        Raw.process_options_stdout_queue_set(options, output);
                        Raw.process_options_stderr_to_set(options, Raw.PROCESS_QUEUE);
                        Raw.process_options_stderr_queue_set(options, output);
                    }
                    // For the native side zero is for ever.
                    Raw.process_options_timeout_ns_set(options, Math.Max(0, Waiting.Nanoseconds(Timeout, "Timeout")));
                    Raw.process_options_grace_ns_set(options, Waiting.Nanoseconds(Grace, "Grace"));
                    Raw.process_options_jobserver_set(options, jobserver);
                    long process = Raw.process_spawn(options);
                    if (process == Code.Closed) throw LibSchedException.Of(process, "Output is closed");
                    return LibSchedException.Check(process);
                }
            }
            finally
            {
                Raw.process_options_cwd_set(options, null);
                Raw.delete_process_options(options);
            }
        }

        private void SetEnvironment(long options, NativeArrays memory)
        {
            if (Environment == null) return;
            var set = new List<string>();
            var unset = new List<string>();
            foreach (KeyValuePair<string, string> variable in Environment)
            {
                if (variable.Key.Length == 0 || variable.Key.IndexOf('=') >= 0)
                {
                    throw new ArgumentException(
                        "Environment has the name \"" + variable.Key + "\", which is empty or has a '='.", "Environment");
                }
                if (variable.Value == null) unset.Add(variable.Key);
                else set.Add(variable.Key + "=" + variable.Value);
            }
            Raw.process_options_env_set_set(options, memory.Texts(set, "Environment"));
            Raw.process_options_env_unset_set(options, memory.Texts(unset, "Environment"));
        }
    }
}
