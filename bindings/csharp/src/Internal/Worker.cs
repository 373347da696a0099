using System;
using System.Collections.Concurrent;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// A thread that runs tasks. It is handed a slice of them at a time. What it has not begun of them can be taken away, so that
    /// no task waits behind one that waits for it.
    /// </summary>
    internal sealed class Worker
    {
        /// <summary>All threads that may have a slice.</summary>
        internal static readonly ConcurrentDictionary<Worker, bool> All = new ConcurrentDictionary<Worker, bool>();

        [ThreadStatic] internal static Worker Current;
        private static readonly long[] Nothing = new long[0];

        /// <summary>The slots of a slice of several.</summary>
        internal readonly long[] SliceSlots = new long[Raw.MAX_BATCH_ITEMS];

        /// <summary>When it may be aborted; null on .NET.</summary>
        internal readonly AbortGate Gate = ProcessEnd.OnMono ? new AbortGate() : null;

        /// <summary>Whose task it runs; null: it runs none.</summary>
        internal Engine Engine;

        /// <summary>Whether its pool has no other: then nobody could run what it has not begun, and its tasks keep their order.</summary>
        internal volatile bool Alone;

        /// <summary>The native task that it runs; 0 without one, as in a job of a graph.</summary>
        internal long Task;

        /// <summary>Whether what it runs is on the stack of another task.</summary>
        internal bool Nested;

        /// <summary>Of which it is one; null: it is a pool's.</summary>
        internal Crew Crew;

        /// <summary>Whether it counts for its crew.</summary>
        internal bool Counts;

        // How many slices there were, how many tasks this one has, how many of these are begun: 32, 16 and 16 bits.
        private long slice;
        private int count;
        private long seen; // by the watch

        /// <summary>For the calling thread.</summary>
        internal static Worker Attach()
        {
            var worker = new Worker();
            All[worker] = true;
            return Current = worker;
        }

        /// <summary>The calling thread begins to run a task.</summary>
        internal static WorkerTask Enter(Engine engine, long task)
        {
            return new WorkerTask(Current ?? Attach(), engine, task);
        }

        /// <summary>The calling thread is about to end.</summary>
        internal static void Detach()
        {
            Worker worker = Current;
            if (worker == null) return;
            Current = null;
            bool ignored;
            All.TryRemove(worker, out ignored);
        }

        /// <summary>Starts a thread that is no worker, without the context of who calls.</summary>
        internal static Thread StartHelper(ThreadStart body)
        {
            var thread = new Thread(body) { IsBackground = true, Name = "libsched-helper" };
            using (ExecutionContext.IsFlowSuppressed() ? null : (IDisposable)ExecutionContext.SuppressFlow()) thread.Start();
            return thread;
        }

        /// <summary>The calling thread is about to wait: others see to the tasks that it has not begun.</summary>
        internal static void AboutToWait()
        {
            Worker worker = Current;
            if (worker == null) return;
            worker.GiveAway();
            if (worker.Crew != null) worker.Crew.AboutToWait();
        }

        // --- by the worker ---

        /// <summary>Begins a slice of several tasks, the first one of which is begun.</summary>
        internal unsafe long Begin(long* slots, int tasks)
        {
            for (int i = 0; i < tasks; i++) SliceSlots[i] = slots[i];
            long begun = (long)++count << 32 | (long)tasks << 16 | 1;
            Interlocked.Exchange(ref slice, begun);
            Watch.Awake();
            return begun;
        }

        /// <summary>Begins the next task; false: the tasks that are left were taken away.</summary>
        internal bool Next(long begun)
        {
            return Interlocked.CompareExchange(ref slice, begun + 1, begun) == begun;
        }

        /// <summary>Begins no more; false: the tasks that are left were taken away.</summary>
        internal bool Finish(long begun)
        {
            return Interlocked.CompareExchange(ref slice, Without(begun), begun) == begun;
        }

        /// <summary>Returns when whoever has taken tasks away has seen to them.</summary>
        internal void Settled()
        {
            lock (this) { }
        }

        // --- by any thread ---

        internal bool HasMore()
        {
            long now = Volatile.Read(ref slice);
            return Begun(now) < Tasks(now);
        }

        /// <summary>Lets others see to what is not begun.</summary>
        internal void GiveAway()
        {
            if (!HasMore()) return;
            lock (this)
            {
                long[] slots = Take();
                if (slots.Length != 0) Slots.Peek(slots[0]).Owner.SubmitAgain(slots);
            }
        }

        private long[] Take()
        {
            for (; ; )
            {
                long now = Volatile.Read(ref slice);
                if (Begun(now) >= Tasks(now)) return Nothing;
                // They stay as they are until the slice has ended.
                var rest = new long[Tasks(now) - Begun(now)];
                Array.Copy(SliceSlots, Begun(now), rest, 0, rest.Length);
                if (Interlocked.CompareExchange(ref slice, Without(now), now) == now) return rest;
            }
        }

        /// <summary>Whether it has begun no task since the last time that this was asked, and has some; the watch calls.</summary>
        internal bool IsStuck()
        {
            long now = Volatile.Read(ref slice);
            bool stuck = !Alone && now == seen && Begun(now) < Tasks(now);
            seen = now;
            return stuck;
        }

        private static int Begun(long slice)
        {
            return (int)slice & 0xffff;
        }

        private static int Tasks(long slice)
        {
            return (int)((uint)slice >> 16);
        }

        private static long Without(long slice)
        {
            return (slice & ~0xffffffffL) | (uint)(Begun(slice) << 16 | Begun(slice));
        }
    }
}
