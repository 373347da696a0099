using System;
using System.Threading;

namespace LibSched
{
    /// <summary>Whom tasks of an engine are run for.</summary>
    internal abstract class TaskOwner
    {
        internal readonly Engine Engine;

        internal TaskOwner(Engine engine)
        {
            Engine = engine;
        }

        /// <summary>Runs a task; must not throw. Gives 0, or the code of its failure.</summary>
        internal abstract int Run(object task);

        /// <summary>A task will never run; must not throw.</summary>
        internal abstract void Discarded(object task);

        /// <summary>Submits slots without waiting for room; gives how many were taken, or a status.</summary>
        internal virtual long Submit(long[] slots, uint priority)
        {
            return Engine.Submit(slots, slots.Length, priority, 0, 0, 0);
        }

        /// <summary>Counts work that the engine does not do, and that ends with Leave.</summary>
        internal virtual bool Enter()
        {
            return false;
        }

        /// <summary>Such work has ended, with a code.</summary>
        internal virtual void Leave(int code) { }

        /// <summary>Sees to tasks that a worker was given and that were taken away from it, while these count as its own.</summary>
        internal void SubmitAgain(long[] slots)
        {
            Intake.Forget(slots);
            long taken;
            try
            {
                taken = Submit(slots, (uint)(slots[0] >> 32));
            }
            catch (Exception)
            {
                taken = Code.Internal; // as if there were no room
            }
            if (taken != slots.Length) Refused(slots, taken);
        }

        /// <summary>Sees to tasks that were accepted, and of which the engine took the first ones alone, or gave a status.</summary>
        internal void Refused(long[] slots, long taken)
        {
            if (taken != Code.Cancelled)
            {
                Engine.Crew.Add(slots, (int)Math.Max(taken, 0));
                return;
            }
            foreach (long slot in slots) Upcalls.Drop(slot);
        }
    }
}
