namespace LibSched
{
    /// <summary>A task that a worker runs, perhaps on the stack of another one.</summary>
    internal struct WorkerTask
    {
        internal readonly Worker Worker;
        private readonly Engine outerEngine;
        private readonly long outerTask;
        private readonly bool outerNested;

        /// <summary>It begins, on the calling thread, and ends with Leave.</summary>
        internal WorkerTask(Worker worker, Engine engine, long task)
        {
            Worker = worker;
            outerEngine = worker.Engine;
            outerTask = worker.Task;
            outerNested = worker.Nested;
            // Above this there are frames of the engine.
            if (ProcessEnd.OnMono) worker.Gate.Leave();
            worker.Engine = engine;
            worker.Calls++;
            worker.Task = task;
            worker.Nested = outerEngine != null;
        }

        internal void Leave()
        {
            if (!Worker.Nested) Worker.Restore();
            Worker.Engine = outerEngine;
            Worker.Task = outerTask;
            Worker.Nested = outerNested;
        }
    }
}
