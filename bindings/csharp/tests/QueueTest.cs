using System;
using System.Collections;
using System.Linq;
using System.Reflection;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using LibSched;

class QueueTest
{
    public void FirstInFirstOut()
    {
        using (var queue = new MessageQueue<string>())
        {
            queue.Push("a");
            queue.Push(null);
            queue.Push("c");
            Check.Equal(3L, queue.Count);
            Check.Equal("a", queue.Pop());
            Check.Equal(null, queue.Pop());
            Check.Equal("c", queue.Pop());
            string message;
            Check.True(!queue.TryPop(out message), "empty");
            Check.True(!queue.TryPop(out message, TimeSpan.FromMilliseconds(1)), "still empty");
        }
    }

    public void SlotsAreFreeOnlyOnce()
    {
        Type slots = typeof(Pool).Assembly.GetType("LibSched.Slots");
        var free = (ICollection)slots.GetField("Free", BindingFlags.Static | BindingFlags.NonPublic).GetValue(null);
        using (var queue = new MessageQueue<int>())
        {
            int message;
            for (int i = 0; i < 100000; i++)
            {
                queue.Push(i);
                queue.TryPop(out message);
            }
        }
        int blocks = (int)slots.GetField("count", BindingFlags.Static | BindingFlags.NonPublic).GetValue(null);
        Check.True(free.Count <= blocks, free.Count + " free ones of " + blocks);
    }

    public void TheBoundHolds()
    {
        using (var queue = new MessageQueue<int>(1))
        {
            Check.True(queue.TryPush(1), "room");
            Check.True(!queue.TryPush(2), "full");
            Check.True(!queue.TryPush(2, TimeSpan.FromMilliseconds(1)), "still full");
            queue.Push(3);
            Check.Equal(1, queue.Pop());
            Check.Equal(3, queue.Pop());
        }
    }

    public void TokensEndWaits()
    {
        using (var queue = new MessageQueue<int>(1))
        {
            var source = new CancellationTokenSource();
            source.CancelAfter(1);
            Check.Throws<OperationCanceledException>(() => queue.Pop(source.Token));
            queue.Push(1);
            Check.Throws<OperationCanceledException>(() => queue.TryPush(2, Timeout.InfiniteTimeSpan, source.Token));
            Check.Equal(1L, queue.Count);
        }
    }

