using System;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// A producer of a <see cref="MessageQueue{T}"/>; the queue closes when its last one is disposed. All members may be used by any
    /// thread. Since 0.1.
    /// </summary>
    /// <typeparam name="T">of the messages</typeparam>
    public sealed class MessageSender<T> : IDisposable
    {
        private readonly NativeHandle handle;

        internal MessageSender(NativeHandle handle)
        {
            this.handle = handle;
        }

        /// <summary>As <see cref="MessageQueue{T}.Push"/>. Does not block. Since 0.1.</summary>
        /// <param name="message">any value</param>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>, also when the queue was disposed</exception>
        /// <exception cref="ObjectDisposedException">the sender was disposed</exception>
        public void Push(T message)
        {
            long sender;
            using (handle.Enter(out sender)) Elements.Put(message, slot => Raw.sender_push(sender, slot));
        }

        /// <summary>As <see cref="MessageQueue{T}.TryPush(T)"/>. Does not block. Since 0.1.</summary>
        /// <param name="message">any value</param>
        /// <returns>false: it is full</returns>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>, also when the queue was disposed</exception>
        /// <exception cref="ObjectDisposedException">the sender was disposed</exception>
        public bool TryPush(T message)
        {
            long sender;
            using (handle.Enter(out sender)) return Elements.Put(message, slot => Raw.sender_try_push(sender, slot));
        }

        /// <summary>
        /// As <see cref="MessageQueue{T}.TryPush(T, TimeSpan, CancellationToken)"/>. Blocks while there is no room. Since 0.1.
        /// </summary>
        /// <param name="message">any value</param>
        /// <param name="timeout">how long to wait at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>false: it was full all the time</returns>
        /// <exception cref="ArgumentOutOfRangeException">timeout is negative, and not infinite</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled; the message is not in the queue</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>, also when the queue was disposed</exception>
        /// <exception cref="ObjectDisposedException">the sender was disposed</exception>
        public bool TryPush(T message, TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            long sender;
            using (handle.Enter(out sender)) return Elements.Put(message, slot => Waiting.On(
                Waiting.Nanoseconds(timeout), token, (ns, cancel) => Raw.sender_push_bounded(sender, slot, ns, cancel)));
        }

        /// <summary>Ends the sender. A second time does nothing. Does not block. Since 0.1.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }
    }
}
