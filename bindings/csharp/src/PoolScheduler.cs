using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace LibSched
{
    /// <summary>
    /// Runs Tasks on a <see cref="Pool"/>, at one priority. What an async method awaits brings it back here. A thread that waits
    /// for a Task which has not begun runs it itself, if it is a worker of the pool. Tasks that are queued when the pool drops its
    /// tasks, or after it was shut down, are run by .NET's own thread pool: who waits for one must not wait for ever. A LongRunning
    /// Task takes a worker as any other, for as long as it runs. Since 0.1.
    /// </summary>
    public sealed class PoolScheduler : TaskScheduler
    {
        private readonly Engine engine;
        private readonly uint priority;
        private readonly Owner owner;
        [ThreadStatic] private static CancellationToken forRoom; // of the Task that the calling thread starts

        /// <summary>Makes a scheduler. Does not block. Since 0.1.</summary>
        /// <param name="pool">what runs the Tasks; it is not disposed with the scheduler</param>
        /// <param name="priority">of all its Tasks</param>
        /// <exception cref="ArgumentNullException">pool is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">there is no such priority</exception>
        public PoolScheduler(Pool pool, Priority priority = Priority.Normal)
        {
            if (pool == null) throw new ArgumentNullException(nameof(pool));
            engine = pool.Engine;
            this.priority = Checked.Priority(priority);
            owner = new Owner(engine, this);
        }

        /// <summary>How many Tasks run at a time. Since 0.1.</summary>
        public override int MaximumConcurrencyLevel
        {
            get { return engine.Workers; }
        }

        /// <summary>Starts a Task; the token ends the wait for room, too.</summary>
        internal Task Start(Action action, CancellationToken token)
        {
            forRoom = token;
            try
            {
                return Task.Factory.StartNew(action, token, TaskCreationOptions.DenyChildAttach, this);
            }
            finally
            {
                forRoom = CancellationToken.None;
            }
        }

        /// <summary>The same with a result.</summary>
        internal Task<T> Start<T>(Func<T> function, CancellationToken token)
        {
            forRoom = token;
            try
            {
                return Task.Factory.StartNew(function, token, TaskCreationOptions.DenyChildAttach, this);
            }
            finally
            {
                forRoom = CancellationToken.None;
            }
        }

        /// <summary>
        /// Called by .NET. Waits for room if the pool has a capacity: .NET does not tell of a token, so that only <see cref="Pool"/>'s
        /// Run ends this wait by one, and StartNew and Start do not. Since 0.1.
        /// </summary>
        /// <param name="task">what to run</param>
        protected override void QueueTask(Task task)
        {
            CancellationToken token = forRoom;
            forRoom = CancellationToken.None; // of this Task alone: a wait for room may run others, which start some
            long status;
            try
            {
                status = engine.Submit(task, priority, owner, token);
            }
            catch (OperationCanceledException)
            {
                status = Code.Closed; // cancelled, too, as it has that token: it ends there without having begun
            }
            if (status == Code.Closed) RunElsewhere(task);
            else engine.Require(status);
        }

        /// <summary>Called by .NET: runs a Task on the thread that waits for it, if that is a worker of the pool. Since 0.1.</summary>
        /// <param name="task">what to run</param>
        /// <param name="taskWasPreviouslyQueued">whether it is queued</param>
        /// <returns>whether it was run</returns>
        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued)
        {
            if (!engine.OnWorker()) return false;
            // If it is queued it is found to have run when its turn comes.
            Worker.AboutToWait();
            return TryExecuteTask(task);
        }

        /// <summary>For debuggers: the Tasks that seem to wait. Since 0.1.</summary>
        /// <returns>a picture of the moment</returns>
        protected override IEnumerable<Task> GetScheduledTasks()
        {
            var tasks = new List<Task>();
            foreach (object item in Slots.Of(owner)) tasks.Add((Task)item);
            foreach (object item in engine.Intake.Of(owner)) tasks.Add((Task)item);
            return tasks;
        }

        private void RunElsewhere(Task task)
        {
            ThreadPool.UnsafeQueueUserWorkItem(state => TryExecuteTask((Task)state), task);
        }

        private struct Execution : IUserCode
        {
            internal PoolScheduler Scheduler;
            internal Task Task;

            public void Run()
            {
                Scheduler.TryExecuteTask(Task);
            }
        }

        private sealed class Owner : TaskOwner
        {
            private readonly PoolScheduler scheduler;

            internal Owner(Engine engine, PoolScheduler scheduler)
                : base(engine)
            {
                this.scheduler = scheduler;
            }

            internal override int Run(object item)
            {
                var task = (Task)item;
                try
                {
                    var execution = new Execution { Scheduler = scheduler, Task = task };
                    // .NET restores nothing after a Task without a context of its own, which was started with the flow suppressed.
                    if (ProcessEnd.OnMono) Abortable.Run(execution);
                    else Isolated.Run(execution, Worker.Current);
                }
                catch (ThreadAbortException exception)
                {
                    ProcessEnd.Aborted(exception);
                    return (int)Status.Exception;
                }
                return task.IsFaulted ? (int)Status.Exception : 0;
            }

            internal override void Discarded(object item)
            {
                scheduler.RunElsewhere((Task)item);
            }
        }
    }
}
