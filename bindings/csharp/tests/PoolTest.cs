using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using LibSched;

class PoolTest
{
    public void RunsEachTaskOnce()
    {
        int run = 0;
        using (var pool = new Pool())
        {
            for (int i = 0; i < 10000; i++) pool.Submit(() => Interlocked.Increment(ref run));
            pool.SubmitAll(Enumerable.Repeat<Action>(() => Interlocked.Increment(ref run), 5000));
            pool.WaitIdle();
            Check.Equal(15000, run);
        }
    }

    public void DisposeRunsWhatWasTaken()
    {
        int run = 0;
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        {
            for (int i = 0; i < 1000; i++) pool.Submit(() => Interlocked.Increment(ref run));
        }
        Check.Equal(1000, run);
    }

    public void ShutdownNowDropsWhatWaits()
    {
        int run = 0;
        var gate = new ManualResetEvent(false);
        var begun = new ManualResetEvent(false);
        var pool = new Pool(new PoolOptions { Workers = 1 });
        bool cancelled = false;
        pool.Submit(() =>
        {
            begun.Set();
            gate.WaitOne();
            cancelled = RunningTask.IsCancelled;
        }, Priority.High);
        Check.Comes(begun);
        for (int i = 0; i < 100; i++) pool.Submit(() => Interlocked.Increment(ref run));
        pool.ShutdownNow();
        gate.Set();
        Check.True(pool.WaitForShutdown(Timeout.InfiniteTimeSpan));
        Check.Equal(0, run);
        Check.True(cancelled, "the running task sees it");
        Check.Throws<ObjectDisposedException>(() => pool.Submit(() => { }));
    }

    public void HighGoesFirst()
    {
        var order = new List<string>();
        var gate = new ManualResetEvent(false);
        var begun = new ManualResetEvent(false);
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        {
            pool.Submit(() =>
            {
                begun.Set();
                gate.WaitOne();
            });
            Check.Comes(begun);
            pool.Submit(() => order.Add("low"), Priority.Low);
            pool.Submit(() => order.Add("normal"));
            pool.Submit(() => order.Add("high"), Priority.High);
            gate.Set();
            pool.WaitIdle();
            Check.Equal("high normal low", string.Join(" ", order));
        }
    }

    public void ExceptionsGoToTheEvent()
    {
        using (var pool = new Pool())
        {
            var seen = new List<string>();
            pool.UnhandledException += exception =>
            {
                lock (seen) seen.Add(exception.Message);
                throw new Exception("of the handler");
            };
            pool.Submit(() => { throw new Exception("one"); });
            pool.Submit(() => { throw new Exception("two"); });
            pool.WaitIdle();
            lock (seen) Check.Equal("one two", string.Join(" ", seen.OrderBy(text => text)));
            Check.Equal(2L, pool.GetStats()[Priority.Normal].Failed, "failed");
        }
    }

    public void FullPoolSaysSo()
    {
        var gate = new ManualResetEvent(false);
        var begun = new ManualResetEvent(false);
        using (var pool = new Pool(new PoolOptions { Workers = 1, Capacity = 1 }))
        {
            pool.Submit(() =>
            {
                begun.Set();
                gate.WaitOne();
            });
            Check.Comes(begun);
            pool.Submit(() => { });
            Check.True(!pool.TrySubmit(() => { }, TimeSpan.Zero), "full");
            Check.True(!pool.TrySubmit(() => { }, TimeSpan.FromMilliseconds(1)), "still full");
            var source = new CancellationTokenSource();
            using (new Timer(state => source.Cancel(), null, 1, -1))
            {
                Check.Throws<OperationCanceledException>(
                    () => pool.TrySubmit(() => { }, Timeout.InfiniteTimeSpan, source.Token));
                var nothing = new Action[] { () => { } };
                Check.Throws<OperationCanceledException>(() => pool.Submit(nothing[0], Priority.Normal, source.Token));
                Check.Throws<OperationCanceledException>(() => pool.SubmitAll(nothing, Priority.Normal, source.Token));
                using (Group group = pool.CreateGroup())
                {
                    Check.Throws<OperationCanceledException>(() => group.Submit(nothing[0], Priority.Normal, source.Token));
                    Check.Throws<OperationCanceledException>(() => group.SubmitAll(nothing, Priority.Normal, source.Token));
                }
            }
            gate.Set();
            Check.True(pool.TrySubmit(() => { }, Timeout.InfiniteTimeSpan), "room");
        }
    }

