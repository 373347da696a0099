using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using LibSched;

class SchedulerTest
{
    static Task StartNew(Pool pool, Action action)
    {
        return Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.None, pool.Scheduler);
    }

    internal static IEnumerable<Task> Scheduled(Pool pool)
    {
        MethodInfo method = typeof(TaskScheduler).GetMethod("GetScheduledTasks", BindingFlags.Instance | BindingFlags.NonPublic);
        return (IEnumerable<Task>)method.Invoke(pool.Scheduler, null);
    }

    public void ContinuationsStayOnThePool()
    {
        using (var pool = new Pool())
        {
            pool.Run(async () =>
            {
                for (int i = 0; i < 20; i++)
                {
                    Check.True(TaskScheduler.Current == pool.Scheduler, "on the pool");
                    await Task.Yield();
                    await Task.Run(() => Check.True(TaskScheduler.Current == TaskScheduler.Default, "elsewhere"));
                }
            }).Wait();
        }
    }

    public void AsManyAtATimeAsThereAreWorkers()
    {
        foreach (int spare in new[] { 0, -1, 3 })
        {
            using (var pool = new Pool(new PoolOptions { Workers = 2, Spare = spare }))
            {
                Check.Equal(2, pool.Scheduler.MaximumConcurrencyLevel, "tasks at a time with Spare " + spare);
            }
        }
    }

    public void ATokenEndsTheWaitForRoomOfRun()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1, Spare = -1, Capacity = 2 }))
        using (var release = new ManualResetEvent(false))
        {
            try
            {
                Action wait = () => release.WaitOne();
                using (var begun = new ManualResetEvent(false))
                {
                    pool.Submit(() =>
                    {
                        begun.Set();
                        release.WaitOne();
                    });
                    Check.Comes(begun, "a task has begun");
                }
                while (pool.TrySubmit(wait, TimeSpan.Zero)) { }
                foreach (Func<CancellationToken, Task> run in new Func<CancellationToken, Task>[]
                {
                    token => pool.Run(() => { }, token),
                    token => pool.Run(() => 1, token),
                    token => pool.Run(async () => await Task.Yield(), token),
                })
                {
                    var source = new CancellationTokenSource();
                    Task task = null;
                    var caller = new Thread(() => task = run(source.Token)) { IsBackground = true };
                    caller.Start();
                    caller.Join(20); // by then it most likely waits
                    source.Cancel();
                    Check.True(caller.Join(TimeSpan.FromSeconds(20)), "the token ends the wait");
                    Check.Throws<AggregateException>(() => task.Wait());
                    Check.True(task.IsCanceled, "cancelled");
                }
                release.Set();
                Check.Equal(5, pool.Run(() => 5, new CancellationTokenSource().Token).Result, "with room");
            }
            finally
            {
                release.Set();
            }
        }
    }

    public void AsyncVoidGoesOnWhereItBegan()
    {
        using (var pool = new Pool())
        {
            Check.Equal<TaskScheduler>(pool.Scheduler, OfAsyncVoid(start => pool.Run(start)), "of a Task");
            Check.Equal(TaskScheduler.Default, OfAsyncVoid(start => pool.Submit(start)), "of an action, which has none");
        }
    }

    // The scheduler after an await.
    static TaskScheduler OfAsyncVoid(Action<Action> run)
    {
        TaskScheduler seen = null;
        var ended = new ManualResetEvent(false);
        run(async () =>
        {
            await Task.Yield();
            seen = TaskScheduler.Current;
            ended.Set();
        });
        Check.Comes(ended);
        return seen;
    }

    public void ConfigureAwaitFalseLeavesThePool()
    {
        using (var pool = new Pool())
        {
            pool.Run(async () =>
            {
                var source = new TaskCompletionSource<bool>();
                ThreadPool.QueueUserWorkItem(state => source.SetResult(true));
                await source.Task.ConfigureAwait(true);
                Check.True(TaskScheduler.Current == pool.Scheduler, "back");
                var later = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
                var gone = new ManualResetEvent(false);
                ThreadPool.QueueUserWorkItem(state =>
                {
                    gone.WaitOne();
                    later.SetResult(true);
                });
                var awaited = later.Task.ConfigureAwait(false);
                gone.Set();
                bool was = later.Task.IsCompleted;
                await awaited;
                Check.True(was || later.Task.IsCompleted, "it came");
            }).Wait();
        }
    }

    public void SynchronizationContextsDoNotStay()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        {
            pool.Submit(() => SynchronizationContext.SetSynchronizationContext(new SynchronizationContext()));
            SynchronizationContext seen = new SynchronizationContext();
            pool.Submit(() => seen = SynchronizationContext.Current);
            pool.WaitIdle();
            Check.True(seen == null, "none is left");
            // That of the caller brings its continuations back to it.
            var context = new Posting();
            SynchronizationContext before = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(context);
            try
            {
                Task awaiting = Await(pool.Run(() => { }));
                while (!awaiting.IsCompleted) context.RunOne();
                awaiting.Wait();
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(before);
            }
        }
    }

    static async Task Await(Task task)
    {
        Thread thread = Thread.CurrentThread;
        await task;
        Check.True(Thread.CurrentThread == thread, "back on the thread of the context");
    }

    public void ExceptionsAreTheTasks()
    {
        using (var pool = new Pool())
        {
            var thrown = Check.Throws<AggregateException>(() => pool.Run(() => { throw new ArgumentException("it"); }).Wait());
            Check.True(thrown.InnerException is ArgumentException, "what it threw");
            Check.Comes(() => pool.GetStats()[Priority.Normal].Failed == 1, "it is counted");
        }
    }

    public void UnobservedExceptionsAreTold()
    {
        using (var pool = new Pool())
        {
            var told = new ManualResetEvent(false);
            EventHandler<UnobservedTaskExceptionEventArgs> handler = (sender, arguments) =>
            {
                arguments.SetObserved();
                told.Set();
            };
            TaskScheduler.UnobservedTaskException += handler;
            var thread = new Thread(() =>
            {
                pool.Run(() => { throw new Exception("unobserved"); });
                pool.WaitIdle();
            });
            thread.Start();
            thread.Join();
            Check.Comes(() =>
            {
                // What a worker's stack still refers to goes with the next task.
                pool.Submit(() => { });
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return told.WaitOne(0);
            }, "told");
            TaskScheduler.UnobservedTaskException -= handler;
        }
    }

    public void AWorkerThatWaitsRunsTheTaskItself()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1, Spare = -1 }))
        {
            int sum = pool.Run(() =>
            {
                Task<int>[] tasks = Enumerable.Range(0, 100).Select(i => pool.Run(() => i)).ToArray();
                return tasks.Sum(task => task.Result);
            }).Result;
            Check.Equal(4950, sum);
        }
    }

    public void OthersDoNotRunItInline()
    {
        using (var pool = new Pool())
        {
            int here = Thread.CurrentThread.ManagedThreadId;
            int there = 0;
            var task = new Task(() => there = Thread.CurrentThread.ManagedThreadId);
            task.RunSynchronously(pool.Scheduler);
            Check.True(here != there, "not on this thread");
        }
    }

    public void ScheduledTasksAreSeen()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        {
            var gate = new ManualResetEvent(false);
            var begun = new ManualResetEvent(false);
            StartNew(pool, () =>
            {
                begun.Set();
                gate.WaitOne();
            });
            Check.Comes(begun);
            Task waiting = StartNew(pool, () => { });
            Check.True(Scheduled(pool).SequenceEqual(new[] { waiting }), "the one that waits");
            gate.Set();
            waiting.Wait();
            Check.True(pool.Scheduler.MaximumConcurrencyLevel >= 1, "level");
        }
    }

    public void CancelledTasksDoNotRun()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        {
            var gate = new ManualResetEvent(false);
            Task first = pool.Run(() => { gate.WaitOne(); });
            var source = new CancellationTokenSource();
            bool ran = false;
            Task second = pool.Run(() => { ran = true; }, source.Token);
            source.Cancel();
            gate.Set();
            Check.Throws<AggregateException>(() => second.Wait());
            Check.True(second.IsCanceled && !ran, "cancelled");
            first.Wait();
        }
    }

    public void TasksOfADroppingPoolEnd()
    {
        var gate = new ManualResetEvent(false);
        var begun = new ManualResetEvent(false);
        var pool = new Pool(new PoolOptions { Workers = 1 });
        pool.Submit(() =>
        {
            begun.Set();
            gate.WaitOne();
        });
        Check.Comes(begun);
        Task[] tasks = Enumerable.Range(0, 50).Select(i => pool.Run(() => { })).ToArray();
        pool.ShutdownNow();
        gate.Set();
        Task.WaitAll(tasks);
        pool.Dispose();
    }

    public void AStarvedThreadPoolDoesNotStopIt()
    {
        int threads, ports;
        ThreadPool.GetMinThreads(out threads, out ports);
        var gate = new ManualResetEvent(false);
        var begun = new CountdownEvent(threads);
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        {
            try
            {
                // From inside tasks: everything that .NET's own pool begins at once is blocked.
                pool.Run(() =>
                {
                    for (int i = 0; i < threads; i++)
                    {
                        ThreadPool.QueueUserWorkItem(state =>
                        {
                            begun.Signal();
                            gate.WaitOne();
                        });
                    }
                }).Wait();
                Check.Comes(begun.WaitHandle);
                // More tasks than workers, each of which waits for one that comes after it.
                Check.Equal(55, pool.Run(() => Sum(pool, 10)).Result);
                var source = new CancellationTokenSource();
                pool.Submit(source.Cancel);
                var queue = new MessageQueue<int>();
                using (queue) Check.Throws<OperationCanceledException>(() => queue.Pop(source.Token));
            }
            finally
            {
                gate.Set();
            }
        }
    }

    static async Task<int> Sum(Pool pool, int count)
    {
        if (count == 0) return 0;
        int below = await pool.Run(() => Sum(pool, count - 1));
        return below + Blocking.Wait(pool.Run(() => count));
    }

    public void PrioritiesByScheduler()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        {
            var order = new List<string>();
            var gate = new ManualResetEvent(false);
            Task first = pool.Run(() => { gate.WaitOne(); });
            Check.Comes(() => pool.GetStats()[Priority.Normal].Started == 1, "it has begun");
            Task low = pool.Run(() => order.Add("low"), CancellationToken.None, Priority.Low);
            Task high = pool.Run(() => order.Add("high"), CancellationToken.None, Priority.High);
            gate.Set();
            Task.WaitAll(first, low, high);
            Check.Equal("high low", string.Join(" ", order));
        }
    }

    class Posting : SynchronizationContext
    {
        readonly System.Collections.Concurrent.BlockingCollection<Action> posted =
            new System.Collections.Concurrent.BlockingCollection<Action>();

        public override void Post(SendOrPostCallback callback, object state)
        {
            posted.Add(() => callback(state));
        }

        internal void RunOne()
        {
            posted.Take()();
        }
    }
}
