using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// Tasks that belong together, and whose end one waits for. A group that one has begun to wait for still takes tasks from its own
    /// tasks, until the last of them has ended; after that it takes none. A task of the pool that waits for a group works on it
    /// meanwhile, so tasks may wait as deeply nested as they like. A group inside it counts as one of its tasks until
    /// somebody has waited for that group or disposed it, even if nothing runs there. All members may be used by any thread. Since 0.1.
    /// </summary>
    public sealed class Group : IDisposable
    {
        private readonly Engine engine;
        private readonly Group parent;
        private readonly NativeHandle handle;
        private readonly Owner owner;
        private readonly List<Exception> thrown = new List<Exception>(); // its own lock

        internal Group(Engine engine, Group parent, bool cancelOnFailure)
        {
            this.engine = engine;
            this.parent = parent;
            owner = new Owner(this);
            long pool;
            using (engine.Handle.Enter(out pool)) handle = new NativeHandle(Create(pool, cancelOnFailure), Raw.group_unref, "Group");
        }

        private long Create(long pool, bool cancelOnFailure)
        {
            long options = Raw.new_group_options();
            long outer;
            try
            {
                Raw.group_options_init(options);
                Raw.group_options_flags_set(options, cancelOnFailure ? Raw.GROUP_CANCEL_ON_FAILURE : 0);
                using (NativeHandle.Enter(parent?.handle, out outer))
                {
                    Raw.group_options_parent_set(options, outer);
                    return LibSchedException.Check(Raw.group_create(pool, options));
                }
            }
            finally
            {
                Raw.delete_group_options(options);
            }
        }

        /// <summary>
        /// Makes a group that is a member of this one. It is to be waited for or disposed, else this one never ends. Does not block.
        /// Since 0.1.
        /// </summary>
        /// <param name="cancelOnFailure">whether its first failure cancels it</param>
        /// <returns>a group of the same pool</returns>
        /// <exception cref="LibSchedException">this group has completed or was cancelled</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public Group CreateGroup(bool cancelOnFailure = false)
        {
            return new Group(engine, this, cancelOnFailure);
        }

        /// <summary>
        /// Runs a task on a worker. Waits for room in a pool with a capacity, unless its own worker calls. Since 0.1.
        /// </summary>
        /// <param name="task">what to run; what it throws is the group's failure</param>
        /// <param name="priority">how urgent it is</param>
        /// <param name="token">ends the wait for room; it will not be run then</param>
        /// <exception cref="ArgumentNullException">task is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">there is no such priority</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled</exception>
        /// <exception cref="LibSchedException">the group has completed or was cancelled, or the pool was shut down</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Submit(Action task, Priority priority = Priority.Normal, CancellationToken token = default(CancellationToken))
        {
            if (task == null) throw new ArgumentNullException(nameof(task));
            long group;
            using (handle.Enter(out group)) engine.Require(engine.Submit(task, Checked.Priority(priority), owner, group, token));
        }

        /// <summary>
        /// Runs many tasks; each is one of its own. As <see cref="Submit"/>, and far cheaper; waits for room as that. Since 0.1.
        /// </summary>
        /// <param name="tasks">what to run, in order</param>
        /// <param name="priority">how urgent they are</param>
        /// <param name="token">ends the wait for room; the first ones of the tasks are run all the same</param>
        /// <exception cref="ArgumentNullException">tasks, or one of them, is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">there is no such priority</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled</exception>
        /// <exception cref="LibSchedException">as Submit; the first ones of the tasks may be run all the same</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void SubmitAll(IEnumerable<Action> tasks, Priority priority = Priority.Normal,
            CancellationToken token = default(CancellationToken))
        {
            if (tasks == null) throw new ArgumentNullException(nameof(tasks));
            long group;
            using (handle.Enter(out group))
            {
                engine.SubmitAll(tasks as Action[] ?? tasks.ToArray(), Checked.Priority(priority), owner, group, token);
            }
        }

        /// <summary>Waits until all tasks have ended; a worker of the pool runs tasks meanwhile. Since 0.1.</summary>
        /// <exception cref="AggregateException">tasks have thrown</exception>
        /// <exception cref="OperationCanceledException">the group was cancelled, or its pool has dropped tasks</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Deadlock"/>: a task of the group calls</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Wait()
        {
            Wait(Timeout.InfiniteTimeSpan);
        }

        /// <summary>Waits until all tasks have ended. Since 0.1.</summary>
        /// <param name="timeout">how long at most</param>
        /// <param name="token">ends the wait; the tasks go on</param>
        /// <returns>whether they have</returns>
        /// <exception cref="ArgumentOutOfRangeException">timeout is negative, and not infinite</exception>
        /// <exception cref="AggregateException">tasks have thrown</exception>
        /// <exception cref="OperationCanceledException">
        /// the token was cancelled; or the group, or its pool has dropped tasks
        /// </exception>
        /// <exception cref="LibSchedException"><see cref="Status.Deadlock"/>: a task of the group calls</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool Wait(TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            var code = new long[1];
            long status;
            long group;
            using (handle.Enter(out group))
            {
                status = Waiting.On(Waiting.Nanoseconds(timeout), token,
                    (ns, cancel) => Raw.group_wait(code, group, 0, ns, cancel));
            }
            if (status == Code.Timeout) return false;
            if (status != Code.Failed) return LibSchedException.Check(status) == 0;
            lock (thrown)
            {
                if (thrown.Count != 0) throw new AggregateException(thrown);
            }
            if (code[0] == Code.Cancelled) throw new OperationCanceledException("the group was cancelled");
            throw LibSchedException.Of(code[0]);
        }

        /// <summary>
        /// Drops the tasks that have not started, also those of groups inside this one. It takes no more. Those that run see it by
        /// <see cref="RunningTask.IsCancelled"/>. Does not block. Since 0.1.
        /// </summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Cancel()
        {
            long group;
            using (handle.Enter(out group)) Raw.group_cancel(group);
        }

        /// <summary>
        /// Waits until all tasks have ended, however they did; a task of the group does not wait. A second time does nothing.
        /// Since 0.1.
        /// </summary>
        public void Dispose()
        {
            if (handle.IsClosed) return;
            try
            {
                Wait();
            }
            catch (Exception exception) when (exception is AggregateException || exception is OperationCanceledException
                || exception is ObjectDisposedException || exception is LibSchedException)
            {
                // It was told, or could have been asked.
            }
            handle.Dispose();
        }

        private int Failed(Exception exception)
        {
            if (ProcessEnd.Aborted(exception)) return (int)Status.Exception;
            for (Group group = this; group != null; group = group.parent)
            {
                lock (group.thrown) group.thrown.Add(exception);
            }
            return (int)Status.Exception;
        }

        private sealed class Owner : TaskOwner
        {
            private readonly Group group;

            internal Owner(Group group)
                : base(group.engine)
            {
                this.group = group;
            }

            internal override int Run(object task)
            {
                try
                {
                    Isolated.Run((Action)task);
                    return 0;
                }
                catch (Exception exception)
                {
                    return group.Failed(exception);
                }
            }

            internal override void Discarded(object task) { }

            internal override bool FailsTogether
            {
                get { return true; }
            }
        }
    }
}
