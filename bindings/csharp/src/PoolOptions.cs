using System;

namespace LibSched
{
    /// <summary>
    /// How a <see cref="Pool"/> is to be; 0 and null mean the default. Copied when the pool is made. By one thread at a time.
    /// Since 0.1.
    /// </summary>
    public sealed class PoolOptions
    {
        private const uint MaxCpu = 1023; // of a cpu_set_t
        private const long MinStackSize = 64 * 1024;
        private const long MaxStackSize = long.MaxValue / 2;

        /// <summary>
        /// How many tasks run at a time, from 1 to 1024; 0: as many as there are usable CPUs, but at least 2. Spare ones are added for tasks
        /// that wait in ways that the pool knows of, and where all sleep for half a second while tasks wait that were handed to one
        /// of them. Since 0.1.
        /// </summary>
        public int Workers { get; set; }

        /// <summary>How many more threads may stand in for tasks that wait, up to 1024; 0: 128; -1: none. Since 0.1.</summary>
        public int Spare { get; set; }

        // As Spare says.
        internal int MostSpare
        {
            get { return Spare == 0 ? 128 : Math.Max(0, Spare); }
        }

        /// <summary>
        /// How many tasks may wait to start; 0: no limit. When there are as many, Submit waits, unless the pool's own worker calls.
        /// Since 0.1.
        /// </summary>
        public long Capacity { get; set; }

        /// <summary>How often in a row a worker may prefer others to a Normal task that waits; 0: 8. Since 0.1.</summary>
        public int NormalBound { get; set; }

        /// <summary>How often in a row a worker may prefer others to a Low task that waits, 2 or more; 0: 64. Since 0.1.</summary>
        public int LowBound { get; set; }

        /// <summary>How many Normal tasks run at a time; 0: as many as there are workers. Since 0.1.</summary>
        public int NormalCap { get; set; }

        /// <summary>How many High tasks run at a time; 0: as many as there are workers. Since 0.1.</summary>
        public int HighCap { get; set; }

        /// <summary>How many Low tasks run at a time; 0: as many as there are workers. Since 0.1.</summary>
        public int LowCap { get; set; }

        /// <summary>
        /// The CPUs that workers are pinned to, in turn, by their numbers up to 1023; null: they are not pinned. Since 0.1.
        /// </summary>
        public int[] Cpus { get; set; }

        /// <summary>Bytes of each worker's stack, at least 64 KiB; 0: the system's default. Since 0.1.</summary>
        public long StackSize { get; set; }

        /// <summary>The threads are called name-0, name-1 and so on, cut to 15 bytes; null: "sched". Since 0.1.</summary>
        public string Name { get; set; }

        internal long Create()
        {
            long options = Raw.new_pool_options();
            try
            {
                using (var memory = new NativeArrays())
                {
                    Fill(options, memory);
                    return LibSchedException.Check(Raw.pool_create(options));
                }
            }
            finally
            {
                Raw.pool_options_name_set(options, null);
                Raw.delete_pool_options(options);
            }
        }

        private void Fill(long options, NativeArrays memory)
        {
            Raw.pool_options_init(options);
            Raw.pool_options_workers_set(options, Checked.Within(0, Raw.MAX_WORKERS, Workers, "Workers"));
            Raw.pool_options_max_spare_set(options,
                Spare == -1 ? Raw.NO_SPARE : Checked.Within(-1, Raw.MAX_WORKERS, Spare, "Spare"));
            Raw.pool_options_capacity_set(options, Checked.AtLeast(0, Capacity, "Capacity"));
            Raw.pool_options_normal_bound_set(options, Checked.AtLeast(0, NormalBound, "NormalBound"));
            Raw.pool_options_low_bound_set(options, (uint)Checked.ZeroOrWithin(2, int.MaxValue, LowBound, "LowBound"));
            Raw.pool_options_normal_cap_set(options, Checked.AtLeast(0, NormalCap, "NormalCap"));
            Raw.pool_options_high_cap_set(options, Checked.AtLeast(0, HighCap, "HighCap"));
            Raw.pool_options_low_cap_set(options, Checked.AtLeast(0, LowCap, "LowCap"));
            for (int i = 0; Cpus != null && i < Cpus.Length; i++) Checked.Within(0, MaxCpu, Cpus[i], "Cpus[" + i + "]");
            Raw.pool_options_affinity_set(options, memory.Numbers(Cpus));
            Raw.pool_options_affinity_count_set(options, Cpus == null ? 0 : (uint)Cpus.Length);
            Raw.pool_options_stack_size_set(options, Checked.ZeroOrWithin(MinStackSize, MaxStackSize, StackSize, "StackSize"));
            Raw.pool_options_name_set(options, Checked.Text(Name, "Name"));
            Raw.pool_options_on_start_set(options, Raw.worker_start());
            Raw.pool_options_hook_data_set(options, Upcalls.WorkerStartPointer);
            Raw.pool_options_on_stop_set(options, Upcalls.WorkerStopPointer);
        }
    }
}
