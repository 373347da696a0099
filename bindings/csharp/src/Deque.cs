using System;

namespace LibSched
{
    /// <summary>
    /// A work-stealing deque. One thread at a time, its owner, pushes and pops; others take by <see cref="Stealer{T}"/>. Nothing
    /// blocks. Since 0.1.
    /// </summary>
    /// <typeparam name="T">of the elements</typeparam>
    public sealed class Deque<T> : IDisposable
    {
        private const long MostCapacity = 1L << 40; // libsched/deque.h
        private readonly NativeHandle handle;

        /// <summary>Makes an empty deque. Since 0.1.</summary>
        /// <param name="lifo">whether the owner pops what it pushed last; else what it pushed first</param>
        /// <param name="maxCapacity">most elements held, up to 2^40; 0: only memory limits it</param>
        /// <exception cref="ArgumentOutOfRangeException">the capacity is negative or more</exception>
        public Deque(bool lifo = false, long maxCapacity = 0)
        {
            Checked.Within(0, MostCapacity, maxCapacity, nameof(maxCapacity));
            long options = Raw.new_deque_options();
            try
            {
                Raw.deque_options_init(options);
                Raw.deque_options_flavor_set(options, lifo ? Raw.LIFO : Raw.FIFO);
                Raw.deque_options_max_capacity_set(options, maxCapacity);
                Raw.deque_options_discard_set(options, Upcalls.DiscardPointer);
                handle = new NativeHandle(Raw.deque_create(options), Raw.deque_unref, "Deque");
            }
            finally
            {
                Raw.delete_deque_options(options);
            }
        }

        /// <summary>Adds an element. By the owner. Since 0.1.</summary>
        /// <param name="item">any value</param>
        /// <returns>false: it is full</returns>
        /// <exception cref="LibSchedException"><see cref="Status.Busy"/>: another thread is the owner just now</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool Push(T item)
        {
            long deque;
            using (handle.Enter(out deque)) return Elements.Put(item, slot => Raw.deque_push(deque, slot));
        }

        /// <summary>Takes an element. By the owner. Since 0.1.</summary>
        /// <param name="item">the element</param>
        /// <returns>false: it is empty</returns>
        /// <exception cref="LibSchedException"><see cref="Status.Busy"/>: another thread is the owner just now</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool Pop(out T item)
        {
            long deque;
            using (handle.Enter(out deque)) return Taken(Raw.deque_pop(deque), out item) == Steal.Success;
        }

        /// <summary>Makes a taking side, for any thread. Since 0.1.</summary>
        /// <returns>a stealer, to be disposed</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public Stealer<T> CreateStealer()
        {
            long deque;
            using (handle.Enter(out deque)) return new Stealer<T>(Raw.stealer_create(deque));
        }

        /// <summary>How many elements are held; exact when no other call is at work. By any thread. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public long Count
        {
            get
            {
                long deque;
                using (handle.Enter(out deque)) return Raw.deque_len(deque);
            }
        }

        /// <summary>Ends the owner's side; stealers still take what is left. Since 0.1.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        /// <summary>What a raw function that takes an element has come to.</summary>
        internal static Steal Taken(long result, out T item)
        {
            Steal steal = Outcome(result);
            item = steal == Steal.Success ? Elements.Take<T>(result) : default(T);
            return steal;
        }

        /// <summary>Gives what a raw function gives that moves up to a limit of another's elements into a deque.</summary>
        internal static long Move(NativeHandle from, Deque<T> destination, int limit, Func<long, long, uint, long> move)
        {
            if (destination == null) throw new ArgumentNullException(nameof(destination));
            uint most = Checked.AtLeast(0, limit, nameof(limit));
            long source, deque;
            using (from.Enter(out source))
            using (destination.handle.Enter(out deque)) return move(source, deque, most);
        }

        internal static Steal Outcome(long result)
        {
            if (result == Code.Retry) return Steal.Retry;
            if (result == Code.Empty || result == Code.Full) return Steal.Empty;
            LibSchedException.Check(result);
            return Steal.Success;
        }
    }
}
