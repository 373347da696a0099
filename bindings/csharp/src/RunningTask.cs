namespace LibSched
{
    /// <summary>The task that the calling thread runs, on whichever pool. Any thread may ask; nothing blocks. Since 0.1.</summary>
    public static class RunningTask
    {
        /// <summary>
        /// Whether it should end early, since its pool was shut down with dropping, or its group or channel item was cancelled. False
        /// where no task runs. Since 0.1.
        /// </summary>
        public static bool IsCancelled
        {
            get
            {
                Worker worker = Worker.Current;
                return worker != null && worker.Task != 0 && Raw.task_cancelled(worker.Task) != 0;
            }
        }

        /// <summary>
        /// Whether a more urgent task waits for a worker, so that a long task may submit its rest and return. False where no task
        /// runs. Since 0.1.
        /// </summary>
        public static bool ShouldYield
        {
            get
            {
                Worker worker = Worker.Current;
                return worker != null && worker.Task != 0 && Raw.should_yield(worker.Task) != 0;
            }
        }
    }
}
