namespace LibSched
{
    /// <summary>Where the tokens of a <see cref="Broker"/> are, at one moment. Any thread may read it. Since 0.1.</summary>
    public sealed class BrokerStats
    {
        internal BrokerStats(long broker)
        {
            long stats = Raw.new_broker_stats();
            try
            {
                Raw.broker_stats_init(stats);
                LibSchedException.Check(Raw.broker_get_stats(stats, broker));
                Taken = Raw.broker_stats_taken_get(stats);
                Total = Raw.broker_stats_total_get(stats);
                Rescued = Raw.broker_stats_rescued_get(stats);
                Extra = Raw.broker_stats_extra_get(stats);
            }
            finally
            {
                Raw.delete_broker_stats(stats);
            }
        }

        /// <summary>Tokens that the child and its descendants have. Since 0.1.</summary>
        public long Taken { get; private set; }

        /// <summary>How many they have taken since the beginning. Since 0.1.</summary>
        public long Total { get; private set; }

        /// <summary>Of these, how many were not given back before the last process had ended. Since 0.1.</summary>
        public long Rescued { get; private set; }

        /// <summary>Tokens that came back without having been taken, and were dropped. Since 0.1.</summary>
        public long Extra { get; private set; }
    }
}
