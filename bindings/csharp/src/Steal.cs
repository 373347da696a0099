namespace LibSched
{
    /// <summary>What a take has come to. Since 0.1.</summary>
    public enum Steal
    {
        /// <summary>Something was taken.</summary>
        Success,

        /// <summary>Nothing is there.</summary>
        Empty,

        /// <summary>Another thread interfered; trying again may succeed.</summary>
        Retry,
    }
}
