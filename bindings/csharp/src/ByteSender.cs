using System;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// A producer of a <see cref="ByteQueue"/>; the queue closes when its last one is disposed. All members may be used by any thread.
    /// Since 0.1.
    /// </summary>
    public sealed class ByteSender : IDisposable
    {
        private readonly NativeHandle handle;
        private readonly long byteBound;

        internal ByteSender(NativeHandle handle, long byteBound)
        {
            this.handle = handle;
            this.byteBound = byteBound;
        }

        /// <summary>As <see cref="ByteQueue.Push"/>. Does not block. Since 0.1.</summary>
        /// <param name="bytes">where they are</param>
        /// <param name="count">how many of them, from the first on; -1: all</param>
        /// <exception cref="ArgumentNullException">there are no bytes</exception>
        /// <exception cref="ArgumentOutOfRangeException">the count is another negative number, or there are fewer bytes</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>, also when the queue was disposed</exception>
        /// <exception cref="ObjectDisposedException">the sender was disposed</exception>
        public void Push(byte[] bytes, int count = -1)
        {
            count = ByteQueue.Length(bytes, count);
            long sender;
            using (handle.Enter(out sender)) LibSchedException.Check(Raw.sender_push_bytes(sender, bytes, count));
        }

        /// <summary>As <see cref="ByteQueue.TryPush"/>. Blocks while there is no room. Since 0.1.</summary>
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
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>, also when the queue was disposed</exception>
        /// <exception cref="ObjectDisposedException">the sender was disposed</exception>
        public bool TryPush(byte[] bytes, int count, TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            count = ByteQueue.Length(bytes, count, byteBound);
            long sender;
            using (handle.Enter(out sender)) return Elements.Accepted(Waiting.On(Waiting.Nanoseconds(timeout), token,
                (ns, cancel) => Raw.sender_push_bytes_bounded(sender, bytes, count, ns, cancel)));
        }

        /// <summary>Ends the sender. A second time does nothing. Does not block. Since 0.1.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }
    }
}
