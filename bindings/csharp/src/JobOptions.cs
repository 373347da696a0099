using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace LibSched
{
    /// <summary>
    /// What a job of a <see cref="Graph"/> is: an action, or a command, or neither; 0 and null mean the default. By one thread at a time. Since 0.1.
    /// </summary>
    public sealed class JobOptions
    {
        /// <summary>Of no other job of the graph; null: none. Since 0.1.</summary>
        public string Name { get; set; }

        /// <summary>What it does, on a worker. Since 0.1.</summary>
        public Action<JobContext> Action { get; set; }

        /// <summary>A program and its arguments, in place of an action. Takes no worker. Since 0.1.</summary>
        public IList<string> Command { get; set; }

        /// <summary>Whether the command's first element is for /bin/sh. Since 0.1.</summary>
        public bool Shell { get; set; }

        /// <summary>Variables of the command beside those of this process; a null value leaves one out. Since 0.1.</summary>
        public IDictionary<string, string> Environment { get; set; }

        /// <summary>Where the command works; null: where this process does. Since 0.1.</summary>
        public string WorkingDirectory { get; set; }

        /// <summary>Nothing is to be done: it takes no slot, and its action is called in the thread of the run. Since 0.1.</summary>
        public bool Fresh { get; set; }

        /// <summary>How long it takes, in units of the caller's choice; 0: 1. Since 0.1.</summary>
        public long Cost { get; set; }

        /// <summary>Of that, until its early signal; 0: all of it. Since 0.1.</summary>
        public long EarlyCost { get; set; }

        /// <summary>Goes before all costs. Since 0.1.</summary>
        public Priority Priority { get; set; }

        /// <summary>Slots that it takes; 0: 1. Since 0.1.</summary>
        public int Weight { get; set; }

        /// <summary>What <see cref="Graph.AddLimit"/> gave; 0: none. Since 0.1.</summary>
        public int LimitClass { get; set; }

        /// <summary>How often it is tried again. Since 0.1.</summary>
        public int Retries { get; set; }

        /// <summary>Longest run of one try; zero or infinite: for ever. Since 0.1.</summary>
        public TimeSpan Timeout { get; set; }

        /// <summary>Adds a job by a raw function that gets these options and gives its number.</summary>
        internal Job AddBy(Func<long, long> add, StrongBox<Run> underWay)
        {
            long slot = Action == null ? -1 : Slots.Put(new JobBody(Action, underWay), null);
            long raw = Raw.new_job_options();
            bool added = false;
            try
            {
                using (var memory = new NativeArrays())
                {
                    Fill(raw, memory, slot);
                    // Any number but these may be a job's; other failures were thrown.
                    long id = add(raw);
                    if (id == Code.Cancelled) throw new OperationCanceledException("the run starts no job any more");
                    if (id == Code.Closed) throw LibSchedException.Of(id);
                    added = true;
                    return new Job(id);
                }
            }
            catch (LibSchedException refusal) when (refusal.Status == Status.Range)
            {
                throw Checked.Wrong("LimitClass", LimitClass, "0, or what AddLimit of this graph gave");
            }
            finally
            {
                if (!added && slot >= 0) Slots.Remove(slot);
                Raw.job_options_name_set(raw, null);
                Raw.job_options_cwd_set(raw, null);
                Raw.delete_job_options(raw);
            }
        }

        private void Fill(long options, NativeArrays memory, long slot)
        {
            if (Action != null && Command != null) throw new ArgumentException("A job has an Action or a Command, not both.", "Command");
            Raw.job_options_init(options);
            Raw.job_options_flags_set(options, (Fresh ? Raw.JOB_FRESH : 0) | (Shell ? Raw.JOB_SHELL : 0));
            Raw.job_options_name_set(options, Checked.Text(Name, "Name"));
            Raw.job_options_cost_set(options, Checked.AtLeast(0, Cost, "Cost"));
            Raw.job_options_early_cost_set(options, Checked.AtLeast(0, EarlyCost, "EarlyCost"));
            Raw.job_options_priority_set(options, Checked.Priority(Priority, "Priority"));
            Raw.job_options_weight_set(options, Checked.AtLeast(0, Weight, "Weight"));
            Raw.job_options_limit_class_set(options, Checked.AtLeast(0, LimitClass, "LimitClass"));
            Raw.job_options_retries_set(options, Checked.AtLeast(0, Retries, "Retries"));
            // For the native side zero is for ever.
            Raw.job_options_timeout_ns_set(options, Math.Max(0, Waiting.Nanoseconds(Timeout, "Timeout")));
            Raw.job_options_argv_set(options, Command == null ? 0 : memory.Texts(Checked.Program(Command), "Command"));
            Raw.job_options_envp_set(options, Variables.All(Environment, memory));
            Raw.job_options_cwd_set(options, Checked.Text(WorkingDirectory, "WorkingDirectory"));
            if (slot < 0) return;
            Raw.job_options_fn_set(options, Upcalls.JobPointer);
            Raw.job_options_user_data_set(options, slot);
            Raw.job_options_discard_set(options, Upcalls.DiscardPointer);
        }
    }
}
