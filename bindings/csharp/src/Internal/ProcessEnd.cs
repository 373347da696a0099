using System;
using System.Collections.Generic;

namespace LibSched
{
    /// <summary>
    /// Ends the pools that live when the process exits, or the domain is unloaded: Mono waits for all threads that it knows of.
    /// </summary>
    internal static class ProcessEnd
    {
        private const long GraceNanoseconds = 1000000000;
        private static readonly HashSet<long> Pools = new HashSet<long>();

        internal static void Prepare()
        {
            AppDomain.CurrentDomain.ProcessExit += (sender, arguments) => EndAll();
            AppDomain.CurrentDomain.DomainUnload += (sender, arguments) => EndAll();
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

        private static void EndAll()
        {
            var all = new List<long>();
            lock (Pools)
            {
                foreach (long pool in Pools) all.Add(Raw.pool_ref(pool));
            }
            // All are told before one is waited for.
            foreach (long wait in new[] { 0, GraceNanoseconds })
            {
                foreach (long pool in all)
                {
                    try
                    {
                        Raw.pool_shutdown(pool, Raw.CANCEL, wait, 0);
                    }
                    catch (LibSchedException)
                    {
                        // A task of it ends the process.
                    }
                }
            }
            foreach (long pool in all) Raw.pool_unref(pool);
        }
    }
}