    public void ATaskOfASliceMayWaitForALaterOne()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        {
            for (int round = 0; round < 20; round++)
            {
                // One slice, whose first task waits for the last one in a way that nobody knows of.
                var hold = new ManualResetEvent(false);
                var begun = new ManualResetEvent(false);
                pool.Submit(() =>
                {
                    begun.Set();
                    hold.WaitOne();
                });
                Check.Comes(begun);
                var last = new ManualResetEvent(false);
                var tasks = new List<Action> { () => { using (Blocking.Begin()) Check.Comes(last); } };
                for (int i = 0; i < 8; i++) tasks.Add(() => { });
                tasks.Add(() => last.Set());
                pool.SubmitAll(tasks);
                hold.Set();
                Check.Comes(last, "the last task");
                pool.WaitIdle();
            }
        }
    }

    public void SlicesAreTakenFromALongTask()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        {
            var gate = new ManualResetEvent(false);
            int run = 0;
            var tasks = new List<Action> { () => gate.WaitOne() };
            for (int i = 0; i < 2000; i++) tasks.Add(() => Interlocked.Increment(ref run));
            pool.SubmitAll(tasks);
            Check.Comes(() => Volatile.Read(ref run) == 2000, "the others");
            gate.Set();
            pool.WaitIdle();
        }
    }

    public void BlockingLetsASpareStandIn()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        {
            const int All = 8;
            var together = new CountdownEvent(All);
            for (int i = 0; i < All; i++)
            {
                pool.Submit(() =>
                {
                    using (Blocking.Begin())
                    {
                        together.Signal();
                        together.Wait();
                    }
                });
            }
            Check.Comes(together.WaitHandle, "all of them");
            pool.WaitIdle();
        }
    }

    public void ParallelForRunsEachIndexOnce()
    {
        using (var pool = new Pool())
        {
            var runs = new int[100000];
            pool.ParallelFor(0, runs.Length, index => Interlocked.Increment(ref runs[index]));
            Check.True(runs.All(count => count == 1), "each once");
            pool.Run(() => pool.ParallelFor(5, 10, (from, to) => Check.True(from >= 5 && to <= 10))).Wait();
            var thrown = Check.Throws<AggregateException>(
                () => pool.ParallelFor(0, 10, index => { throw new ArgumentException("loop"); }));
            Check.True(thrown.InnerExceptions.All(inner => inner is ArgumentException), "what was thrown");
            var source = new CancellationTokenSource();
            Check.Throws<OperationCanceledException>(() => pool.ParallelFor(0, 1000000, index => source.Cancel(), source.Token));
        }
    }

    public void StatsCount()
    {
        PoolStats stats;
        using (var pool = new Pool(new PoolOptions { Name = "counted" }))
        {
            Check.Equal("Pool[counted]", pool.ToString());
            for (int i = 0; i < 10; i++) pool.Submit(() => { }, Priority.Low);
            pool.WaitIdle();
            pool.Shutdown();
            pool.WaitForShutdown(Timeout.InfiniteTimeSpan);
            stats = pool.GetStats();
        }
        Check.Equal(10L, stats[Priority.Low].Completed, "completed");
    }

    public void WaitsEndByTheirToken()
    {
        var gate = new ManualResetEvent(false);
        using (var pool = new Pool())
        {
            pool.Submit(() => gate.WaitOne());
            var source = new CancellationTokenSource();
            source.CancelAfter(1);
            Check.Throws<OperationCanceledException>(() => pool.WaitIdle(Timeout.InfiniteTimeSpan, source.Token));
            Check.True(!pool.WaitIdle(TimeSpan.FromMilliseconds(1)), "not idle");
            gate.Set();
        }
    }

    public void WorkersHaveNumbers()
    {
        Check.Equal(-1, RunningTask.WorkerIndex, "outside");
        using (var pool = new Pool(new PoolOptions { Workers = 2, Spare = -1 }))
        using (var graph = new Graph())
        {
            var together = new Barrier(2);
            var seen = new int[2];
            pool.ParallelFor(0, 2, (first, end) =>
            {
                // So that each worker has one.
                together.SignalAndWait();
                seen[first] = RunningTask.WorkerIndex;
            }, 1);
            Check.Equal(1, seen.Sum(), "0 and 1");
            graph.Add("job", context => seen[0] = RunningTask.WorkerIndex);
            graph.Run(pool).Dispose();
            Check.True(seen[0] == 0 || seen[0] == 1, "of a job");
        }
    }
}
