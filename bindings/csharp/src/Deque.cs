using System;

namespace LibSched
{
    /// <summary>What a take has come to. Since 0.1.</summary>
    public enum Steal
    {
        /// <summary>Something was taken.</summary>
        Success,

        /// <summary>Nothing is there.</summary>
        Empty,

        /// <summary>Another thread interfered; trying again may succeed.</summary>
        Retry,
    }

    /// <summary>
    /// A work-stealing deque. One thread at a time, its owner, pushes and pops; others take by <see cref="Stealer{T}"/>. Nothing
    /// blocks. Since 0.1.
    /// </summary>
    /// <typeparam name="T">of the elements</typeparam>
    public sealed class Deque<T> : IDisposable
    {
        internal readonly NativeHandle Handle;

        /// <summary>Makes an empty deque. Since 0.1.</summary>
        /// <param name="lifo">whether the owner pops what it pushed last; else what it pushed first</param>
        /// <param name="maxCapacity">most elements held; 0: only memory limits it</param>
        public Deque(bool lifo = false, long maxCapacity = 0)
        {
            Checked.AtLeast(0, maxCapacity, nameof(maxCapacity));
            long options = Raw.new_deque_options();
            try
            {
                Raw.deque_options_init(options);
                Raw.deque_options_flavor_set(options, lifo ? Raw.LIFO : Raw.FIFO);
                Raw.deque_options_max_capacity_set(options, maxCapacity);
                Raw.deque_options_discard_set(options, Upcalls.DiscardPointer);
                Handle = new NativeHandle(Raw.deque_create(options), Raw.deque_unref, "Deque");
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
            using (Handle.Enter(out deque)) return MessageQueue<T>.PushSlot(item, slot => Raw.deque_push(deque, slot));
        }

        /// <summary>Takes an element. By the owner. Since 0.1.</summary>
        /// <param name="item">the element</param>
        /// <returns>false: it is empty</returns>
        /// <exception cref="LibSchedException"><see cref="Status.Busy"/>: another thread is the owner just now</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool Pop(out T item)
        {
            long deque;
            using (Handle.Enter(out deque)) return Taken(Raw.deque_pop(deque), out item) == Steal.Success;
        }

        /// <summary>Makes a taking side, for any thread. Since 0.1.</summary>
        /// <returns>a stealer, to be disposed</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public Stealer<T> CreateStealer()
        {
            long deque;
            using (Handle.Enter(out deque)) return new Stealer<T>(Raw.stealer_create(deque));
        }

        /// <summary>How many elements are held; exact when no other call is at work. By any thread. Since 0.1.</summary>
        public long Count
        {
            get
            {
                long deque;
                using (Handle.Enter(out deque)) return Raw.deque_len(deque);
            }
        }

        /// <summary>Ends the owner's side; stealers still take what is left. Since 0.1.</summary>
        public void Dispose()
        {
            Handle.Dispose();
        }

        internal static Steal Taken(long result, out T item)
        {
            item = default(T);
            if (result == Code.Empty) return Steal.Empty;
            if (result == Code.Retry) return Steal.Retry;
            item = (T)Slots.Remove(LibSchedException.Check(result)).Item;
            return Steal.Success;
        }

        internal static Steal Moved(long result)
        {
            if (result == Code.Retry) return Steal.Retry;
            if (result == Code.Empty || result == Code.Full) return Steal.Empty;
            LibSchedException.Check(result);
            return Steal.Success;
        }
    }

    /// <summary>The taking side of a <see cref="Deque{T}"/>. Any thread may use it. Nothing blocks. Since 0.1.</summary>
    /// <typeparam name="T">of the elements</typeparam>
    public sealed class Stealer<T> : IDisposable
    {
        private readonly NativeHandle handle;

        internal Stealer(long stealer)
        {
            handle = new NativeHandle(stealer, Raw.stealer_unref, "Stealer");
        }

        /// <summary>Takes the oldest element. Since 0.1.</summary>
        /// <param name="item">the element</param>
        /// <returns>what it has come to</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public Steal Take(out T item)
        {
            long stealer;
            using (handle.Enter(out stealer)) return Deque<T>.Taken(Raw.stealer_steal(stealer), out item);
        }

        /// <summary>Moves up to half of the elements into another deque. Since 0.1.</summary>
        /// <param name="destination">a deque that the caller owns; Empty is also said if it is full</param>
        /// <param name="limit">most elements to move; 0: 32</param>
        /// <returns>what it has come to</returns>
        /// <exception cref="LibSchedException"><see cref="Status.Busy"/>: another thread owns the destination just now</exception>
        /// <exception cref="ObjectDisposedException">one of them was disposed</exception>
        public Steal TakeBatch(Deque<T> destination, int limit = 0)
        {
            if (destination == null) throw new ArgumentNullException(nameof(destination));
            Checked.AtLeast(0, limit, nameof(limit));
            long stealer, deque;
            using (handle.Enter(out stealer))
            using (destination.Handle.Enter(out deque))
            {
                return Deque<T>.Moved(Raw.stealer_steal_batch(stealer, deque, (uint)limit));
            }
        }

        /// <summary>Ends the stealer. Since 0.1.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }
    }

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
            using (handle.Enter(out injector)) MessageQueue<T>.PushSlot(item, slot => Raw.injector_push(injector, slot));
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
        /// <exception cref="LibSchedException"><see cref="Status.Busy"/>: another thread owns the destination just now</exception>
        /// <exception cref="ObjectDisposedException">one of them was disposed</exception>
        public Steal TakeBatch(Deque<T> destination, int limit = 0)
        {
            if (destination == null) throw new ArgumentNullException(nameof(destination));
            Checked.AtLeast(0, limit, nameof(limit));
            long injector, deque;
            using (handle.Enter(out injector))
            using (destination.Handle.Enter(out deque))
            {
                return Deque<T>.Moved(Raw.injector_steal_batch(injector, deque, (uint)limit));
            }
        }

        /// <summary>How many elements are held; exact when no other call is at work. Since 0.1.</summary>
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
