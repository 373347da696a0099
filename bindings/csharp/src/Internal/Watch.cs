using System.Threading;

namespace LibSched
{
    /// <summary>
    /// Sees to tasks that were handed to a worker together with one that takes long, or waits for one of them without the pool
    /// knowing of it: they go back to the pool. Where all workers sleep then, a spare one stands in. It sleeps while no worker has more
    /// than one task, or had.
    /// </summary>
    internal static class Watch
    {
        private const int TickMilliseconds = 2;
        private const int IdleTicks = 50;
        // Half a second, as .NET's own pool waits before it adds a thread.
        private const int Patience = 250;
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
                any |= worker.Key.HasMore() || worker.Key.HasGiven;
                worker.Key.Look();
            }
            foreach (var worker in Worker.All)
            {
                Engine engine = worker.Key.Engine;
                if (engine != null && worker.Key.HasGiven && AllSleep(engine)) worker.Key.StandIn();
            }
            return any;
        }

        // Whether all workers of an engine have slept for long in ways that it does not know of, perhaps for a task that none of them
        // comes to. One that stands in is none of those until it sleeps as long.
        private static bool AllSleep(Engine engine)
        {
            int sleeping = 0;
            foreach (var worker in Worker.All)
            {
                if (worker.Key.Engine != engine) continue;
                if (worker.Key.AsleepIn(engine) < Patience) return false;
                sleeping++;
            }
            return sleeping >= engine.Workers;
        }
    }
}
