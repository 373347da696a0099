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
