namespace LibSched
{
    /// <summary>What has become of the items of a channel or dispatcher. Any thread may read it. Since 0.1.</summary>
    public abstract class ItemStats
    {
        internal ItemStats() { }

        /// <summary>Items that wait to start. Since 0.1.</summary>
        public long Queued { get; internal set; }

        /// <summary>Items that have started and not ended. Since 0.1.</summary>
        public long Running { get; internal set; }

        /// <summary>Items that ended well. Since 0.1.</summary>
        public long Done { get; internal set; }

        /// <summary>Items that threw, and were not cancelled. Since 0.1.</summary>
        public long Failed { get; internal set; }

        /// <summary>Items that were cancelled, before or while they ran. Since 0.1.</summary>
        public long Cancelled { get; internal set; }

        /// <summary>Most items that run at a time; 0, of a channel: only the dispatcher's limit. Since 0.1.</summary>
        public int Limit { get; internal set; }

        /// <summary>Whether no item starts. Since 0.1.</summary>
        public bool IsPaused { get; internal set; }
    }
}
