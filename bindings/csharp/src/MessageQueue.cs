using System;
using System.Collections.Generic;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// First in, first out, for any number of producers and consumers, with two ways in: <see cref="Push"/> never waits and may pass
    /// the bound, <see cref="TryPush(T, TimeSpan, CancellationToken)"/> waits while the queue is full. All members may be used by any
    /// thread. Since 0.1.
    /// </summary>
    /// <typeparam name="T">of the messages</typeparam>
    public sealed class MessageQueue<T> : IDisposable
    {
        private const int PoppedAtOnce = 256;
        private readonly QueueHandle queue;

        /// <summary>Makes an empty queue. Does not block. Since 0.1.</summary>
        /// <param name="bound">messages that TryPush fills it to; 0: no bound</param>
        /// <exception cref="ArgumentOutOfRangeException">bound is negative</exception>
        public MessageQueue(long bound = 0)
        {
            queue = new QueueHandle(false, bound, 0);
        }

        /// <summary>Adds a message, however many there are. Does not block. Since 0.1.</summary>
        /// <param name="message">any value</param>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Push(T message)
        {
            long queue;
            using (this.queue.Native.Enter(out queue)) Elements.Put(message, slot => Raw.queue_push(queue, slot));
        }

        /// <summary>Adds a message if there are fewer than the bound. Does not block. Since 0.1.</summary>
        /// <param name="message">any value</param>
        /// <returns>false: it is full</returns>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool TryPush(T message)
        {
            long queue;
            using (this.queue.Native.Enter(out queue)) return Elements.Put(message, slot => Raw.queue_try_push(queue, slot));
        }

        /// <summary>Adds a message once there are fewer than the bound. Blocks until then. Since 0.1.</summary>
        /// <param name="message">any value</param>
        /// <param name="timeout">how long to wait at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>false: it was full all the time</returns>
        /// <exception cref="ArgumentOutOfRangeException">timeout is negative, and not infinite</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled; the message is not in the queue</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool TryPush(T message, TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            long queue;
            using (this.queue.Native.Enter(out queue)) return Elements.Put(message, slot => Waiting.On(Waiting.Nanoseconds(timeout), token,
                (ns, cancel) => Raw.queue_push_bounded(queue, slot, ns, cancel)));
        }

        /// <summary>Takes the oldest message, once there is one. Blocks until then. Since 0.1.</summary>
        /// <param name="token">ends the wait</param>
        /// <returns>the message</returns>
        /// <exception cref="OperationCanceledException">the token was cancelled; nothing was taken</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>: it is closed, and nothing is left</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public T Pop(CancellationToken token = default(CancellationToken))
        {
            T message;
            if (!TryPop(out message, Timeout.InfiniteTimeSpan, token)) throw LibSchedException.Of(Code.Closed);
            return message;
        }

        /// <summary>Takes the oldest message if there is one. Does not block. Since 0.1.</summary>
        /// <param name="message">the message</param>
        /// <returns>false: nothing is there</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool TryPop(out T message)
        {
            long queue;
            using (this.queue.Native.Enter(out queue)) return Take(Raw.queue_try_pop(queue), out message);
        }

        /// <summary>Takes the oldest message, once there is one. Blocks until then. Since 0.1.</summary>
        /// <param name="message">the message</param>
        /// <param name="timeout">how long to wait at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>false: nothing came in time, or the queue is closed and empty</returns>
        /// <exception cref="ArgumentOutOfRangeException">timeout is negative, and not infinite</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled; nothing was taken</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool TryPop(out T message, TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            long queue;
            using (this.queue.Native.Enter(out queue)) return Take(Waiting.On(Waiting.Nanoseconds(timeout), token,
                (ns, cancel) => Raw.queue_pop(queue, ns, cancel)), out message);
        }

        /// <summary>Takes the oldest messages that are there, by few calls of the engine. Does not block. Since 0.1.</summary>
        /// <param name="most">how many at most</param>
        /// <returns>the messages, in order</returns>
        /// <exception cref="ArgumentOutOfRangeException">most is negative</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public IList<T> PopAll(int most = int.MaxValue)
        {
            Checked.AtLeast(0, most, nameof(most));
            var slots = new long[Math.Min(most, PoppedAtOnce)];
            var messages = new List<T>();
            long queue;
            using (this.queue.Native.Enter(out queue))
            {
                while (messages.Count < most)
                {
                    long taken = Raw.queue_pop_n(slots, queue, Math.Min(most - messages.Count, slots.Length), 0, 0);
                    if (!Elements.Came(taken)) break;
                    for (int i = 0; i < taken; i++) messages.Add(Elements.Take<T>(slots[i]));
                }
            }
            return messages;
        }

        /// <summary>Takes messages until the queue is closed and empty; waits for each. Since 0.1.</summary>
        /// <param name="token">ends the wait</param>
        /// <returns>the messages, each taken when it is asked for</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public IEnumerable<T> GetConsumingEnumerable(CancellationToken token = default(CancellationToken))
        {
            T message;
            while (TryPop(out message, Timeout.InfiniteTimeSpan, token)) yield return message;
        }

        /// <summary>Makes a producer of which the queue knows: the last one's end closes it. Does not block. Since 0.1.</summary>
        /// <returns>a sender</returns>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public MessageSender<T> CreateSender()
        {
            return new MessageSender<T>(queue.CreateSender("MessageSender"));
        }

        /// <summary>How many messages are held; exact when no other call is at work. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public long Count
        {
            get { return queue.Count; }
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

        private static bool Take(long result, out T message)
        {
            bool came = Elements.Came(result);
            message = came ? Elements.Take<T>(result) : default(T);
            return came;
        }
    }
}
