using System;

namespace LibSched
{
    /// <summary>A picture of a <see cref="Channel{T}"/>. Any thread may read it. Since 0.1.</summary>
    public sealed class ChannelStats : ItemStats
    {
        internal ChannelStats(long channel)
        {
            long stats = Raw.new_channel_stats();
            try
            {
                Raw.channel_stats_init(stats);
                LibSchedException.Check(Raw.channel_get_stats(stats, channel));
                Queued = Raw.channel_stats_queued_get(stats);
                Running = Raw.channel_stats_running_get(stats);
                Done = Raw.channel_stats_done_get(stats);
                Failed = Raw.channel_stats_failed_get(stats);
                Cancelled = Raw.channel_stats_cancelled_get(stats);
                LongestWait = RunResult.Time(Raw.channel_stats_longest_wait_ns_get(stats));
                Turns = Raw.channel_stats_turns_get(stats);
                Limit = (int)Raw.channel_stats_limit_get(stats);
                IsPaused = Raw.channel_stats_paused_get(stats) != 0;
            }
            finally
            {
                Raw.delete_channel_stats(stats);
            }
        }

        /// <summary>The longest wait of an item to start, to about 4 ms; those that still wait count. Since 0.1.</summary>
        public TimeSpan LongestWait { get; private set; }

        /// <summary>Items that have started. Since 0.1.</summary>
        public long Turns { get; private set; }
    }
}
