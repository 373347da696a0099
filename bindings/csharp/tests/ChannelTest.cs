using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using LibSched;

class ChannelTest
{
    public void RunsAndFinalizes()
    {
        using (var pool = new Pool())
        {
            int worked = 0, finalized = 0, failed = 0;
            using (var dispatcher = new Dispatcher<int>(pool, item =>
            {
                Interlocked.Increment(ref worked);
                if (item == 7) throw new ArgumentException("seven");
            }, 0, (item, thrown) =>
            {
                Interlocked.Increment(ref finalized);
                if (thrown is ArgumentException && item == 7) Interlocked.Increment(ref failed);
            }))
            {
                using (Channel<int> channel = dispatcher.CreateChannel())
                {
                    for (int i = 0; i < 100; i++) channel.Send(i);
                }
                Check.True(dispatcher.Wait(Timeout.InfiniteTimeSpan), "all ended");
            }
            Check.Equal("100 100 1", worked + " " + finalized + " " + failed);
        }
    }

    public void LimitsHold()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 4 }))
        {
            int now = 0, most = 0;
            using (var dispatcher = new Dispatcher<int>(pool, item =>
            {
                int running = Interlocked.Increment(ref now);
                lock (pool) most = Math.Max(most, running);
                Thread.Yield();
                Interlocked.Decrement(ref now);
            }, 2))
            using (Channel<int> channel = dispatcher.CreateChannel(new ChannelOptions { Name = "one", Bound = 8 }))
            {
                Check.Equal(17, Check.Throws<LibSchedException>(
                    () => dispatcher.CreateChannel(new ChannelOptions { Name = "one" })).Errno, "errno");
                for (int i = 0; i < 1000; i++) channel.Send(i);
                Check.True(dispatcher.Shutdown(false, Timeout.InfiniteTimeSpan), "all ended");
            }
            Check.True(most <= 2, "the limit");
        }
    }

    public void SendAsyncEndsWithItsItem()
    {
        using (var pool = new Pool())
        using (var dispatcher = new Dispatcher<int>(pool, item =>
        {
            if (item < 0) throw new ArgumentException("negative");
        }))
        using (Channel<int> channel = dispatcher.CreateChannel())
        {
            pool.Run(async () =>
            {
                await channel.SendAsync(1);
                Check.True(TaskScheduler.Current == pool.Scheduler, "back on the pool");
                try
                {
                    await channel.SendAsync(-1);
                    Check.True(false, "it throws");
                }
                catch (ArgumentException)
                {
                    // As it should.
                }
            }).Wait();
        }
    }

    public void ClearDropsAndCancels()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        {
            var gate = new ManualResetEvent(false);
            var begun = new ManualResetEvent(false);
            bool seen = false;
            using (var dispatcher = new Dispatcher<int>(pool, item =>
            {
                begun.Set();
                gate.WaitOne();
                seen = RunningTask.IsCancelled;
            }))
            using (Channel<int> channel = dispatcher.CreateChannel(new ChannelOptions { Bound = 10 }))
            {
                Task first = channel.SendAsync(0);
                Check.Comes(begun);
                var waiting = Enumerable.Range(0, 10).Select(i => channel.SendAsync(i)).ToList();
                Check.True(!channel.TrySend(1, TimeSpan.Zero), "full");
                var source = new CancellationTokenSource();
                source.CancelAfter(1);
                Check.Throws<OperationCanceledException>(() => channel.TrySend(1, Timeout.InfiniteTimeSpan, source.Token));
                Check.Throws<OperationCanceledException>(() => channel.Send(1, source.Token));
                Check.Equal(10L, channel.Clear());
                gate.Set();
                waiting.Add(first);
                foreach (Task task in waiting) Check.Throws<AggregateException>(() => task.Wait());
                Check.True(waiting.All(task => task.IsCanceled), "cancelled");
                Check.True(seen, "the running item sees it");
                channel.Close();
                Check.Status(Status.Closed, () => channel.Send(1));
            }
        }
    }

    public void StatsTellWhatWasDone()
    {
        using (var pool = new Pool())
        using (var dispatcher = new Dispatcher<int>(pool, item =>
        {
            if (item == 2) throw new ArgumentException("two");
        }, 3, (item, thrown) => { }))
        using (Channel<int> channel = dispatcher.CreateChannel(new ChannelOptions { Name = "one", Limit = 2 }))
        {
            Check.Equal("one", channel.Name);
            channel.Pause();
            dispatcher.Pause();
            for (int i = 0; i < 4; i++) channel.Send(i);
            ChannelStats before = channel.GetStats();
            Check.Equal("4 0 2 True", before.Queued + " " + before.Turns + " " + before.Limit + " " + before.IsPaused);
            Check.True(dispatcher.GetStats().IsPaused, "paused");
            channel.Resume();
            dispatcher.Resume();
            channel.Close();
            dispatcher.Wait(Timeout.InfiniteTimeSpan);
            ChannelStats stats = channel.GetStats();
            Check.Equal("0 0 3 1 0 4", string.Join(" ", stats.Queued, stats.Running, stats.Done, stats.Failed, stats.Cancelled, stats.Turns));
            Check.True(stats.LongestWait >= TimeSpan.Zero, "the wait");
            DispatcherStats all = dispatcher.GetStats();
            Check.Equal("0 0 0 3 1 0 3 False", string.Join(" ", all.Channels, all.Queued, all.Running, all.Done, all.Failed, all.Cancelled,
                all.Limit, all.IsPaused));
            dispatcher.SetLimit(0);
            Check.Equal((int)pool.GetStats().Workers, Math.Min(dispatcher.GetStats().Limit, pool.GetStats().Workers), "as many as workers");
        }
    }

    public void ManyAreSentAtOnce()
    {
        using (var pool = new Pool())
        {
            var seen = new List<int>();
            using (var dispatcher = new Dispatcher<int>(pool, seen.Add, 1))
            {
                using (Channel<int> channel = dispatcher.CreateChannel(new ChannelOptions { Bound = 10 }))
                {
                    channel.SendAll(new int[0]);
                    channel.SendAll(Enumerable.Range(0, 1000));
                    channel.Pause();
                    Check.Comes(() => channel.InFlight == 0);
                    using (var source = new CancellationTokenSource(1))
                    {
                        Check.Throws<OperationCanceledException>(() => channel.SendAll(Enumerable.Range(1000, 20), source.Token));
                    }
                    Check.True(channel.Count <= 10, "the bound holds");
                    channel.Clear();
                    channel.Close();
                    Check.Status(Status.Closed, () => channel.SendAll(new[] { 1 }));
                }
                dispatcher.Wait(Timeout.InfiniteTimeSpan);
            }
            Check.True(seen.SequenceEqual(Enumerable.Range(0, seen.Count)), "in order");
        }
    }
}
