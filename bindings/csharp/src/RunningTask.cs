using System;

namespace LibSched
{
    /// <summary>The task that the calling thread runs, on whichever pool. Any thread may ask; nothing blocks. Since 0.1.</summary>
    public static class RunningTask
    {
        /// <summary>
        /// The number of the worker that runs it, from 0 on, those that stand in for others included; such as for buffers, one for each. -1
        /// where no task runs. Since 0.1.
        /// </summary>
        public static int WorkerIndex
        {
            get
            {
                Worker worker = Worker.Current;
                long pool;
                if (worker == null || worker.Engine == null || !worker.Engine.Handle.TryEnter(out pool)) return -1;
                try
                {
                    return (int)Math.Max(Raw.pool_current_worker(pool), -1);
                }
                finally
                {
                    worker.Engine.Handle.Leave();
                }
            }
        }

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
