using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace LibSched
{
    /// <summary>
    /// Worker threads that run tasks of three priorities and steal work from each other.
    /// <code>
    /// using (var pool = new Pool(new PoolOptions { Workers = 8 }))
    /// {
    ///     pool.Submit(() => Log("started"));
    ///     Image image = await pool.Run(() => Render(scene));
    /// }
    /// </code>
    /// All members may be used by any thread. A pool that nobody refers to ends when its tasks have ended; the process exits whatever
    /// a pool is doing. Since 0.1.
    /// </summary>
    public sealed class Pool : IDisposable
    {
        private readonly PoolScheduler[] schedulers = new PoolScheduler[Raw.PRIORITIES];
        internal readonly Engine Engine;

        /// <summary>Makes a pool with all defaults. Its threads start with the first task. Does not block. Since 0.1.</summary>
        public Pool()
            : this(new PoolOptions()) { }

        /// <summary>Makes a pool. Its threads start with the first task. Does not block. Since 0.1.</summary>
        /// <param name="options">how it is to be</param>
        /// <exception cref="ArgumentNullException">options is null</exception>
        /// <exception cref="ArgumentException">the name has a NUL</exception>
        /// <exception cref="ArgumentOutOfRangeException">an option is outside its range</exception>
        public Pool(PoolOptions options)
        {
            if (options == null) throw new ArgumentNullException(nameof(options));
            Engine = new Engine(options.Create(), options);
            for (int i = 0; i < schedulers.Length; i++) schedulers[i] = new PoolScheduler(this, (Priority)i);
        }

        /// <summary>
        /// Is told what a submitted action throws, on the thread that ran it; nothing else of the pool ends. Without a handler it is
        /// written to the standard error. What a Task throws is the Task's. Does not block. Since 0.1.
        /// </summary>
        public event Action<Exception> UnhandledException
        {
            add { lock (schedulers) Engine.Unhandled += value; }
            remove { lock (schedulers) Engine.Unhandled -= value; }
        }

        /// <summary>Runs Tasks on this pool, at Normal priority. Does not block. Since 0.1.</summary>
        public PoolScheduler Scheduler
        {
            get { return schedulers[(int)Priority.Normal]; }
        }

        /// <summary>Runs Tasks on this pool. Does not block. Since 0.1.</summary>
        /// <param name="priority">at which priority</param>
        /// <returns>the scheduler of that priority</returns>
        /// <exception cref="ArgumentOutOfRangeException">there is no such priority</exception>
        public PoolScheduler GetScheduler(Priority priority)
        {
            return schedulers[Checked.Priority(priority)];
        }

        // --- tasks ---

        /// <summary>
        /// Runs an action on a worker. The context of the caller (AsyncLocal) does not flow to it. In a pool with a capacity that is
        /// reached this waits for room, unless the pool's own worker calls. Since 0.1.
        /// </summary>
        /// <param name="task">what to run; what it throws goes to <see cref="UnhandledException"/></param>
        /// <param name="priority">how urgent it is</param>
        /// <param name="token">ends the wait for room; it will not be run then</param>
        /// <exception cref="ArgumentNullException">task is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">there is no such priority</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled</exception>
        /// <exception cref="ObjectDisposedException">the pool has ended</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>: the pool was shut down</exception>
        public void Submit(Action task, Priority priority = Priority.Normal, CancellationToken token = default(CancellationToken))
        {
            if (task == null) throw new ArgumentNullException(nameof(task));
            long status = Engine.Submit(task, Checked.Priority(priority), Engine.Owner, token);
            if (status < 0) Engine.Require(status);
        }

        /// <summary>Runs an action on a worker if there is room for it soon enough. Blocks until then. Since 0.1.</summary>
        /// <param name="task">what to run</param>
        /// <param name="timeout">how long to wait for room in a pool with a capacity</param>
        /// <param name="token">ends the wait</param>
        /// <param name="priority">how urgent it is</param>
        /// <returns>whether it will be run</returns>
        /// <exception cref="ArgumentNullException">task is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">timeout is negative, and not infinite; there is no such priority</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled; it will not be run</exception>
        /// <exception cref="ObjectDisposedException">the pool has ended</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>: the pool was shut down</exception>
        public bool TrySubmit(Action task, TimeSpan timeout, CancellationToken token = default(CancellationToken),
            Priority priority = Priority.Normal)
        {
            if (task == null) throw new ArgumentNullException(nameof(task));
            return Engine.TrySubmit(task, Checked.Priority(priority), Waiting.Nanoseconds(timeout), token);
        }

        /// <summary>
        /// Runs many actions on the workers; each is a task of its own. This costs far less than one call for each. As
        /// <see cref="Submit"/> otherwise; waits for room as that. Since 0.1.
        /// </summary>
        /// <param name="tasks">what to run, in order</param>
        /// <param name="priority">how urgent they are</param>
        /// <param name="token">ends the wait for room; the first ones of the tasks are run all the same</param>
        /// <exception cref="ArgumentNullException">tasks, or one of them, is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">there is no such priority</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled</exception>
        /// <exception cref="ObjectDisposedException">the pool has ended</exception>
        /// <exception cref="LibSchedException">
        /// <see cref="Status.Closed"/>: the pool was shut down; the first ones of the tasks may be run all the same
        /// </exception>
        public void SubmitAll(IEnumerable<Action> tasks, Priority priority = Priority.Normal,
            CancellationToken token = default(CancellationToken))
        {
            if (tasks == null) throw new ArgumentNullException(nameof(tasks));
            Engine.SubmitAll(tasks as Action[] ?? tasks.ToArray(), Checked.Priority(priority), Engine.Owner, 0, token);
        }

        /// <summary>
        /// Runs an action on a worker as a Task. As <see cref="Submit"/>, but the context flows to it; waits for room as that.
        /// Since 0.1.
        /// </summary>
        /// <param name="action">what to run</param>
        /// <param name="token">cancels the Task before it has begun, and ends the wait for room</param>
        /// <param name="priority">how urgent it is</param>
        /// <returns>the Task, which has what it throws</returns>
        /// <exception cref="ArgumentNullException">action is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">there is no such priority</exception>
        /// <exception cref="ObjectDisposedException">the pool has ended</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>: the pool was shut down</exception>
        public Task Run(Action action, CancellationToken token = default(CancellationToken),
            Priority priority = Priority.Normal)
        {
            RequireOpen();
            return GetScheduler(priority).Start(action, token);
        }

        /// <summary>Runs a function on a worker as a Task. As the other one otherwise. Since 0.1.</summary>
        /// <typeparam name="T">of the result</typeparam>
        /// <param name="function">what to run</param>
        /// <param name="token">cancels the Task before it has begun, and ends the wait for room</param>
        /// <param name="priority">how urgent it is</param>
        /// <returns>the Task</returns>
        /// <exception cref="ArgumentNullException">function is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">there is no such priority</exception>
        /// <exception cref="ObjectDisposedException">the pool has ended</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>: the pool was shut down</exception>
        public Task<T> Run<T>(Func<T> function, CancellationToken token = default(CancellationToken),
            Priority priority = Priority.Normal)
        {
            RequireOpen();
            return GetScheduler(priority).Start(function, token);
        }

        /// <summary>Runs an async method, all of it on the workers; waits for room as Submit. Since 0.1.</summary>
        /// <param name="function">what to run; after an await it goes on here, unless it says ConfigureAwait(false)</param>
        /// <param name="token">cancels it before it has begun, and ends the wait for room</param>
        /// <param name="priority">how urgent it is</param>
        /// <returns>a Task that ends with it</returns>
        /// <exception cref="ArgumentNullException">function is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">there is no such priority</exception>
        /// <exception cref="ObjectDisposedException">the pool has ended</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>: the pool was shut down</exception>
        public Task Run(Func<Task> function, CancellationToken token = default(CancellationToken),
            Priority priority = Priority.Normal)
        {
            return Run<Task>(function, token, priority).Unwrap();
        }

        /// <summary>Runs an async method, all of it on the workers; waits for room as Submit. Since 0.1.</summary>
        /// <typeparam name="T">of the result</typeparam>
        /// <param name="function">what to run; after an await it goes on here, unless it says ConfigureAwait(false)</param>
        /// <param name="token">cancels it before it has begun, and ends the wait for room</param>
        /// <param name="priority">how urgent it is</param>
        /// <returns>a Task that ends with it</returns>
        /// <exception cref="ArgumentNullException">function is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">there is no such priority</exception>
        /// <exception cref="ObjectDisposedException">the pool has ended</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>: the pool was shut down</exception>
        public Task<T> Run<T>(Func<Task<T>> function, CancellationToken token = default(CancellationToken),
            Priority priority = Priority.Normal)
        {
            return Run<Task<T>>(function, token, priority).Unwrap();
        }

        // --- structure ---

        /// <summary>Makes a group of tasks that run on this pool. Does not block. Since 0.1.</summary>
        /// <param name="cancelOnFailure">whether its first failure cancels it</param>
        /// <returns>a group</returns>
        /// <exception cref="ObjectDisposedException">the pool has ended</exception>
        public Group CreateGroup(bool cancelOnFailure = false)
        {
            return new Group(Engine, null, cancelOnFailure);
        }

        /// <summary>
        /// Runs a loop in parts on the workers, and waits until every part that was begun has ended. A task of this pool may call it,
        /// and takes part then. Since 0.1.
        /// </summary>
        /// <param name="from">the first index</param>
        /// <param name="to">one more than the last; not above `from`: nothing is run</param>
        /// <param name="body">runs a part: its first index, and one more than its last</param>
        /// <param name="grain">most indices of a part; 0: chosen</param>
        /// <param name="token">ends the loop</param>
        /// <param name="priority">how urgent it is</param>
        /// <exception cref="ArgumentNullException">body is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">
        /// grain is negative; `to` is more than long.MaxValue above `from`; there is no such priority
        /// </exception>
        /// <exception cref="AggregateException">parts threw; others may not have been run</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled; the parts that were begun have ended</exception>
        /// <exception cref="ObjectDisposedException">the pool has ended</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>: the pool was shut down</exception>
        public void ParallelFor(long from, long to, Action<long, long> body, long grain = 0,
            CancellationToken token = default(CancellationToken), Priority priority = Priority.Normal)
        {
            if (body == null) throw new ArgumentNullException(nameof(body));
            Checked.AtLeast(0, grain, nameof(grain));
            uint level = Checked.Priority(priority);
            if (from < 0) Checked.Within(long.MinValue, from + long.MaxValue, to, nameof(to));
            token.ThrowIfCancellationRequested();
            if (from < to) new Loop(Engine, from, body).Run(to - from, grain, level, token);
        }

        /// <summary>As the other one, for a body that runs one index. Blocks until the last has ended. Since 0.1.</summary>
        /// <param name="from">the first index</param>
        /// <param name="to">one more than the last; not above `from`: nothing is run</param>
        /// <param name="body">runs an index</param>
        /// <param name="token">ends the loop</param>
        /// <exception cref="ArgumentNullException">body is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">`to` is more than long.MaxValue above `from`</exception>
        /// <exception cref="AggregateException">an index threw; others may not have been run</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled</exception>
        /// <exception cref="ObjectDisposedException">the pool has ended</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>: the pool was shut down</exception>
        public void ParallelFor(long from, long to, Action<long> body, CancellationToken token = default(CancellationToken))
        {
            if (body == null) throw new ArgumentNullException(nameof(body));
            Action<long, long> part = (first, end) =>
            {
                for (long i = first; i < end; i++) body(i);
            };
            ParallelFor(from, to, part, 0, token);
        }

        /// <summary>Waits until every accepted task has ended; those submitted meanwhile are waited for too. Since 0.1.</summary>
        /// <exception cref="LibSchedException"><see cref="Status.Deadlock"/>: a task of this pool calls</exception>
        public void WaitIdle()
        {
            WaitIdle(Timeout.InfiniteTimeSpan);
        }

        /// <summary>Waits until every accepted task has ended; those submitted meanwhile are waited for too. Since 0.1.</summary>
        /// <param name="timeout">how long at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>whether the pool is idle</returns>
        /// <exception cref="OperationCanceledException">the token was cancelled</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Deadlock"/>: a task of this pool calls</exception>
        public bool WaitIdle(TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            long pool;
            if (!Engine.Handle.TryEnter(out pool)) return true;
            try
            {
                long status = Waiting.On(Waiting.Nanoseconds(timeout), token, (ns, cancel) => WaitIdle(pool, ns, cancel));
                return status != Code.Timeout && LibSchedException.Check(status) == 0;
            }
            finally
            {
                Engine.Handle.Leave();
            }
        }

        private long WaitIdle(long pool, long timeout, long cancel)
        {
            var watch = Stopwatch.StartNew();
            for (; ; )
            {
                bool all = Engine.Intake.HasGivenAll();
                long status = Raw.pool_wait_idle(pool, Waiting.Left(timeout, watch), cancel);
                if (all || status != 0) return status;
            }
        }

        // --- the end ---

        /// <summary>Takes no more tasks; those that were taken are run. Does not block. Since 0.1.</summary>
        public void Shutdown()
        {
            Engine.End.Begin(false);
        }

        /// <summary>
        /// Takes no more tasks, and drops the actions that have not started; those that run see it by
        /// <see cref="RunningTask.IsCancelled"/>. Tasks of its schedulers go to .NET's own thread pool. Does not block. Since 0.1.
        /// </summary>
        public void ShutdownNow()
        {
            Engine.End.Begin(true);
        }

        /// <summary>Whether it takes no more tasks. Does not block. Since 0.1.</summary>
        public bool IsShutdown
        {
            get { return Engine.End.HasBegun || ProcessEnd.IsByCaller; }
        }

        /// <summary>Waits until all tasks have ended, after a shutdown. Since 0.1.</summary>
        /// <param name="timeout">how long at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>whether they have</returns>
        /// <exception cref="ArgumentOutOfRangeException">timeout is negative, and not infinite</exception>
        /// <exception cref="InvalidOperationException">the pool was not shut down</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Deadlock"/>: a task of this pool calls</exception>
        public bool WaitForShutdown(TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            if (!IsShutdown) throw new InvalidOperationException(this + " was not shut down");
            return Engine.End.Wait(Waiting.Nanoseconds(timeout), token);
        }

        /// <summary>
        /// Shuts the pool down, and waits until its tasks have ended; but does not wait if one of them calls. A second time does
        /// nothing more than wait. Since 0.1.
        /// </summary>
        public void Dispose()
        {
            Shutdown();
            if (!Engine.OnWorker()) Engine.End.Wait(Raw.FOREVER, CancellationToken.None);
        }

        /// <summary>What the pool has done so far, or at its end. Does not block. Since 0.1.</summary>
        /// <returns>a picture</returns>
        public PoolStats GetStats()
        {
            return Engine.End.Stats();
        }

        /// <summary>The name of the pool. Since 0.1.</summary>
        /// <returns>such as Pool[sched]</returns>
        public override string ToString()
        {
            return Engine.ToString();
        }

        private void RequireOpen()
        {
            if (IsShutdown) Engine.Require(Code.Closed);
        }
    }
}
