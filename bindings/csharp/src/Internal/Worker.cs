using System;
using System.Collections.Concurrent;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// A thread that runs tasks. It is handed a slice of them at a time. What it has not begun of them can be given back to the engine,
    /// by any thread, so that no task waits behind one that waits for it.
    /// </summary>
    internal sealed class Worker
    {
        /// <summary>All threads that may have a slice.</summary>
        internal static readonly ConcurrentDictionary<Worker, bool> All = new ConcurrentDictionary<Worker, bool>();

        [ThreadStatic] internal static Worker Current;

        /// <summary>When it may be aborted; null on .NET.</summary>
        internal readonly AbortGate Gate = ProcessEnd.OnMono ? new AbortGate() : null;

        /// <summary>How many calls of tasks there were; the watch reads it, too.</summary>
        internal int Calls;

        /// <summary>Whose task it runs; null: it runs none.</summary>
        internal Engine Engine;

        /// <summary>Whether its pool has no other: then nobody could run what it has not begun, and its tasks keep their order.</summary>
        internal volatile bool Alone;

        /// <summary>The native task that it runs; 0 without one, as in a job of a graph.</summary>
        internal long Task;

        /// <summary>Whether what it runs is on the stack of another task.</summary>
        internal bool Nested;

        // How many slices there were, how many tasks this one has, how many of these are begun: 32, 16 and 16 bits.
        private long slice;
        private long sliceTask; // the native call of it
        private unsafe long* sliceSlots;
        private int count;
        private bool given; // what it has not begun of its slice; changed under the lock
        private bool replaced; // by a spare worker since then, under the lock
        private readonly Thread thread = Thread.CurrentThread;
        private bool isOfEngine; // another thread is its owner's, and stays as a task leaves it

        // Of the watch: what it saw last, and since how many looks the worker has slept in the same task.
        private long seen;
        private int seenCalls;
        private int asleep;

        /// <summary>For the calling thread.</summary>
        internal static Worker Attach()
        {
            var worker = new Worker();
            All[worker] = true;
            return Current = worker;
        }

        /// <summary>The calling thread is one of the engine, and runs nothing but tasks.</summary>
        internal static void Start()
        {
            Worker worker = Attach();
            worker.isOfEngine = true;
            worker.thread.IsBackground = true;
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
            if (worker != null) worker.GiveAway();
        }

        // --- by the worker ---

        /// <summary>Begins a slice of several tasks, the first one of which is begun.</summary>
        internal unsafe long Begin(long task, long* slots, int tasks)
        {
            if (given) Settled(); // of the task that this one is nested in
            sliceTask = task;
            sliceSlots = slots;
            long begun = (long)++count << 32 | (long)tasks << 16 | 1;
            Interlocked.Exchange(ref slice, begun);
            Watch.Awake();
            return begun;
        }

        /// <summary>A task has ended, and none is below it: the next one finds the thread as this one did.</summary>
        internal void Restore()
        {
            if (!isOfEngine) return;
            if (!thread.IsBackground) thread.IsBackground = true;
            if (thread.Priority != ThreadPriority.Normal) thread.Priority = ThreadPriority.Normal;
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

        /// <summary>Returns when whoever takes tasks away has given them back to the engine.</summary>
        internal void Settled()
        {
            lock (this) given = replaced = false;
        }

        // --- by any thread ---

        internal bool HasMore()
        {
            long now = Volatile.Read(ref slice);
            return Begun(now) < Tasks(now);
        }

        /// <summary>Lets others run what is not begun.</summary>
        internal unsafe void GiveAway()
        {
            if (!HasMore()) return;
            // The slice cannot end before this has: its worker finds them taken away, and waits for this lock.
            lock (this)
            {
                long now = Volatile.Read(ref slice);
                for (; ; )
                {
                    if (Begun(now) >= Tasks(now)) return;
                    long found = Interlocked.CompareExchange(ref slice, Without(now), now);
                    if (found == now) break;
                    now = found;
                }
                long* rest = sliceSlots + Begun(now);
                Slots.Peek(*rest).Owner.Engine.Intake.NotStarted(rest, Tasks(now) - Begun(now));
                Raw.batch_give_back(sliceTask, Begun(now));
                given = true;
            }
        }

        /// <summary>The watch looks: gives away what waits behind a task that was there at its last look.</summary>
        internal void Look()
        {
            long now = Volatile.Read(ref slice);
            bool same = now == seen && Calls == seenCalls;
            seen = now;
            seenCalls = Calls;
            asleep = same && Engine != null && (thread.ThreadState & ThreadState.WaitSleepJoin) != 0 ? asleep + 1 : 0;
            if (same && !Alone) GiveAway();
        }

        /// <summary>For how many looks it has slept in the same task of an engine; 0: it does not.</summary>
        internal int AsleepIn(Engine engine)
        {
            return Engine == engine ? asleep : 0;
        }

        /// <summary>Whether others have what it has not begun, while it is held up.</summary>
        internal bool HasGiven
        {
            get { return Volatile.Read(ref given); }
        }

        /// <summary>Lets a spare worker stand in for it, until its slice ends; false: one does, or there is none.</summary>
        internal bool StandIn()
        {
            lock (this)
            {
                if (!given || replaced || Raw.batch_stand_in(sliceTask) != 0) return false;
                asleep = 0;
                return replaced = true;
            }
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
