using System;

namespace LibSched
{
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
        /// <exception cref="ArgumentNullException">there is no destination</exception>
        /// <exception cref="ArgumentOutOfRangeException">the limit is negative</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Busy"/>: another thread owns the destination just now</exception>
        /// <exception cref="ObjectDisposedException">one of them was disposed</exception>
        public Steal TakeBatch(Deque<T> destination, int limit = 0)
        {
            return Deque<T>.Outcome(Deque<T>.Move(handle, destination, limit, Raw.stealer_steal_batch));
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
            return Deque<T>.Taken(Deque<T>.Move(handle, destination, limit, Raw.stealer_steal_batch_and_pop), out item);
        }

        /// <summary>How many elements are held; exact when no other call is at work. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public long Count
        {
            get
            {
                long stealer;
                using (handle.Enter(out stealer)) return Raw.stealer_len(stealer);
            }
        }

        /// <summary>Ends the stealer. Since 0.1.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }
    }
}
