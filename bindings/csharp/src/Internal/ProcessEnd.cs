using System;
using System.Collections.Generic;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// Ends the pools that live when the process exits, or the domain is unloaded. Mono waits for all threads that it knows of: where
    /// tasks go on, the process ends by exit(). An abort would do for most, but it may come when the task has just ended, and then ends
    /// the worker in the midst of the engine. So only what goes on in a domain is aborted, and its native waits are ended.
    /// </summary>
    internal static class ProcessEnd
    {
        private const long GraceNanoseconds = 500000000;
        private static readonly HashSet<long> Pools = new HashSet<long>(); // its own lock
        private static readonly HashSet<NativeHandle> Waits = new HashSet<NativeHandle>(); // its own lock
        private static volatile bool aborting;

        internal static readonly bool OnMono = Type.GetType("Mono.Runtime") != null;

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
            if (!(thrown is ThreadAbortException)) return false;
            if ((Thread.CurrentThread.ThreadState & ThreadState.AbortRequested) != 0) Thread.ResetAbort();
            return aborting;
        }

        private static void EndAll(bool domain)
        {
            var all = new List<long>();
            lock (Pools)
            {
                foreach (long pool in Pools) all.Add(Raw.pool_ref(pool));
            }
            // All are told before one is waited for.
            Shutdown(all, 0);
            if (OnMono && !Shutdown(all, GraceNanoseconds))
            {
                if (!domain) Raw.leave(Environment.ExitCode);
                Abort();
                Shutdown(all, GraceNanoseconds);
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

        private static void Abort()
        {
            aborting = true;
            NativeHandle[] waits;
            lock (Waits)
            {
                waits = new NativeHandle[Waits.Count];
                Waits.CopyTo(waits);
            }
            foreach (NativeHandle wait in waits) Waiting.Trigger(wait);
            foreach (var worker in Worker.All)
            {
                if (worker.Key.Engine != null && worker.Key != Worker.Current) worker.Key.Thread.Abort();
            }
        }
    }
}
