namespace LibSched
{
    /// <summary>
    /// How urgent a task is. High tasks are looked at before all others, Normal ones before Low ones, and none starves. Since 0.1.
    /// </summary>
    public enum Priority
    {
        /// <summary>The default.</summary>
        Normal = 0,

        /// <summary>Before all others.</summary>
        High = 1,

        /// <summary>When there is nothing else.</summary>
        Low = 2,
    }
}
