using System;
using System.Collections.Generic;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// Tasks of Normal priority on their way to the engine, in order. A task need not be there before those ahead of it have
    /// started: so it waits here as long as the engine has some that have not, and who starts the last of those but a few hands over
    /// more. A thread that submits many tasks makes few calls so, and the engine's queues stay short.
    ///
    /// No task is left here: who puts one in looks at `unstarted` in the same section, and hands over if there is none. Who starts
    /// tasks takes them off `unstarted` in a section, and looks for more in the same.
    /// </summary>
    internal sealed class Intake
    {
        private const int FewOfWorker = 1024;
        private const int CountedBit = 34;
        private const long Counted = 1L << CountedBit; // of a slot: it counts as not started

        private readonly Engine engine;
        private readonly int few;
        private readonly long[] slots = new long[IntakePart.Size]; // of who hands over

        private SpinLock section = new SpinLock(false); // of what follows
        private IntakePart first = new IntakePart();
        private IntakePart last;
        private IntakePart free;
        private long waiting;
        private long unstarted; // of the engine, or just being handed over
        private bool handing; // somebody does; one at a time, so that the order stays
        private bool closed;

        internal Intake(Engine engine)
        {
            this.engine = engine;
            few = FewOfWorker * engine.Workers;
            last = first;
        }

        /// <summary>How many wait.</summary>
        internal long Waiting
        {
            get { return Volatile.Read(ref waiting); }
        }

        /// <summary>Puts a task in; false: it is closed.</summary>
        internal bool Put(object task, TaskOwner owner)
        {
            bool entered = false;
            bool none;
            try
            {
                section.Enter(ref entered);
                if (closed) return false;
                if (last.IsFull) Append();
                last.Add(task, owner);
                waiting++;
                none = unstarted <= 0;
            }
            finally
            {
                if (entered) section.Exit(false);
            }
            if (none) HandOver();
            return true;
        }

        /// <summary>Puts tasks in; false: it is closed, perhaps in the midst of this.</summary>
        internal bool Put(object[] tasks, TaskOwner owner)
        {
            for (int from = 0; from < tasks.Length; )
            {
                bool entered = false;
                bool none;
                try
                {
                    section.Enter(ref entered);
                    if (closed) return false;
                    if (last.IsFull) Append();
                    int added = last.Add(tasks, from, owner);
                    from += added;
                    waiting += added;
                    none = unstarted <= 0;
                }
                finally
                {
                    if (entered) section.Exit(false);
                }
                if (none) HandOver();
            }
            return true;
        }

        private void Append()
        {
            IntakePart part = free ?? new IntakePart();
            free = part.Next;
            part.Next = null;
            last.Next = part;
            last = part;
        }

        /// <summary>Takes no more.</summary>
        internal void Close()
        {
            bool entered = false;
            section.Enter(ref entered);
            closed = true;
            section.Exit(false);
            HandOver();
            Settle();
        }

        /// <summary>Whether the engine has all that was put in before.</summary>
        internal bool HasGivenAll()
        {
            Settle();
            bool entered = false;
            section.Enter(ref entered);
            bool all = waiting == 0 && !handing;
            section.Exit(false);
            return all;
        }

        /// <summary>Returns when the engine has what was being handed over.</summary>
        internal void Settle()
        {
            var wait = new SpinWait();
            while (Volatile.Read(ref handing)) wait.SpinOnce();
        }

        /// <summary>Tasks of the engine are about to start, or will not.</summary>
        internal unsafe void Started(long* slots, int length)
        {
            int started = CountedOf(slots, length);
            if (started != 0 && Add(-started)) HandOver();
        }

        /// <summary>Tasks that were about to start did not, and are the engine's again.</summary>
        internal unsafe void NotStarted(long* slots, int length)
        {
            Add(CountedOf(slots, length));
        }

        private static unsafe int CountedOf(long* slots, int length)
        {
            int sum = 0;
            for (int i = 0; i < length; i++) sum += (int)(slots[i] >> CountedBit) & 1;
            return sum;
        }

        // Whether the engine needs more, and there is more.
        private bool Add(int tasks)
        {
            bool entered = false;
            section.Enter(ref entered);
            unstarted += tasks;
            bool more = IsWanted();
            section.Exit(false);
            return more;
        }

        private bool IsWanted()
        {
            return waiting != 0 && (closed || unstarted < few);
        }

        // Hands over, unless somebody does, who then sees to all that is there.
        private void HandOver()
        {
            IntakePart part = Take(null);
            while (part != null)
            {
                try
                {
                    HandOver(part);
                }
                finally
                {
                    part = Take(part);
                }
            }
        }

        // The next part to be handed over, counted as such; or null. `done` was handed over, and is free.
        private IntakePart Take(IntakePart done)
        {
            if (done != null) done.Clear();
            bool entered = false;
            section.Enter(ref entered);
            if (done != null)
            {
                done.Next = free;
                free = done;
            }
            IntakePart part = null;
            if (done != null || !handing)
            {
                handing = IsWanted();
                if (handing)
                {
                    if (first == last) Append();
                    part = first;
                    first = part.Next;
                    waiting -= part.Count;
                    unstarted += part.Count;
                }
            }
            section.Exit(false);
            return part;
        }

        private void HandOver(IntakePart part)
        {
            int length = part.Count;
            Slots.Put(part.Entries, slots, length, (long)Priority.Normal << 32 | Counted);
            while (length > 0)
            {
                long accepted = engine.HandOver(slots, length);
                if (accepted > 0)
                {
                    length -= (int)accepted;
                    Array.Copy(slots, (int)accepted, slots, 0, length);
                }
                else if (accepted == Code.Closed || accepted == Code.Forked)
                {
                    break; // the process ends: else this is closed before the engine is
                }
                else
                {
                    Thread.Sleep(1); // no memory, or no thread: what was accepted is not lost for that
                }
            }
            for (int i = 0; i < length; i++) Upcalls.Drop(slots[i]);
        }

        /// <summary>What seems to wait for an owner, for debuggers.</summary>
        internal IEnumerable<object> Of(TaskOwner owner)
        {
            for (IntakePart part = first; part != null; part = part.Next)
            {
                foreach (object item in part.Of(owner)) yield return item;
            }
        }
    }
}
