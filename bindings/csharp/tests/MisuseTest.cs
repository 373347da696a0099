using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using LibSched;

class MisuseTest
{
    public void UseAfterDispose()
    {
        var pool = new Pool();
        Group group = pool.CreateGroup();
        group.Dispose();
        pool.Dispose();
        pool.Dispose();
        group.Dispose();
        Check.Throws<ObjectDisposedException>(() => pool.Submit(() => { }));
        Check.Throws<ObjectDisposedException>(() => pool.SubmitAll(new Action[] { () => { } }));
        Check.Throws<ObjectDisposedException>(() => { pool.Run(() => { }); });
        Check.Throws<ObjectDisposedException>(() => pool.CreateGroup());
        Check.Throws<ObjectDisposedException>(() => group.Submit(() => { }));
        Check.True(pool.WaitIdle(TimeSpan.Zero), "idle");
        var queue = new MessageQueue<int>();
        queue.Dispose();
        queue.Dispose();
        Check.Throws<ObjectDisposedException>(() => queue.Push(1));
        // Nobody who waits for it must wait for ever.
        Task.Factory.StartNew(() => { }, CancellationToken.None, TaskCreationOptions.None, pool.Scheduler).Wait();
    }

    public void AfterShutdownTheStatusSaysSo()
    {
        var gate = new ManualResetEvent(false);
        using (var pool = new Pool())
        {
            pool.Submit(() => gate.WaitOne());
            pool.Shutdown();
            Check.Status(Status.Closed, () => pool.Submit(() => { }));
            gate.Set();
        }
    }

    public void DisposeFromATask()
    {
        var pool = new Pool();
        var done = new ManualResetEvent(false);
        pool.Submit(() =>
        {
            pool.Dispose();
            done.Set();
        });
        Check.Comes(done);
        Check.True(pool.WaitForShutdown(Timeout.InfiniteTimeSpan));
    }

    public void WaitIdleFromATaskIsADeadlock()
    {
        using (var pool = new Pool())
        {
            pool.Run(() => Check.Status(Status.Deadlock, () => pool.WaitIdle())).Wait();
        }
    }

    public void DisposeWhileOthersSubmit()
    {
        for (int round = 0; round < 50; round++)
        {
            var pool = new Pool(new PoolOptions { Workers = 2 });
            int taken = 0, run = 0;
            var begun = new ManualResetEvent(false);
            var threads = Enumerable.Range(0, 3).Select(i => new Thread(() =>
            {
                try
                {
                    for (; ; )
                    {
                        pool.Submit(() => Interlocked.Increment(ref run));
                        Interlocked.Increment(ref taken);
                        begun.Set();
                    }
                }
                catch (InvalidOperationException)
                {
                    // Closed, or disposed.
                }
            })).ToList();
            threads.ForEach(thread => thread.Start());
            Check.Comes(begun);
            pool.Dispose();
            threads.ForEach(thread => thread.Join());
            Check.Equal(taken, run);
        }
    }

    public void DisposeWhileOthersWait()
    {
        for (int round = 0; round < 50; round++)
        {
            var queue = new MessageQueue<int>();
            var waiting = Enumerable.Range(0, 3).Select(i => Task.Factory.StartNew(() =>
            {
                int message;
                try
                {
                    return queue.TryPop(out message, Timeout.InfiniteTimeSpan);
                }
                catch (ObjectDisposedException)
                {
                    return false;
                }
            }, TaskCreationOptions.LongRunning)).ToArray();
            queue.Dispose();
            Task.WaitAll(waiting);
            Check.True(waiting.All(task => !task.Result), "nothing was there");
        }
    }

    public void AThousandPools()
    {
        for (int i = 0; i < 1000; i++)
        {
            using (var pool = new Pool(new PoolOptions { Workers = 2 })) pool.Submit(() => { });
        }
    }

    public void ForgottenPoolsAreCollected()
    {
        Forget();
        Check.Comes(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return Library.LiveObjects() == 0;
        }, "the collector takes them");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Forget()
    {
        var thread = new Thread(() =>
        {
            for (int i = 0; i < 20; i++)
            {
                var pool = new Pool(new PoolOptions { Workers = 1 });
                pool.Run(() => { }).Wait();
                new MessageQueue<object>().Push(pool.ToString());
            }
        });
        thread.Start();
        thread.Join();
    }

    public void TheCollectorNeedNotWaitForTasks()
    {
        // In a loop without calls, in a wait of the runtime's, and in one of ours.
        bool stop = false;
        var gate = new ManualResetEvent(false);
        using (var queue = new MessageQueue<int>())
        using (var pool = new Pool(new PoolOptions { Workers = 3 }))
        {
            var begun = new CountdownEvent(3);
            pool.Submit(() =>
            {
                begun.Signal();
                while (!Volatile.Read(ref stop)) { }
            });
            pool.Submit(() =>
            {
                begun.Signal();
                gate.WaitOne();
            });
            pool.Submit(() =>
            {
                int message;
                begun.Signal();
                queue.TryPop(out message, Timeout.InfiniteTimeSpan);
            });
            Check.Comes(begun.WaitHandle);
            for (int i = 0; i < 5; i++) GC.Collect();
            Volatile.Write(ref stop, true);
            gate.Set();
            queue.Close();
        }
    }

    public void CallbacksWhileShuttingDown()
    {
        for (int round = 0; round < 50; round++)
        {
            var pool = new Pool(new PoolOptions { Workers = 2 });
            int ended = 0;
            for (int i = 0; i < 100; i++)
            {
                pool.Submit(() =>
                {
                    try
                    {
                        pool.Submit(() => Interlocked.Increment(ref ended));
                    }
                    catch (InvalidOperationException)
                    {
                        Interlocked.Increment(ref ended);
                    }
                });
            }
            pool.Dispose();
            Check.Equal(100, ended);
        }
    }

    public void ProcessesWhileTasksRun()
    {
        using (var pool = new Pool())
        {
            bool stop = false;
            for (int i = 0; i < 2; i++) pool.Submit(() => { while (!Volatile.Read(ref stop)) Thread.Yield(); });
            using (var child = System.Diagnostics.Process.Start("/bin/true"))
            {
                child.WaitForExit();
                Check.Equal(0, child.ExitCode);
            }
            using (LibSched.Process child = LibSched.Process.Start(new ProcessOptions("/bin/false")))
            {
                Check.Equal(1, child.Wait().ExitCode);
            }
            Volatile.Write(ref stop, true);
        }
    }

    public void StackOverflowOfWaitsDoesNotComeAbout()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        {
            Func<int, int> nested = null;
            nested = depth =>
            {
                if (depth == 0) return 0;
                using (Group group = pool.CreateGroup())
                {
                    int below = 0;
                    group.Submit(() => below = nested(depth - 1));
                    group.Wait();
                    return below + 1;
                }
            };
            Check.Equal(200, pool.Run(() => nested(200)).Result);
        }
    }
}
