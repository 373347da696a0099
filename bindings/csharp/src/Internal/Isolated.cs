using System;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;

namespace LibSched
{
    /// <summary>
    /// Runs actions as UnsafeQueueUserWorkItem does: each begins with an empty ExecutionContext, without a current Task and without a
    /// SynchronizationContext, and what it changes there is seen by no other. Where a worker's own context is empty an action runs
    /// in that; what one leaves there is seen by none, as the next one is run in a context of its own.
    /// </summary>
    internal static class Isolated
    {
        private static readonly ContextCallback Invoke = InvokeAction;
        private static readonly Func<ExecutionContext> Capture;
        private static readonly ExecutionContext Empty;
        private static readonly ExecutionContext Unchanged; // what Capture gives for an empty one

        // Run by the first worker that starts, whose context is empty.
        static Isolated()
        {
            Capture = ExecutionContext.Capture;
            // Mono's Capture makes a new one each time; the one that Tasks use there gives the same for all empty ones.
            const BindingFlags Hidden = BindingFlags.NonPublic | BindingFlags.Static;
            MethodInfo fast = ProcessEnd.OnMono
                ? typeof(ExecutionContext).GetMethod("FastCapture", Hidden, null, Type.EmptyTypes, null)
                : null;
            if (fast != null) Capture = (Func<ExecutionContext>)Delegate.CreateDelegate(typeof(Func<ExecutionContext>), fast);
            Empty = ExecutionContext.Capture();
            Unchanged = Capture();
        }

        /// <summary>A worker starts.</summary>
        internal static void Prepare() { }

        /// <summary>Runs an action on a worker.</summary>
        internal static void Run(Action action)
        {
            if (!IsEmpty())
            {
                ExecutionContext.Run(Empty.CreateCopy(), Invoke, action);
                return;
            }
            try
            {
                action();
            }
            finally
            {
                if (SynchronizationContext.Current != null) SynchronizationContext.SetSynchronizationContext(null);
            }
        }

        private static bool IsEmpty()
        {
            Worker worker = Worker.Current;
            return worker != null && !worker.Nested && Capture() == Unchanged;
        }

        private static void InvokeAction(object action)
        {
            if (SynchronizationContext.Current != null) SynchronizationContext.SetSynchronizationContext(null);
            if (TaskScheduler.Current == TaskScheduler.Default)
            {
                ((Action)action)();
                return;
            }
            // On the stack of a Task, which is another's.
            var task = new Task((Action)action, TaskCreationOptions.DenyChildAttach);
            task.RunSynchronously(TaskScheduler.Default);
            task.GetAwaiter().GetResult();
        }
    }
}
