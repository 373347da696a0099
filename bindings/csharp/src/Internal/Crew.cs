using System;
using System.Collections.Generic;

namespace LibSched
{
    /// <summary>
    /// Runs tasks that were accepted and that the engine does not take again, since it ends: as many at a time as the engine has
    /// workers. Those that wait in a way that we know of do not count, so that no task waits behind one that waits for it.
    ///
    /// While there are tasks, as many threads count as may.
    /// </summary>
    internal sealed class Crew
    {
        private readonly Engine engine;
        private readonly int most;
        private readonly Queue<Entry> tasks = new Queue<Entry>(); // its own lock, and that of what follows
        private int counting;

        private struct Entry
        {
            internal long Slot;
            internal bool Entered;
        }

        internal Crew(Engine engine)
        {
            this.engine = engine;
            most = engine.Workers;
        }

        /// <summary>Whether one of these threads calls.</summary>
        internal bool IsCalling
        {
            get { return Worker.Current != null && Worker.Current.Crew == this; }
        }

        /// <summary>Adds the tasks in slots, from one on.</summary>
        internal void Add(long[] slots, int from)
        {
            for (int i = from; i < slots.Length; i++)
            {
                var entry = new Entry { Slot = slots[i], Entered = Slots.Peek(slots[i]).Owner.Enter() };
                lock (tasks) tasks.Enqueue(entry);
                Help();
            }
        }

        /// <summary>The task that the calling thread runs is about to wait.</summary>
        internal void AboutToWait()
        {
            Worker worker = Worker.Current;
            lock (tasks)
            {
                if (!worker.Counts) return;
                worker.Counts = false;
                counting--;
            }
            Help();
        }

        private void Help()
        {
            lock (tasks)
            {
                if (tasks.Count == 0 || counting == most) return;
                counting++;
            }
            engine.End.Outside(Work);
        }

        private void Work()
        {
            Worker worker = Worker.Attach();
            worker.Crew = this;
            worker.Counts = true;
            WorkerTask running = Worker.Enter(engine, 0);
            try
            {
                Entry entry;
                while (Take(worker, out entry)) Run(entry);
            }
            finally
            {
                running.Leave();
                Worker.Detach();
            }
        }

        // One that has waited goes on only if there is room for it again.
        private bool Take(Worker worker, out Entry entry)
        {
            entry = default(Entry);
            lock (tasks)
            {
                if (!worker.Counts)
                {
                    if (counting == most) return false;
                    counting++;
                    worker.Counts = true;
                }
                if (tasks.Count == 0)
                {
                    counting--;
                    return false;
                }
                entry = tasks.Dequeue();
                return true;
            }
        }

        private void Run(Entry entry)
        {
            TaskOwner owner = Slots.Peek(entry.Slot).Owner;
            int code = (int)Status.Cancelled;
            if (engine.End.Drops) Upcalls.Drop(entry.Slot);
            else code = owner.Run(Slots.Remove(entry.Slot).Item);
            if (entry.Entered) owner.Leave(code);
        }
    }
}
