namespace LibSched
{
    /// <summary>A picture of a <see cref="Dispatcher{T}"/>. Any thread may read it. Since 0.1.</summary>
    public sealed class DispatcherStats : ItemStats
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
    }
}
