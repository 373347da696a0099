namespace LibSched
{
    /// <summary>The native library. All members may be used by any thread. Since 0.1.</summary>
    public static class Library
    {
        /// <summary>The version of the native library that runs, such as "0.1.0". Since 0.1.</summary>
        public static string Version
        {
            get { return Raw.version_string(); }
        }

        /// <summary>How many CPUs this process may really use: its affinity mask and its cgroup quota, at least 1. Since 0.1.</summary>
        public static int UsableCpus
        {
            get { return (int)Raw.usable_cpus(); }
        }

        /// <summary>
        /// How many native objects of all kinds are alive in this process: 0 when everything was disposed. Does not block. Since 0.1.
        /// </summary>
        /// <returns>the count</returns>
        public static long LiveObjects()
        {
            long live = 0;
            for (uint kind = Raw.KIND_CANCEL; kind <= Raw.KIND_RESULT; kind++) live += Raw.live_objects(kind);
            return live;
        }
    }
}
