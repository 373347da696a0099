using System;
using System.Collections.Generic;
using System.Linq;

namespace LibSched
{
    /// <summary>An unbounded queue that any thread may push to and take from, first in first out. Nothing blocks. Since 0.1.</summary>
    /// <typeparam name="T">of the elements</typeparam>
    public sealed class Injector<T> : IDisposable
    {
        private readonly NativeHandle handle;

        /// <summary>Makes an empty injector. Since 0.1.</summary>
        public Injector()
        {
            long options = Raw.new_injector_options();
            try
            {
                Raw.injector_options_init(options);
                Raw.injector_options_discard_set(options, Upcalls.DiscardPointer);
                handle = new NativeHandle(Raw.injector_create(options), Raw.injector_unref, "Injector");
            }
            finally
            {
                Raw.delete_injector_options(options);
            }
        }

        /// <summary>Adds an element. Since 0.1.</summary>
        /// <param name="item">any value</param>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Push(T item)
        {
            long injector;
            using (handle.Enter(out injector)) Elements.Put(item, slot => Raw.injector_push(injector, slot));
        }

        /// <summary>Adds elements, in order, by one call of the engine; others may come between them. Since 0.1.</summary>
        /// <param name="items">the elements</param>
        /// <exception cref="ArgumentNullException">items is null</exception>
        /// <exception cref="OutOfMemoryException">not all were added; the first ones may have been</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void PushAll(IEnumerable<T> items)
        {
            if (items == null) throw new ArgumentNullException(nameof(items));
            T[] all = items.ToArray();
            if (all.Length == 0) return;
            var slots = new long[all.Length];
            for (int i = 0; i < all.Length; i++) slots[i] = Slots.Put(all[i], null);
            long added = 0;
            try
            {
                long injector;
                using (handle.Enter(out injector)) added = LibSchedException.Check(Raw.injector_push_n(injector, slots, slots.Length));
                if (added < slots.Length) throw new OutOfMemoryException();
            }
            finally
            {
                for (long i = added; i < slots.Length; i++) Slots.Remove(slots[i]);
            }
        }

        /// <summary>Takes the oldest element. Since 0.1.</summary>
        /// <param name="item">the element</param>
        /// <returns>what it has come to</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public Steal Take(out T item)
        {
            long injector;
            using (handle.Enter(out injector)) return Deque<T>.Taken(Raw.injector_steal(injector), out item);
        }

        /// <summary>Moves up to half of the elements into a deque. Since 0.1.</summary>
        /// <param name="destination">a deque that the caller owns; Empty is also said if it is full</param>
        /// <param name="limit">most elements to move; 0: 32</param>
        /// <returns>what it has come to</returns>
        /// <exception cref="ArgumentNullException">there is no destination</exception>
        /// <exception cref="ArgumentOutOfRangeException">the limit is negative</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Busy"/>: another thread owns the destination just now</exception>
        /// <exception cref="ObjectDisposedException">one of them was disposed</exception>
        public Steal TakeBatch(Deque<T> destination, int limit = 0)
        {
            return Deque<T>.Outcome(Deque<T>.Move(handle, destination, limit, Raw.injector_steal_batch));
        }

        /// <summary>As <see cref="TakeBatch"/>, and takes the oldest one of these elements at once. Since 0.1.</summary>
        /// <param name="destination">a deque that the caller owns, for the others</param>
        /// <param name="item">the element</param>
        /// <param name="limit">most elements, this one included; 0: 33</param>
        /// <returns>what it has come to</returns>
        /// <exception cref="ArgumentNullException">there is no destination</exception>
        /// <exception cref="ArgumentOutOfRangeException">the limit is negative</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Busy"/>: another thread owns the destination just now</exception>
        /// <exception cref="ObjectDisposedException">one of them was disposed</exception>
        public Steal TakeBatchAndPop(Deque<T> destination, out T item, int limit = 0)
        {
            return Deque<T>.Taken(Deque<T>.Move(handle, destination, limit, Raw.injector_steal_batch_and_pop), out item);
        }

        /// <summary>How many elements are held; exact when no other call is at work. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public long Count
        {
            get
            {
                long injector;
                using (handle.Enter(out injector)) return Raw.injector_len(injector);
            }
        }

        /// <summary>Forgets what is left. Since 0.1.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }
    }
}
