using System.Threading;

namespace LibSched
{
    /// <summary>
    /// Sees to tasks that were handed to a worker together with one that takes long, or waits for one of them without the pool
    /// knowing of it: they go back to the pool. It sleeps while no worker has more than one task.
    /// </summary>
    internal static class Watch
    {
        private const int TickMilliseconds = 2;
        private const int IdleTicks = 50;
        private static readonly object Lock = new object();
        private static volatile bool awake;
        private static Thread thread;

        /// <summary>A worker has several tasks.</summary>
        internal static void Awake()
        {
            if (!awake) Wake();
        }

        private static void Wake()
        {
            lock (Lock)
            {
                awake = true;
                if (thread == null) thread = Worker.StartHelper(Run);
                Monitor.Pulse(Lock);
            }
        }

        private static void Run()
        {
            int idle = 0;
            for (; ; )
            {
                Thread.Sleep(TickMilliseconds);
                idle = Look() ? 0 : idle + 1;
                if (idle < IdleTicks) continue;
                awake = false;
                Interlocked.MemoryBarrier();
                // A worker that has begun a slice since either is seen here, or has seen that nobody is awake.
                if (!Look())
                {
                    lock (Lock)
                    {
                        while (!awake) Monitor.Wait(Lock);
                    }
                }
                awake = true;
                idle = 0;
            }
        }

        /// <summary>Whether a worker has several tasks.</summary>
        private static bool Look()
        {
            bool any = false;
            foreach (var worker in Worker.All)
            {
                any |= worker.Key.HasMore();
                if (worker.Key.IsStuck()) worker.Key.GiveAway();
            }
            return any;
        }
    }
}
