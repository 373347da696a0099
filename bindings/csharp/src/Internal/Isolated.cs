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
        private static readonly Func<ExecutionContext> FastCapture;
        private static readonly ExecutionContext Empty;
        private static readonly ExecutionContext Unchanged; // what is captured of an empty one

        // Run by the first worker that starts, whose context is empty.
        static Isolated()
        {
            FastCapture = ExecutionContext.Capture;
            // Mono's Capture makes a new one each time; the one that Tasks use there gives the same for all empty ones.
            const BindingFlags Hidden = BindingFlags.NonPublic | BindingFlags.Static;
            MethodInfo fast = ProcessEnd.OnMono
                ? typeof(ExecutionContext).GetMethod("FastCapture", Hidden, null, Type.EmptyTypes, null)
                : null;
            if (fast != null) FastCapture = (Func<ExecutionContext>)Delegate.CreateDelegate(typeof(Func<ExecutionContext>), fast);
            Empty = ExecutionContext.Capture();
            Unchanged = FastCapture();
        }

        /// <summary>A worker starts.</summary>
        internal static void Prepare() { }

        /// <summary>Runs an action on a worker; an unload of the domain may abort it.</summary>
        internal static void Run(Action action)
        {
            Run(new Call { Action = action }, Worker.Current);
        }

        /// <summary>Runs code on a worker, the calling one; an unload of the domain may abort it.</summary>
        internal static void Run<T>(T code, Worker worker)
            where T : struct, IUserCode
        {
            if (!IsEmpty(worker))
            {
                RunApart(code.Run);
                return;
            }
            try
            {
                Abortable.Run(code, worker);
            }
            finally
            {
                if (SynchronizationContext.Current != null) SynchronizationContext.SetSynchronizationContext(null);
            }
        }

        private static void RunApart(Action action)
        {
            ExecutionContext.Run(Empty.CreateCopy(), Invoke, action);
        }

        private struct Call : IUserCode
        {
            internal Action Action;

            public void Run()
            {
                Action();
            }
        }

        private static bool IsEmpty(Worker worker)
        {
            if (worker == null || worker.Nested) return false;
            return (ProcessEnd.OnMono ? FastCapture() : ExecutionContext.Capture()) == Unchanged;
        }

        private static void InvokeAction(object action)
        {
            if (SynchronizationContext.Current != null) SynchronizationContext.SetSynchronizationContext(null);
            if (TaskScheduler.Current == TaskScheduler.Default)
            {
                Abortable.Run(new Call { Action = (Action)action });
                return;
            }
            // On the stack of a Task, which is another's.
            var task = new Task(() => Abortable.Run(new Call { Action = (Action)action }), TaskCreationOptions.DenyChildAttach);
            task.RunSynchronously(TaskScheduler.Default);
            task.GetAwaiter().GetResult();
        }
    }
}
