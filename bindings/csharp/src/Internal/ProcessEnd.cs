using System;
using System.Collections.Generic;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// Ends the pools that live when the process exits, or the domain is unloaded. Mono waits for all threads that it knows of: where
    /// tasks go on, the process ends by exit(). In a domain that is unloaded they are aborted, again and again until nothing of it is in
    /// the engine: what Mono aborted there itself would never end, or end a worker in the midst of the engine.
    /// </summary>
    internal static class ProcessEnd
    {
        private const long GraceNanoseconds = 500000000;
        private const long RoundNanoseconds = 100000000;
        private const int RoundsInside = 5;
        private static readonly HashSet<long> Pools = new HashSet<long>(); // its own lock
        private static readonly HashSet<NativeHandle> Waits = new HashSet<NativeHandle>(); // its own lock
        private static readonly LateHandles Late = new LateHandles();
        private static volatile Thread ending; // the process: it runs the handlers of its end
        private static volatile bool unloading;
        private static volatile bool aborting;

        internal static readonly bool OnMono = Type.GetType("Mono.Runtime") != null;

        /// <summary>Whether the domain is being unloaded, and its tasks are aborted.</summary>
        internal static bool Aborting
        {
            get { return aborting; }
        }

        /// <summary>Whether the calling thread ends the process, and the pools take no more.</summary>
        internal static bool IsByCaller
        {
            get { return ending != null && ending == Thread.CurrentThread; }
        }

        /// <summary>
        /// A pool takes no more of the calling thread. If that is as the process ends, a background thread goes no further: Mono would
        /// let it tell of an unhandled exception.
        /// </summary>
        internal static void Refused()
        {
            if (!OnMono || ending == null || IsByCaller || Worker.Current != null) return;
            if (Thread.CurrentThread.IsBackground) Thread.Sleep(Timeout.Infinite);
        }

        internal static void Prepare()
        {
            AppDomain.CurrentDomain.ProcessExit += (sender, arguments) => EndAll(false);
            AppDomain.CurrentDomain.DomainUnload += (sender, arguments) => EndAll(true);
        }

        /// <summary>The pool must be removed before its last reference is dropped.</summary>
        internal static void Add(long pool)
        {
            lock (Pools) Pools.Add(pool);
        }

        internal static void Remove(long pool)
        {
            lock (Pools) Pools.Remove(pool);
        }

        /// <summary>
        /// A handle is made. Mono finalizes nothing that is made while its domain is being unloaded: that is dropped at the end.
        /// </summary>
        internal static void Made(NativeHandle handle)
        {
            if (unloading) Late.Add(handle);
        }

        /// <summary>A wait that is to end with the process.</summary>
        internal static void Add(NativeHandle cancel)
        {
            lock (Waits) Waits.Add(cancel);
            if (aborting) Waiting.Trigger(cancel);
        }

        internal static void Remove(NativeHandle cancel)
        {
            lock (Waits) Waits.Remove(cancel);
        }

        /// <summary>
        /// What a task threw: whether it is its end by EndAll. An abort ends here in any case, as what called the task is native.
        /// </summary>
        internal static bool Aborted(Exception thrown)
        {
            if (!(thrown is ThreadAbortException)) return aborting && thrown is AppDomainUnloadedException;
            if ((Thread.CurrentThread.ThreadState & ThreadState.AbortRequested) != 0) Thread.ResetAbort();
            return aborting;
        }

        /// <summary>A wait has ended: if the domain is being unloaded the calling task or thread goes no further.</summary>
        internal static void EndTask()
        {
            if (!aborting) return;
            if (Worker.Current != null && Worker.Current.Gate.IsOpen) throw new AppDomainUnloadedException();
            if (Worker.Current == null) Thread.CurrentThread.Abort(); // as Mono will
        }

        private static void EndAll(bool domain)
        {
            unloading = domain;
            if (!domain) ending = Thread.CurrentThread;
            var all = new List<long>();
            lock (Pools)
            {
                foreach (long pool in Pools) all.Add(Raw.pool_ref(pool));
            }
            // All are told before one is waited for.
            Shutdown(all, 0);
            if (OnMono && (!Shutdown(all, GraceNanoseconds) || IsWaiting()))
            {
                if (!domain) Raw.leave(Environment.ExitCode);
                Abort(all);
            }
            foreach (long pool in all) Raw.pool_unref(pool);
        }

        // Whether all have ended.
        private static bool Shutdown(List<long> pools, long wait)
        {
            bool ended = true;
            foreach (long pool in pools)
            {
                try
                {
                    ended &= Raw.pool_shutdown(pool, Raw.CANCEL, wait, 0) == 0;
                }
                catch (LibSchedException)
                {
                    ended = false; // a task of it calls
                }
            }
            return ended;
        }

        private static void Abort(List<long> pools)
        {
            aborting = true;
            NativeHandle[] waits;
            lock (Waits)
            {
                waits = new NativeHandle[Waits.Count];
                Waits.CopyTo(waits);
            }
            foreach (NativeHandle wait in waits) Waiting.Trigger(wait);
            // A task that unloads its own domain is not waited for: Mono aborts it.
            bool inside = Worker.Current != null && Worker.Current.Gate.IsOpen;
            for (int round = 0; !inside || round < RoundsInside; round++)
            {
                foreach (var worker in Worker.All)
                {
                    if (worker.Key != Worker.Current) worker.Key.Gate.Abort();
                }
                bool ended = Shutdown(pools, RoundNanoseconds);
                if (ended && !IsWaiting()) return;
                if (ended) Thread.Sleep(1);
            }
        }

        // Whether a thread of the domain is still in the engine, perhaps with a task that it runs there.
        private static bool IsWaiting()
        {
            lock (Waits) return Waits.Count != 0;
        }

        // Finalized with its domain, when no thread is in that any more.
        private sealed class LateHandles
        {
            private readonly List<NativeHandle> handles = new List<NativeHandle>();

            ~LateHandles()
            {
                foreach (NativeHandle handle in handles) handle.Dispose();
            }

            internal void Add(NativeHandle handle)
            {
                lock (handles) handles.Add(handle);
            }
        }
    }
}
