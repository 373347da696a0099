using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using LibSched;

/// <summary>Tasks wait for those ahead of them before they are handed to the engine; none waits for ever.</summary>
class IntakeTest
{
    // Holds the only worker, runs `body`, and lets the worker go.
    static void Held(Pool pool, Action body)
    {
        using (var gate = new ManualResetEvent(false))
        using (var begun = new ManualResetEvent(false))
        {
            pool.Submit(() =>
            {
                begun.Set();
                gate.WaitOne();
            }, Priority.High);
            Check.Comes(begun);
            body();
            gate.Set();
            pool.WaitIdle();
        }
    }

    static Pool One()
    {
        return new Pool(new PoolOptions { Workers = 1, Spare = -1 });
    }

    public void NoneIsForgotten()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        {
            InThreads(3, number =>
            {
                for (int round = 0; round < 3000; round++)
                {
                    using (var ran = new CountdownEvent(1 + round % (number + 1)))
                    {
                        for (int i = ran.CurrentCount; i > 0; i--) pool.Submit(() => ran.Signal());
                        Check.Comes(ran.WaitHandle, "all of a round");
                    }
                }
            });
        }
    }

    public void IdleMeansThatAllHaveEnded()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        {
            InThreads(3, number =>
            {
                for (int round = 0; round < 1000; round++)
                {
                    int submitted = 1 + round % 50, run = 0;
                    for (int i = 0; i < submitted; i++) pool.Submit(() => Interlocked.Increment(ref run));
                    pool.WaitIdle();
                    Check.Equal(submitted, Volatile.Read(ref run), "run");
                }
            });
        }
    }

    static void InThreads(int count, Action<int> body)
    {
        Task.WaitAll(Enumerable.Range(0, count)
            .Select(i => Task.Factory.StartNew(() => body(i), TaskCreationOptions.LongRunning)).ToArray());
    }

    public void TheyKeepTheirOrder()
    {
        using (Pool pool = One())
        {
            var order = new List<int>();
            Held(pool, () =>
            {
                for (int i = 0; i < 5000; i++)
                {
                    int number = i;
                    if (i % 3 == 0) pool.Run(() => order.Add(number));
                    else pool.Submit(() => order.Add(number));
                }
                pool.SubmitAll(Enumerable.Range(5000, 5000).Select<int, Action>(i => () => order.Add(i)));
            });
            Check.True(order.SequenceEqual(Enumerable.Range(0, 10000)), "the order");
        }
    }

    public void CountsSeeThem()
    {
        using (Pool pool = One())
        {
            Held(pool, () =>
            {
                for (int i = 0; i < 10; i++) pool.Submit(() => { });
                pool.SubmitAll(Enumerable.Repeat<Action>(() => { }, 2000));
                PriorityStats held = pool.GetStats()[Priority.Normal];
                Check.Equal("2010 2010 0", held.Submitted + " " + held.Queued + " " + held.Started);
            });
            PriorityStats ended = pool.GetStats()[Priority.Normal];
            Check.Equal("2010 0", ended.Completed + " " + ended.Queued);
        }
    }

    public void MoreUrgentOnesOvertakeThem()
    {
        using (Pool pool = One())
        {
            int run = 0, before = -1;
            Held(pool, () =>
            {
                pool.SubmitAll(Enumerable.Repeat<Action>(() => run++, 3000));
                pool.Submit(() => before = run, Priority.High);
            });
            Check.Equal("0 3000", before + " " + run);
        }
    }

    public void EachFailsForItself()
    {
        using (Pool pool = One())
        {
            int told = 0;
            pool.UnhandledException += exception => told++;
            Held(pool, () =>
            {
                for (int i = 0; i < 3000; i++)
                {
                    int number = i;
                    pool.Submit(() => { if (number % 2 == 0) throw new Exception("even"); });
                }
            });
            PriorityStats stats = pool.GetStats()[Priority.Normal];
            Check.Equal("1500 1500 1500", told + " " + stats.Failed + " " + stats.Completed);
        }
    }

    public void DroppedWithTheirPool()
    {
        int run = 0;
        using (Pool pool = One())
        {
            var tasks = new List<Task>();
            Held(pool, () =>
            {
                for (int i = 0; i < 3000; i++) pool.Submit(() => run++);
                for (int i = 0; i < 100; i++) tasks.Add(pool.Run(() => { }));
                pool.ShutdownNow();
                Check.Status(Status.Closed, () => pool.Submit(() => { }));
            });
            // Nobody who waits for a Task must wait for ever.
            Task.WaitAll(tasks.ToArray());
            Check.Equal(3100L, pool.GetStats()[Priority.Normal].Cancelled, "cancelled");
        }
        Check.Equal(0, run);
    }

    public void DebuggersSeeThem()
    {
        using (Pool pool = One())
        {
            Held(pool, () =>
            {
                Task[] tasks = Enumerable.Range(0, 20).Select(i => pool.Run(() => { })).ToArray();
                Check.True(new HashSet<Task>(SchedulerTest.Scheduled(pool)).SetEquals(tasks), "those that wait");
            });
        }
    }
}
