using System;
using System.Diagnostics;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// A queue of messages that are bytes, which it keeps copies of. Two ways in, as those of <see cref="MessageQueue{T}"/>. All
    /// members may be used by any thread. Since 0.1.
    /// </summary>
    public sealed class ByteQueue : IDisposable
    {
        internal readonly long ByteBound;
        private readonly QueueHandle queue;

        /// <summary>Makes an empty queue. Does not block. Since 0.1.</summary>
        /// <param name="bound">messages that TryPush fills it to; 0: no bound</param>
        /// <param name="byteBound">the same in bytes; 0: no bound</param>
        /// <exception cref="ArgumentOutOfRangeException">a bound is negative</exception>
        public ByteQueue(long bound = 0, long byteBound = 0)
        {
            queue = new QueueHandle(true, bound, byteBound);
            ByteBound = byteBound;
        }

        internal NativeHandle Handle
        {
            get { return queue.Native; }
        }

        /// <summary>Adds a copy of bytes, however many there are. Does not block. Since 0.1.</summary>
        /// <param name="bytes">where they are</param>
        /// <param name="count">how many of them, from the first on; -1: all</param>
        /// <exception cref="ArgumentNullException">there are no bytes</exception>
        /// <exception cref="ArgumentOutOfRangeException">the count is another negative number, or there are fewer bytes</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Push(byte[] bytes, int count = -1)
        {
            count = Length(bytes, count);
            long queue;
            using (Handle.Enter(out queue)) LibSchedException.Check(Raw.queue_push_bytes(queue, bytes, count));
        }

        /// <summary>Adds a copy of bytes once the bounds leave room. Blocks while they do not. Since 0.1.</summary>
        /// <param name="bytes">where they are</param>
        /// <param name="count">how many of them, from the first on; -1: all</param>
        /// <param name="timeout">how long to wait at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>false: it was full all the time</returns>
        /// <exception cref="ArgumentNullException">there are no bytes</exception>
        /// <exception cref="ArgumentOutOfRangeException">
        /// the count is another negative number, or more than there are bytes or the bound in bytes; the timeout is negative, and not
        /// infinite
        /// </exception>
        /// <exception cref="OperationCanceledException">the token was cancelled; the message is not in the queue</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool TryPush(byte[] bytes, int count, TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            count = Length(bytes, count, ByteBound);
            long queue;
            using (Handle.Enter(out queue)) return Elements.Accepted(Waiting.On(Waiting.Nanoseconds(timeout), token,
                (ns, cancel) => Raw.queue_push_bytes_bounded(queue, bytes, count, ns, cancel)));
        }

        /// <summary>Takes the oldest message into a buffer if there is one. Does not block. Since 0.1.</summary>
        /// <param name="buffer">receives it, from its first byte on</param>
        /// <returns>its length; -1: nothing is there</returns>
        /// <exception cref="ArgumentNullException">there is no buffer</exception>
        /// <exception cref="ArgumentException">the message is longer than the buffer, and stays</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public int TryPop(byte[] buffer)
        {
            if (buffer == null) throw new ArgumentNullException(nameof(buffer));
            long queue;
            using (Handle.Enter(out queue))
            {
                long length = Raw.queue_try_pop_bytes(buffer, queue, buffer.Length);
                return Elements.Came(length) ? Fitting(buffer, length) : -1;
            }
        }

        /// <summary>Takes the oldest message into a buffer, once there is one. Blocks until then. Since 0.1.</summary>
        /// <param name="buffer">receives it, from its first byte on</param>
        /// <param name="timeout">how long to wait at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>its length; -1: nothing came in time, or the queue is closed and empty</returns>
        /// <exception cref="ArgumentNullException">there is no buffer</exception>
        /// <exception cref="ArgumentException">the message is longer than the buffer, and stays</exception>
        /// <exception cref="ArgumentOutOfRangeException">the timeout is negative, and not infinite</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled; nothing was taken</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public int TryPop(byte[] buffer, TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            if (buffer == null) throw new ArgumentNullException(nameof(buffer));
            return Fitting(buffer, Take(buffer, Waiting.Nanoseconds(timeout), token));
        }

        /// <summary>Takes the oldest message if there is one. Does not block. Since 0.1.</summary>
        /// <param name="message">a copy of its bytes, or null</param>
        /// <returns>false: nothing is there</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool TryPop(out byte[] message)
        {
            return TryPop(out message, TimeSpan.Zero);
        }

        /// <summary>Takes the oldest message, once there is one. Blocks until then. Since 0.1.</summary>
        /// <param name="message">a copy of its bytes, or null</param>
        /// <param name="timeout">how long to wait at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>false: nothing came in time, or the queue is closed and empty</returns>
        /// <exception cref="ArgumentOutOfRangeException">the timeout is negative, and not infinite</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled; nothing was taken</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool TryPop(out byte[] message, TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            long most = Waiting.Nanoseconds(timeout);
            Stopwatch watch = Stopwatch.StartNew();
            var buffer = new byte[0];
            for (; ; )
            {
                long length = Take(buffer, Waiting.Left(most, watch), token);
                if (length >= 0 && length <= buffer.Length) Array.Resize(ref buffer, (int)length);
                message = length < 0 ? null : buffer;
                if (length <= buffer.Length) return length >= 0;
                // It stays, and another consumer may take it meanwhile.
                buffer = new byte[length];
            }
        }

        /// <summary>Makes a producer of which the queue knows: the last one's end closes it. Does not block. Since 0.1.</summary>
        /// <returns>a sender</returns>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public ByteSender CreateSender()
        {
            return new ByteSender(queue.CreateSender("ByteSender"), ByteBound);
        }

        /// <summary>How many messages are held; exact when no other call is at work. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public long Count
        {
            get { return queue.Count; }
        }

        /// <summary>How many bytes these have; exact when no other call is at work. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public long ByteCount
        {
            get
            {
                long queue;
                using (Handle.Enter(out queue)) return Raw.queue_byte_len(queue);
            }
        }

        /// <summary>
        /// Ends the intake: pushes fail, consumers take what is left. A second time does nothing. Does not block. Since 0.1.
        /// </summary>
        public void Close()
        {
            queue.Close();
        }

        /// <summary>Closes it, so that calls that wait end, and forgets what is left. Does not block. Since 0.1.</summary>
        public void Dispose()
        {
            queue.Dispose();
        }

        private long Take(byte[] buffer, long timeout, CancellationToken token)
        {
            long queue;
            using (Handle.Enter(out queue))
            {
                long length = Waiting.On(timeout, token,
                    (ns, cancel) => Raw.queue_pop_bytes(buffer, queue, buffer.Length, ns, cancel));
                return Elements.Came(length) ? length : -1;
            }
        }

        private static int Fitting(byte[] buffer, long length)
        {
            if (length <= buffer.Length) return (int)length;
            throw new ArgumentException("buffer has " + buffer.Length + " bytes, and must have " + length +
                " or more: so long is the oldest message, which stays.", nameof(buffer));
        }

        /// <summary>How many bytes are meant.</summary>
        internal static int Length(byte[] bytes, int count, long byteBound = 0)
        {
            if (bytes == null) throw new ArgumentNullException(nameof(bytes));
            Checked.Within(-1, (uint)bytes.Length, count, nameof(count));
            if (count == -1) count = bytes.Length;
            if (byteBound == 0 || count <= byteBound) return count;
            throw Checked.Wrong(nameof(count), count, byteBound + " or less, which is the queue's byteBound");
        }
    }
}
