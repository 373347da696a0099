using System;
using System.Linq;
using System.Threading;
using LibSched;

class GroupTest
{
    public void WaitsForAll()
    {
        using (var pool = new Pool())
        using (Group group = pool.CreateGroup())
        {
            int run = 0;
            for (int i = 0; i < 1000; i++) group.Submit(() => Interlocked.Increment(ref run));
            group.SubmitAll(Enumerable.Repeat<Action>(() => Interlocked.Increment(ref run), 1000));
            group.Wait();
            Check.Equal(2000, run);
            Check.Status(Status.Closed, () => group.Submit(() => { }));
        }
    }

    public void KeepsWhatWasThrown()
    {
        using (var pool = new Pool())
        using (Group outer = pool.CreateGroup())
        {
            using (Group group = outer.CreateGroup())
            {
                group.Submit(() => { throw new ArgumentException("a"); });
                group.Submit(() => { throw new ArgumentException("b"); });
                Check.Equal(2, Check.Throws<AggregateException>(() => group.Wait()).InnerExceptions.Count);
            }
            Check.Equal(2, Check.Throws<AggregateException>(() => outer.Wait()).InnerExceptions.Count);
        }
    }

    public void CancelDropsWhatWaits()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        using (Group group = pool.CreateGroup())
        {
            var gate = new ManualResetEvent(false);
            var begun = new ManualResetEvent(false);
            int run = 0;
            bool seen = false;
            group.Submit(() =>
            {
                begun.Set();
                gate.WaitOne();
                seen = RunningTask.IsCancelled;
            });
            Check.Comes(begun);
            for (int i = 0; i < 100; i++) group.Submit(() => Interlocked.Increment(ref run));
            group.Cancel();
            gate.Set();
            Check.Throws<OperationCanceledException>(() => group.Wait());
            Check.Equal(0, run);
            Check.True(seen, "the running task sees it");
        }
    }

    public void TimeoutAndToken()
    {
        using (var pool = new Pool())
        using (Group group = pool.CreateGroup())
        {
            var gate = new ManualResetEvent(false);
            group.Submit(() => gate.WaitOne());
            Check.True(!group.Wait(TimeSpan.FromMilliseconds(1)), "it goes on");
            var source = new CancellationTokenSource();
            source.CancelAfter(1);
            Check.Throws<OperationCanceledException>(() => group.Wait(Timeout.InfiniteTimeSpan, source.Token));
            gate.Set();
            Check.True(group.Wait(Timeout.InfiniteTimeSpan), "it has ended");
        }
    }

    public void ItsOwnTaskCannotWait()
    {
        using (var pool = new Pool())
        using (Group group = pool.CreateGroup())
        {
            group.Submit(() => Check.Status(Status.Deadlock, () => group.Wait()));
            group.Wait();
        }
    }

    public void AGivenAwayTaskIsNoFailure()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        {
            for (int round = 0; round < 20; round++)
            {
                using (Group group = pool.CreateGroup())
                {
                    var last = new ManualResetEvent(false);
                    var tasks = Enumerable.Repeat<Action>(() => Check.Comes(last), 1)
                        .Concat(Enumerable.Repeat<Action>(() => { }, 50)).Concat(new Action[] { () => last.Set() });
                    group.SubmitAll(tasks);
                    group.Wait();
                }
            }
        }
    }
}
