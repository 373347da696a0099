using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using LibSched;

/// <summary>What an action does to its thread is not seen by others.</summary>
class IsolationTest
{
    static readonly bool OnMono = Type.GetType("Mono.Runtime") != null;
    static readonly AsyncLocal<string> Local = new AsyncLocal<string>();

    public void ActionsBeginWithoutAContext()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        {
            string seen = "nothing", culture = null;
            string before = pool.Run(() => CultureInfo.CurrentCulture.Name).Result;
            pool.Submit(() =>
            {
                Local.Value = "of another";
                Thread.CurrentThread.CurrentCulture = new CultureInfo(before == "de-DE" ? "fr-FR" : "de-DE");
            });
            pool.WaitIdle();
            for (int i = 0; i < 2; i++)
            {
                pool.Submit(() =>
                {
                    seen = Local.Value;
                    culture = CultureInfo.CurrentCulture.Name;
                    Local.Value = "mine";
                });
                pool.WaitIdle();
                Check.Equal(null, seen, "value");
                Check.Equal(before, culture, "culture");
            }
        }
    }

    public void ThreadsStayAsTheyWere()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        {
            bool background = false;
            ThreadPriority priority = ThreadPriority.Lowest;
            Action change = () =>
            {
                Thread.CurrentThread.IsBackground = false;
                Thread.CurrentThread.Priority = ThreadPriority.Lowest;
            };
            Action look = () =>
            {
                background = Thread.CurrentThread.IsBackground;
                priority = Thread.CurrentThread.Priority;
            };
            foreach (Action<Action> run in new Action<Action>[] { task => pool.Submit(task), task => pool.Run(task).Wait() })
            {
                background = false;
                run(change);
                pool.WaitIdle();
                pool.Submit(look);
                pool.WaitIdle();
                Check.True(background, "background");
                Check.Equal(ThreadPriority.Normal, priority, "priority");
            }
            if (OnMono) return; // restores at the end of a slice
            pool.SubmitAll(new[] { change, look });
            pool.WaitIdle();
            Check.True(background, "background in a slice");
            Check.Equal(ThreadPriority.Normal, priority, "priority in a slice");
        }
    }

    public void TasksWithoutAContextBeginEmpty()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        {
            string seen = "nothing";
            SynchronizationContext context = new SynchronizationContext();
            using (ExecutionContext.SuppressFlow())
            {
                pool.Run(() =>
                {
                    Local.Value = "of another";
                    SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
                });
                pool.Run(() =>
                {
                    seen = Local.Value;
                    context = SynchronizationContext.Current;
                }).Wait();
            }
            Check.Equal(null, seen, "value");
            Check.Equal(null, context, "synchronization context");
        }
    }

    public void WhoWaitsAndWhatRunsMeanwhile()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        {
            string inside = "nothing", after = null;
            TaskScheduler scheduler = null;
            SynchronizationContext context = new SynchronizationContext(), contextInside = context, contextAfter = null;
            pool.Run(() =>
            {
                using (Group group = pool.CreateGroup())
                {
                    SynchronizationContext.SetSynchronizationContext(context);
                    Local.Value = "of the task";
                    group.Submit(() =>
                    {
                        inside = Local.Value;
                        scheduler = TaskScheduler.Current;
                        contextInside = SynchronizationContext.Current;
                        Local.Value = "changed";
                    });
                    group.Wait();
                    after = Local.Value;
                    contextAfter = SynchronizationContext.Current;
                    SynchronizationContext.SetSynchronizationContext(null);
                }
            }).Wait();
            Check.Equal(null, inside, "value inside");
            Check.Equal(TaskScheduler.Default, scheduler, "scheduler inside");
            Check.Equal(null, contextInside, "synchronization context inside");
            Check.Equal("of the task", after, "value after");
            Check.Equal(context, contextAfter, "synchronization context after");
        }
    }

    public void NestedActionsThrow()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        {
            pool.Run(() =>
            {
                using (Group group = pool.CreateGroup())
                {
                    group.Submit(() => { throw new ArgumentException("inside"); });
                    var thrown = Check.Throws<AggregateException>(() => group.Wait());
                    Check.True(thrown.InnerException is ArgumentException, "as it was thrown");
                }
            }).Wait();
        }
    }

    public void AnAbortIsOneTasksFailure()
    {
        if (!OnMono) return;
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        {
            int run = 0, told = 0;
            pool.UnhandledException += exception => { if (exception is ThreadAbortException) Interlocked.Increment(ref told); };
            for (int i = 0; i < 50; i++)
            {
                bool aborts = i == 20;
                pool.Submit(() =>
                {
                    if (aborts) Thread.CurrentThread.Abort();
                    Interlocked.Increment(ref run);
                });
            }
            Check.True(pool.WaitIdle(TimeSpan.FromSeconds(60)), "idle");
            Check.Equal(49, run, "the others");
            Check.Equal(1, told, "told");
        }
    }
}
