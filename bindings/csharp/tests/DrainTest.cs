using System;
using System.Threading;
using LibSched;

/// <summary>What a pool was given before its shutdown is run as in an open one.</summary>
class DrainTest
{
    const int Rounds = 20;

    public void ATaskMayWaitForALaterOne()
    {
        for (int round = 0; round < Rounds; round++)
        {
            Pool pool = Held(out ManualResetEventSlim gate);
            var ended = new CountdownEvent(100);
            for (int i = 0; i < 50; i++)
            {
                var later = new ManualResetEventSlim();
                pool.Submit(() =>
                {
                    using (Blocking.Begin()) later.Wait();
                    ended.Signal();
                });
                pool.Submit(() =>
                {
                    later.Set();
                    ended.Signal();
                });
            }
            pool.Shutdown();
            gate.Set();
            Check.Comes(ended.WaitHandle, "all of them");
            pool.Dispose();
        }
    }

    public void TasksMayDispose()
    {
        for (int round = 0; round < Rounds; round++)
        {
            Pool pool = Held(out ManualResetEventSlim gate);
            var ended = new CountdownEvent(400);
            for (int i = 0; i < 400; i++)
            {
                bool slow = i % 20 == 0;
                pool.Submit(() =>
                {
                    // Long enough that the others are taken away from it.
                    if (slow) Thread.Sleep(15);
                    else pool.Dispose();
                    ended.Signal();
                });
            }
            pool.Shutdown();
            gate.Set();
            Check.Comes(ended.WaitHandle, "all of them");
            pool.Dispose();
        }
    }

    public void GroupsEnd()
    {
        for (int round = 0; round < Rounds; round++)
        {
            Pool pool = Held(out ManualResetEventSlim gate);
            int run = 0;
            using (Group group = pool.CreateGroup())
            {
                for (int i = 0; i < 200; i++)
                {
                    bool slow = i % 50 == 0;
                    group.Submit(() =>
                    {
                        if (slow) Thread.Sleep(10);
                        Interlocked.Increment(ref run);
                    });
                }
                pool.Shutdown();
                gate.Set();
                group.Wait();
                Check.Equal(200, run, "tasks before the end of the group");
            }
            pool.Dispose();
        }
    }

    public void WaitIdleWaitsForAllOfThem()
    {
        for (int round = 0; round < Rounds; round++)
        {
            Pool pool = Held(out ManualResetEventSlim gate);
            int run = 0, refused = 0;
            for (int i = 0; i < 400; i++)
            {
                bool slow = i % 50 == 0;
                pool.Submit(() =>
                {
                    // Long enough that the others are taken away from it.
                    if (slow) Thread.Sleep(15);
                    try
                    {
                        pool.WaitIdle();
                    }
                    catch (LibSchedException exception) when (exception.Status == Status.Deadlock)
                    {
                        Interlocked.Increment(ref refused);
                    }
                    Interlocked.Increment(ref run);
                });
            }
            pool.Shutdown();
            gate.Set();
            pool.WaitIdle();
            Check.Equal(400, run, "tasks that have ended");
            Check.Equal(400, refused, "tasks that may not wait for themselves");
            pool.Dispose();
        }
    }

    // Without a word: each worker comes to wait for a task that was handed to it, or to another that waits.
    public void AllWorkersMayWaitForLaterOnes()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 4 }))
        {
            for (int i = 0; i < 4000; i++) pool.Submit(() => { }); // so that it takes the next ones for short, too
            pool.WaitIdle();
            for (int round = 0; round < 2; round++)
            {
                var ended = new CountdownEvent(80);
                var events = new ManualResetEventSlim[40];
                for (int i = 0; i < events.Length; i++) events[i] = new ManualResetEventSlim();
                var actions = new Action[80];
                for (int i = 0; i < events.Length; i++)
                {
                    ManualResetEventSlim later = events[i];
                    actions[2 * i] = () =>
                    {
                        later.Wait();
                        ended.Signal();
                    };
                    actions[2 * i + 1] = () =>
                    {
                        later.Set();
                        ended.Signal();
                    };
                }
                pool.SubmitAll(actions);
                Check.Comes(ended.WaitHandle, "all of them");
            }
        }
    }

    static Pool Held(out ManualResetEventSlim gate)
    {
        var pool = new Pool(new PoolOptions { Workers = 4 });
        var held = new ManualResetEventSlim();
        var into = new CountdownEvent(4);
        for (int i = 0; i < 4; i++)
        {
            pool.Submit(() =>
            {
                into.Signal();
                held.Wait();
            });
        }
        Check.Comes(into.WaitHandle);
        gate = held;
        return pool;
    }
}
