using System;
using System.Threading;
using System.Threading.Tasks;

namespace LibSched
{
    /// <summary>
    /// Sections in which the running task waits for something that its pool knows nothing of, such as a socket or a lock. Another
    /// thread stands in for the worker meanwhile, so that the pool runs as many tasks as it was made for.
    /// <code>using (Blocking.Begin()) socket.Receive(buffer);</code>
    /// Everything in LibSched that waits is such a section by itself. Task.Wait is not: use <see cref="Wait(Task, CancellationToken)"/>.
    /// Since 0.1.
    /// </summary>
    public struct Blocking : IDisposable
    {
        private bool begun;

        /// <summary>
        /// Begins a section, which the same thread ends by Dispose. May be nested, and means nothing on a thread that runs no task of
        /// a pool. Does not block. Since 0.1.
        /// </summary>
        /// <returns>what ends the section</returns>
        public static Blocking Begin()
        {
            Worker.AboutToWait();
            return new Blocking { begun = Raw.blocking_begin() == 0 };
        }

        /// <summary>Waits for a task in such a section. Since 0.1.</summary>
        /// <param name="task">what to wait for</param>
        /// <param name="token">ends the wait</param>
        /// <exception cref="ArgumentNullException">task is null</exception>
        /// <exception cref="AggregateException">the task has failed or was cancelled</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled</exception>
        public static void Wait(Task task, CancellationToken token = default(CancellationToken))
        {
            if (task == null) throw new ArgumentNullException(nameof(task));
            if (task.IsCompleted)
            {
                task.Wait(token);
                return;
            }
            using (Begin()) task.Wait(token);
        }

        /// <summary>Waits for a task in such a section, and gives its result. Since 0.1.</summary>
        /// <typeparam name="T">of the result</typeparam>
        /// <param name="task">what to wait for</param>
        /// <param name="token">ends the wait</param>
        /// <returns>the task's result</returns>
        /// <exception cref="ArgumentNullException">task is null</exception>
        /// <exception cref="AggregateException">the task has failed or was cancelled</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled</exception>
        public static T Wait<T>(Task<T> task, CancellationToken token = default(CancellationToken))
        {
            Wait((Task)task, token);
            return task.Result;
        }

        /// <summary>Ends the section; a second time does nothing. By the thread that began it. Does not block. Since 0.1.</summary>
        public void Dispose()
        {
            if (begun) Raw.blocking_end();
            begun = false;
        }
    }
}
