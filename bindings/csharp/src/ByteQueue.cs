using System;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// A queue of messages that are bytes, which it keeps copies of. Two ways in, as those of <see cref="MessageQueue{T}"/>. All
    /// members may be used by any thread. Since 0.1.
    /// </summary>
    public sealed class ByteQueue : IDisposable
    {
        internal readonly NativeHandle Handle;
        private readonly long byteBound;

        /// <summary>Makes an empty queue. Does not block. Since 0.1.</summary>
        /// <param name="bound">messages that TryPush fills it to; 0: no bound</param>
        /// <param name="byteBound">the same in bytes; 0: no bound</param>
        public ByteQueue(long bound = 0, long byteBound = 0)
        {
            Handle = QueueHandles.Create(true, bound, byteBound);
            this.byteBound = byteBound;
        }

        /// <summary>Adds a copy of bytes, however many there are. Does not block. Since 0.1.</summary>
        /// <param name="bytes">where they are</param>
        /// <param name="count">how many of them, from the first on; -1: all</param>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Push(byte[] bytes, int count = -1)
        {
            count = Length(bytes, count);
            long queue;
            using (Handle.Enter(out queue)) LibSchedException.Check(Raw.queue_push_bytes(queue, bytes, count));
        }

        /// <summary>Adds a copy of bytes once the bounds leave room. Since 0.1.</summary>
        /// <param name="bytes">where they are</param>
        /// <param name="count">how many of them, from the first on; -1: all</param>
        /// <param name="timeout">how long to wait at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>false: it was full all the time</returns>
        /// <exception cref="OperationCanceledException">the token was cancelled; the message is not in the queue</exception>
        /// <exception cref="LibSchedException">
        /// <see cref="Status.Closed"/>; <see cref="Status.Range"/>: more than the bound in bytes
        /// </exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool TryPush(byte[] bytes, int count, TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            count = Length(bytes, count);
            long most = Waiting.Nanoseconds(timeout);
            token.ThrowIfCancellationRequested();
            if (byteBound != 0 && count > byteBound)
            {
                throw LibSchedException.Of(Code.Range, count + " bytes are more than the queue's bound, which is " + byteBound);
            }
            long queue;
            using (Handle.Enter(out queue))
            {
                long status = Raw.queue_try_push_bytes(queue, bytes, count);
                if (status == Code.Full && timeout != TimeSpan.Zero)
                {
                    status = Waiting.On(most, token,
                        (ns, cancel) => Raw.queue_push_bytes_bounded(queue, bytes, count, ns, cancel));
                }
                return QueueHandles.Accepted(status);
            }
        }

        /// <summary>Takes the oldest message if there is one. Does not block. Since 0.1.</summary>
        /// <param name="buffer">receives it</param>
        /// <returns>its length; -1: nothing is there</returns>
        /// <exception cref="LibSchedException"><see cref="Status.Range"/>: it is longer than the buffer, and stays</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public int TryPop(byte[] buffer)
        {
            if (buffer == null) throw new ArgumentNullException(nameof(buffer));
            long queue;
            using (Handle.Enter(out queue)) return Taken(Raw.queue_try_pop_bytes(buffer, queue, buffer.Length));
        }

        /// <summary>Takes the oldest message, once there is one. Since 0.1.</summary>
        /// <param name="buffer">receives it</param>
        /// <param name="timeout">how long to wait at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>its length; -1: nothing came in time, or the queue is closed and empty</returns>
        /// <exception cref="OperationCanceledException">the token was cancelled; nothing was taken</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Range"/>: it is longer than the buffer, and stays</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public int TryPop(byte[] buffer, TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            long most = Waiting.Nanoseconds(timeout);
            token.ThrowIfCancellationRequested();
            int taken = TryPop(buffer);
            if (taken >= 0) return taken;
            long queue;
            using (Handle.Enter(out queue)) return Taken(Waiting.On(most, token,
                (ns, cancel) => Raw.queue_pop_bytes(buffer, queue, buffer.Length, ns, cancel)));
        }

        /// <summary>How many messages are held; exact when no other call is at work. Since 0.1.</summary>
        public long Count
        {
            get
            {
                long queue;
                using (Handle.Enter(out queue)) return Raw.queue_len(queue);
            }
        }

        /// <summary>
        /// Ends the intake: pushes fail, consumers take what is left. A second time does nothing. Does not block. Since 0.1.
        /// </summary>
        public void Close()
        {
            long queue;
            if (!Handle.TryEnter(out queue)) return;
            Raw.queue_close(queue);
            Handle.Leave();
        }

        /// <summary>Closes it, so that calls that wait end, and forgets what is left. Does not block. Since 0.1.</summary>
        public void Dispose()
        {
            Close();
            Handle.Dispose();
        }

        private static int Length(byte[] bytes, int count)
        {
            if (bytes == null) throw new ArgumentNullException(nameof(bytes));
            if (count == -1) return bytes.Length;
            if (count < 0 || count > bytes.Length) throw new ArgumentOutOfRangeException(nameof(count));
            return count;
        }

        private static int Taken(long result)
        {
            if (result == Code.Empty || result == Code.Timeout || result == Code.Closed) return -1;
            return (int)LibSchedException.Check(result);
        }
    }
}