    public void ClosingEndsConsumers()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        using (var queue = new MessageQueue<int>())
        {
            Task<int> sum = pool.Run(() => queue.GetConsumingEnumerable().Sum());
            MessageSender<int>[] senders = Enumerable.Range(0, 4).Select(i => queue.CreateSender()).ToArray();
            Task<int>[] producers = senders.Select(sender =>
            {
                return pool.Run(() =>
                {
                    using (sender)
                    {
                        for (int j = 0; j < 100; j++) sender.Push(j);
                    }
                    return 0;
                });
            }).ToArray();
            Check.Equal(4 * 4950, sum.Result);
            Task.WaitAll(producers);
            Check.Status(Status.Closed, () => queue.Push(1));
            Check.Status(Status.Closed, () => queue.Pop());
        }
    }

    public void MessagesThatAreLeftAreForgotten()
    {
        WeakReference message = Leave();
        Check.Comes(() =>
        {
            GC.Collect();
            return !message.IsAlive;
        }, "collected");
    }

    public void MessagesThatAreRefusedAreForgotten()
    {
        using (var queue = new MessageQueue<object>(1))
        {
            queue.Push(null);
            WeakReference message = Refused(queue);
            Check.Comes(() =>
            {
                GC.Collect();
                return !message.IsAlive;
            }, "collected");
        }
    }

    static WeakReference Refused(MessageQueue<object> queue)
    {
        WeakReference reference = null;
        var thread = new Thread(() =>
        {
            var message = new object();
            reference = new WeakReference(message);
            Check.True(!queue.TryPush(message), "full");
        });
        thread.Start();
        thread.Join();
        return reference;
    }

    static WeakReference Leave()
    {
        WeakReference reference = null;
        var thread = new Thread(() =>
        {
            var queue = new MessageQueue<object>();
            var message = new object();
            reference = new WeakReference(message);
            queue.Push(message);
            queue.Dispose();
        });
        thread.Start();
        thread.Join();
        return reference;
    }

    public void BytesAreCopied()
    {
        using (var queue = new ByteQueue(0, 16))
        {
            byte[] bytes = Encoding.ASCII.GetBytes("hello");
            queue.Push(bytes);
            bytes[0] = 0;
            queue.Push(bytes, 0);
            var buffer = new byte[16];
            Check.Throws<ArgumentException>(() => queue.TryPop(new byte[2]));
            Check.Equal(5, queue.TryPop(buffer));
            Check.Equal("hello", Encoding.ASCII.GetString(buffer, 0, 5));
            Check.Equal(0, queue.TryPop(buffer, Timeout.InfiniteTimeSpan));
            Check.Equal(-1, queue.TryPop(buffer));
            Check.Throws<ArgumentOutOfRangeException>(() => queue.TryPush(new byte[17], -1, TimeSpan.Zero));
            Check.True(queue.TryPush(new byte[16], -1, TimeSpan.Zero), "room");
            Check.True(!queue.TryPush(bytes, -1, TimeSpan.Zero), "full");
            var source = new CancellationTokenSource();
            source.CancelAfter(1);
            Check.Throws<OperationCanceledException>(() => queue.TryPush(bytes, -1, Timeout.InfiniteTimeSpan, source.Token));
            Check.Equal(16, queue.TryPop(buffer));
            Check.Throws<OperationCanceledException>(() => queue.TryPop(buffer, Timeout.InfiniteTimeSpan, source.Token));
            queue.Close();
            Check.Equal(-1, queue.TryPop(buffer, Timeout.InfiniteTimeSpan));
        }
    }

    public void ManyAreTakenAtOnce()
    {
        using (var queue = new MessageQueue<int>(2))
        using (MessageSender<int> sender = queue.CreateSender())
        {
            Check.Equal(0, queue.PopAll().Count);
            Check.True(sender.TryPush(0) && sender.TryPush(1) && !sender.TryPush(2), "the bound holds");
            for (int i = 2; i < 1000; i++) queue.Push(i);
            Check.Equal("0 1 2", string.Join(" ", queue.PopAll(3)));
            Check.True(queue.PopAll().SequenceEqual(Enumerable.Range(3, 997)), "the others, in order");
            queue.Close();
            Check.Equal(0, queue.PopAll().Count);
        }
    }

    public void BytesAreTakenAsTheyAre()
    {
        using (var queue = new ByteQueue())
        {
            byte[] message;
            Check.True(!queue.TryPop(out message) && message == null, "nothing");
            Check.True(!queue.TryPop(out message, TimeSpan.FromMilliseconds(1)) && message == null, "still nothing");
            foreach (int length in new[] { 3, 0, 100000 }) queue.Push(new byte[length]);
            Check.Equal(100003L, queue.ByteCount);
            foreach (int length in new[] { 3, 0, 100000 })
            {
                Check.True(queue.TryPop(out message, Timeout.InfiniteTimeSpan), "there");
                Check.Equal(length, message.Length);
            }
            Task<int> waits = Task.Factory.StartNew(() =>
            {
                byte[] comes;
                return queue.TryPop(out comes, Timeout.InfiniteTimeSpan) ? comes.Length : -1;
            }, TaskCreationOptions.LongRunning);
            using (ByteSender sender = queue.CreateSender())
            {
                Check.True(sender.TryPush(new byte[7], 5, TimeSpan.Zero), "room");
                Check.Equal(5, waits.Result);
                sender.Push(new byte[1]);
            }
            // Its last sender is gone.
            Check.True(queue.TryPop(out message, Timeout.InfiniteTimeSpan) && message.Length == 1, "left");
            Check.True(!queue.TryPop(out message, Timeout.InfiniteTimeSpan), "closed");
        }
    }

    public void ConsumersOfBytesTakeEachOnce()
    {
        // Of any lengths, so that who has seen a message to be there is overtaken.
        const int All = 50000;
        using (var queue = new ByteQueue())
        {
            for (int i = 0; i < All; i++) queue.Push(new byte[i % 7]);
            queue.Close();
            int count = 0;
            long bytes = 0;
            var together = new Barrier(2);
            Thread[] consumers = Enumerable.Range(0, 2).Select(i => new Thread(() =>
            {
                byte[] message;
                together.SignalAndWait();
                while (queue.TryPop(out message, Timeout.InfiniteTimeSpan))
                {
                    Interlocked.Increment(ref count);
                    Interlocked.Add(ref bytes, message.Length);
                }
            })).ToArray();
            foreach (Thread consumer in consumers) consumer.Start();
            foreach (Thread consumer in consumers) consumer.Join();
            Check.Equal(All, count);
            Check.Equal(Enumerable.Range(0, All).Sum(i => (long)(i % 7)), bytes);
        }
    }
}
