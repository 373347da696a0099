using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace LibSched
{
    /// <summary>
    /// A queue of items of one dispatcher, for one host, tenant or file: they start in the order in which they were sent, by turns
    /// with those of the other channels. All members may be used by any thread. Since 0.1.
    /// </summary>
    /// <typeparam name="T">of the items</typeparam>
    public sealed class Channel<T> : IDisposable
    {
        private const int SentAtOnce = 256;
        private readonly Dispatcher<T> dispatcher;
        private readonly NativeHandle handle;

        internal Channel(Dispatcher<T> dispatcher, long channel)
        {
            this.dispatcher = dispatcher;
            handle = new NativeHandle(channel, Raw.channel_unref, "Channel");
        }

        /// <summary>
        /// Sends an item, once there is room; a worker's place is taken by another one meanwhile. Blocks until then. In work of the
        /// same dispatcher, where all that runs waits so, this tells <see cref="Status.Deadlock"/>, but only without a token, which is a
        /// way out, and not on Mono. Since 0.1.
        /// </summary>
        /// <param name="item">what the dispatcher's work gets</param>
        /// <param name="token">ends the wait</param>
        /// <exception cref="OperationCanceledException">the token was cancelled; the item was not sent</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>; <see cref="Status.Deadlock"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Send(T item, CancellationToken token = default(CancellationToken))
        {
            TrySend(item, Timeout.InfiniteTimeSpan, token);
        }

        /// <summary>Sends an item if there is room soon enough. Blocks until then. Since 0.1.</summary>
        /// <param name="item">what the dispatcher's work gets</param>
        /// <param name="timeout">how long to wait at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>false: it was full all the time</returns>
        /// <exception cref="ArgumentOutOfRangeException">timeout is negative, and not infinite</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled; the item was not sent</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>; <see cref="Status.Deadlock"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool TrySend(T item, TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            return SendItem(item, null, timeout, token);
        }

        /// <summary>Sends an item as <see cref="Send"/> does, and gives its end. Blocks while there is no room. Since 0.1.</summary>
        /// <param name="item">what the dispatcher's work gets</param>
        /// <param name="token">ends the wait for room</param>
        /// <returns>ends with the work (and finalizer) of the item, with what it threw; cancelled if the item was</returns>
        /// <exception cref="OperationCanceledException">the token was cancelled; the item was not sent</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>; <see cref="Status.Deadlock"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public Task SendAsync(T item, CancellationToken token = default(CancellationToken))
        {
            var completion = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            SendItem(item, completion, Timeout.InfiniteTimeSpan, token);
            return completion.Task;
        }

        /// <summary>Sends items, in order, by few calls of the engine. Blocks while there is no room. Since 0.1.</summary>
        /// <param name="items">what the dispatcher's work gets</param>
        /// <param name="token">ends the wait</param>
        /// <exception cref="ArgumentNullException">items is null</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled; the first ones may have been sent</exception>
        /// <exception cref="LibSchedException">
        /// <see cref="Status.Closed"/>; <see cref="Status.Deadlock"/>; the first ones may have been sent
        /// </exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void SendAll(IEnumerable<T> items, CancellationToken token = default(CancellationToken))
        {
            if (items == null) throw new ArgumentNullException(nameof(items));
            token.ThrowIfCancellationRequested();
            T[] all = items.ToArray();
            var slots = new long[all.Length];
            for (int i = 0; i < all.Length; i++) slots[i] = Slots.Put(new ChannelItem<T>(dispatcher, all[i], null), null);
            var part = new long[Math.Min(all.Length, SentAtOnce)];
            int sent = 0;
            try
            {
                long channel;
                using (handle.Enter(out channel))
                {
                    while (sent < slots.Length)
                    {
                        int length = Math.Min(slots.Length - sent, part.Length);
                        Array.Copy(slots, sent, part, 0, length);
                        sent += (int)LibSchedException.Check(Waiting.On(Raw.FOREVER, token,
                            (ns, cancel) => Raw.channel_send_n(channel, part, length, ns, cancel)));
                    }
                }
            }
            finally
            {
                for (int i = sent; i < slots.Length; i++) Slots.Remove(slots[i]);
            }
        }

        private bool SendItem(T item, TaskCompletionSource<bool> completion, TimeSpan timeout, CancellationToken token)
        {
            long channel;
            using (handle.Enter(out channel))
            {
                return Elements.Put(new ChannelItem<T>(dispatcher, item, completion), slot => Waiting.On(
                    Waiting.Nanoseconds(timeout), token, (ns, cancel) => Raw.channel_send(channel, slot, ns, cancel)));
            }
        }

        /// <summary>Its name, or "". Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public string Name
        {
            get
            {
                long channel;
                using (handle.Enter(out channel)) return Raw.channel_name(channel) ?? "";
            }
        }

        /// <summary>What it has done so far. Does not block. Since 0.1.</summary>
        /// <returns>a picture</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public ChannelStats GetStats()
        {
            long channel;
            using (handle.Enter(out channel)) return new ChannelStats(channel);
        }

        /// <summary>The items that wait to start. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public long Count
        {
            get
            {
                long channel;
                using (handle.Enter(out channel)) return Raw.channel_len(channel);
            }
        }

        /// <summary>The items that have started and not ended. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public long InFlight
        {
            get
            {
                long channel;
                using (handle.Enter(out channel)) return Raw.channel_in_flight(channel);
            }
        }

        /// <summary>
        /// Drops all that is queued and cancels what runs: that sees it by <see cref="RunningTask.IsCancelled"/>, and the finalizer
        /// is not told of it. Does not block. Since 0.1.
        /// </summary>
        /// <returns>how many items were dropped before they ran</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public long Clear()
        {
            var dropped = new long[1];
            long channel;
            using (handle.Enter(out channel)) LibSchedException.Check(Raw.channel_clear(dropped, null, channel));
            return dropped[0];
        }

        /// <summary>Starts no item of the channel until Resume. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Pause()
        {
            long channel;
            using (handle.Enter(out channel)) LibSchedException.Check(Raw.channel_pause(channel));
        }

        /// <summary>Lets items start again. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Resume()
        {
            long channel;
            using (handle.Enter(out channel)) LibSchedException.Check(Raw.channel_resume(channel));
        }

        /// <summary>Most of its items that run at a time, from now on. Does not block. Since 0.1.</summary>
        /// <param name="limit">0: only the dispatcher's limit</param>
        /// <exception cref="ArgumentOutOfRangeException">limit is negative</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void SetLimit(int limit)
        {
            Checked.AtLeast(0, limit, nameof(limit));
            long channel;
            using (handle.Enter(out channel)) Raw.channel_set_limit(channel, (uint)limit);
        }

        /// <summary>Takes no more items; what is queued is run. A second time does nothing. Does not block. Since 0.1.</summary>
        public void Close()
        {
            long channel;
            if (!handle.TryEnter(out channel)) return;
            Raw.channel_close(channel);
            handle.Leave();
        }

        /// <summary>As <see cref="Close"/>, for the last time. Does not block. Since 0.1.</summary>
        public void Dispose()
        {
            Close();
            handle.Dispose();
        }
    }
}
