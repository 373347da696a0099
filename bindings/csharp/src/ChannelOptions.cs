namespace LibSched
{
    /// <summary>How a <see cref="Channel{T}"/> is to be; 0 and null mean the default. By one thread at a time. Since 0.1.</summary>
    public sealed class ChannelOptions
    {
        /// <summary>Of no other channel of the dispatcher; null: none. Since 0.1.</summary>
        public string Name { get; set; }

        /// <summary>Items that may wait to start; 0: no bound. Since 0.1.</summary>
        public long Bound { get; set; }

        /// <summary>Turns a round, up to 65536; 0: 1. Since 0.1.</summary>
        public int Weight { get; set; }

        /// <summary>Most of its items that run at a time; 0: only the dispatcher's limit. Since 0.1.</summary>
        public int Limit { get; set; }

        /// <summary>Of all its items. Since 0.1.</summary>
        public Priority Priority { get; set; }

        internal long Create(long dispatcher)
        {
            Checked.AtLeast(0, Bound, "Bound");
            Checked.Within(0, Raw.MAX_WEIGHT, Weight, "Weight");
            Checked.AtLeast(0, Limit, "Limit");
            Checked.Priority(Priority, "Priority");
            Checked.Text(Name, "Name");
            long options = Raw.new_channel_options();
            try
            {
                Raw.channel_options_init(options);
                Raw.channel_options_name_set(options, Name);
                Raw.channel_options_bound_set(options, Bound);
                Raw.channel_options_weight_set(options, (uint)Weight);
                Raw.channel_options_limit_set(options, (uint)Limit);
                Raw.channel_options_priority_set(options, (uint)Priority);
                return LibSchedException.Check(Raw.channel_create(dispatcher, options));
            }
            finally
            {
                Raw.channel_options_name_set(options, null);
                Raw.delete_channel_options(options);
            }
        }
    }
}
