using System;

namespace LibSched
{
    /// <summary>A picture of a <see cref="Dispatcher{T}"/>. Any thread may read it. Since 0.1.</summary>
    public sealed class DispatcherStats
    {
        internal DispatcherStats(long dispatcher)
        {
            long stats = Raw.new_dispatcher_stats();
            try
            {
                Raw.dispatcher_stats_init(stats);
                LibSchedException.Check(Raw.dispatcher_get_stats(stats, dispatcher));
                Channels = Raw.dispatcher_stats_channels_get(stats);
                Queued = Raw.dispatcher_stats_queued_get(stats);
                Running = Raw.dispatcher_stats_running_get(stats);
                Done = Raw.dispatcher_stats_done_get(stats);
                Failed = Raw.dispatcher_stats_failed_get(stats);
                Cancelled = Raw.dispatcher_stats_cancelled_get(stats);
                Limit = (int)Raw.dispatcher_stats_limit_get(stats);
                IsPaused = Raw.dispatcher_stats_paused_get(stats) != 0;
            }
            finally
            {
                Raw.delete_dispatcher_stats(stats);
            }
        }

        /// <summary>Channels that are open, or have items left. Since 0.1.</summary>
        public long Channels { get; private set; }

        /// <summary>Items that wait to start. Since 0.1.</summary>
        public long Queued { get; private set; }

        /// <summary>Items that have started and not ended. Since 0.1.</summary>
        public long Running { get; private set; }

        /// <summary>Items that ended well. Since 0.1.</summary>
        public long Done { get; private set; }

        /// <summary>Items that threw, and were not cancelled. Since 0.1.</summary>
        public long Failed { get; private set; }

        /// <summary>Items that were cancelled, before or while they ran. Since 0.1.</summary>
        public long Cancelled { get; private set; }

        /// <summary>Most items that run at a time. Since 0.1.</summary>
        public int Limit { get; private set; }

        /// <summary>Whether no item starts. Since 0.1.</summary>
        public bool IsPaused { get; private set; }
    }
}
