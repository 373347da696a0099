using System;

namespace LibSched
{
    /// <summary>
    /// A picture of a pool. The counts are exact when the pool is idle, else each is a recent value. Any thread may read it. Since
    /// 0.1.
    /// </summary>
    public sealed class PoolStats
    {
        private readonly PriorityStats[] priorities = { new PriorityStats(), new PriorityStats(), new PriorityStats() };

        internal PoolStats() { }

        internal PoolStats(long pool, long waiting)
        {
            long stats = Raw.new_pool_stats();
            try
            {
                Raw.pool_stats_init(stats);
                Raw.pool_get_stats(stats, pool);
                Workers = (int)Raw.pool_stats_workers_get(stats);
                Parked = (int)Raw.pool_stats_parked_get(stats);
                Steals = Raw.pool_stats_steals_get(stats);
                Retries = Raw.pool_stats_retries_get(stats);
                Parks = Raw.pool_stats_parks_get(stats);
                Wakes = Raw.pool_stats_wakes_get(stats);
                Overflows = Raw.pool_stats_overflows_get(stats);
                Exceeded = Raw.pool_stats_exceeded_get(stats);
                for (uint i = 0; i < priorities.Length; i++)
                {
                    priorities[i] = new PriorityStats(Raw.pool_stats_at(stats, i), i == Raw.NORMAL ? waiting : 0);
                }
            }
            finally
            {
                Raw.delete_pool_stats(stats);
            }
        }

        /// <summary>Threads that run. Since 0.1.</summary>
        public int Workers { get; private set; }

        /// <summary>Of these, threads that sleep. Since 0.1.</summary>
        public int Parked { get; private set; }

        /// <summary>Times that one worker took tasks from another's queue. Since 0.1.</summary>
        public long Steals { get; private set; }

        /// <summary>Times that a worker that took tasks was overtaken. Since 0.1.</summary>
        public long Retries { get; private set; }

        /// <summary>Times that a worker went to sleep. Since 0.1.</summary>
        public long Parks { get; private set; }

        /// <summary>Times that a sleeping worker was woken for work. Since 0.1.</summary>
        public long Wakes { get; private set; }

        /// <summary>Tasks that a full local queue handed to the shared one. Since 0.1.</summary>
        public long Overflows { get; private set; }

        /// <summary>Tasks that workers submitted beyond the capacity. Since 0.1.</summary>
        public long Exceeded { get; private set; }

        /// <summary>The counts of one priority. Since 0.1.</summary>
        /// <param name="priority">which</param>
        /// <exception cref="ArgumentOutOfRangeException">there is no such priority</exception>
        public PriorityStats this[Priority priority]
        {
            get { return priorities[Checked.Priority(priority)]; }
        }
    }

    /// <summary>
    /// Counts of one priority. Submitted = Started + Cancelled + Queued, Started = Completed + Failed + Active. Any thread may
    /// read them. Since 0.1.
    /// </summary>
    public sealed class PriorityStats
    {
        internal PriorityStats() { }

        internal PriorityStats(long stats, long waiting)
        {
            Submitted = Raw.priority_stats_submitted_get(stats) + waiting;
            Started = Raw.priority_stats_started_get(stats);
            Completed = Raw.priority_stats_completed_get(stats);
            Failed = Raw.priority_stats_failed_get(stats);
            Cancelled = Raw.priority_stats_cancelled_get(stats);
            Queued = Raw.priority_stats_queued_get(stats) + waiting;
            Active = Raw.priority_stats_active_get(stats);
            OldestWait = RunResult.Time(Raw.priority_stats_oldest_wait_ns_get(stats));
        }

        /// <summary>Tasks accepted; one that a worker has handed on counts again. Since 0.1.</summary>
        public long Submitted { get; private set; }

        /// <summary>Tasks that have begun. Since 0.1.</summary>
        public long Started { get; private set; }

        /// <summary>Tasks that ended well. Since 0.1.</summary>
        public long Completed { get; private set; }

        /// <summary>Tasks that threw. Since 0.1.</summary>
        public long Failed { get; private set; }

        /// <summary>Tasks that were dropped, or handed on by a worker. Since 0.1.</summary>
        public long Cancelled { get; private set; }

        /// <summary>Tasks that wait to start. Since 0.1.</summary>
        public long Queued { get; private set; }

        /// <summary>Tasks that run. Since 0.1.</summary>
        public long Active { get; private set; }

        /// <summary>How long the engine has had the one that waits longest, to about 5 ms; zero: none waits. Since 0.1.</summary>
        public TimeSpan OldestWait { get; private set; }
    }
}
