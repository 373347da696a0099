using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using LibSched;

/// <summary>Tokens are taken, waited for and given back.</summary>
class JobserverTest
{
    public void HandsOutItsTokens()
    {
        using (Jobserver jobserver = Jobserver.Serve(2))
        {
            JobToken one = jobserver.Acquire();
            JobToken two = jobserver.TryAcquire(TimeSpan.Zero);
            Check.True(two != null, "the second token");
            Check.Equal(null, jobserver.TryAcquire(TimeSpan.Zero), "a third one");
            Check.Equal(null, jobserver.TryAcquire(TimeSpan.FromMilliseconds(1)), "a third one later");
            Check.Equal(2L, jobserver.GetStats().Slots, "slots");
            one.Dispose();
            one.Dispose();
            jobserver.TryAcquire(TimeSpan.FromDays(1)).Dispose();
            two.Dispose();
            Check.Equal(1L, jobserver.GetStats().Available, "available, beside the implicit one");
        }
    }

    public void ATokenComesWhenOneIsGivenBack()
    {
        using (Jobserver jobserver = Jobserver.Serve(1))
        {
            JobToken held = jobserver.Acquire();
            Task<JobToken> later = Later(jobserver, CancellationToken.None);
            held.Dispose();
            later.Result.Dispose();
        }
    }

    public void AWaitIsCancelledAndTakesNothing()
    {
        using (Jobserver jobserver = Jobserver.Serve(1))
        using (var source = new CancellationTokenSource())
        {
            JobToken held = jobserver.Acquire();
            Task<JobToken> later = Later(jobserver, source.Token);
            source.Cancel();
            var thrown = Check.Throws<AggregateException>(() => later.Wait());
            Check.True(thrown.InnerException is OperationCanceledException, thrown.ToString());
            Check.Throws<OperationCanceledException>(() => jobserver.Acquire(source.Token));
            held.Dispose();
            jobserver.Acquire().Dispose();
        }
    }

    public void ShutdownEndsWaits()
    {
        using (Jobserver jobserver = Jobserver.Serve(1))
        {
            JobToken held = jobserver.Acquire();
            Task<JobToken> later = Later(jobserver, CancellationToken.None);
            jobserver.Shutdown();
            var thrown = Check.Throws<AggregateException>(() => later.Wait());
            Check.Equal(Status.Closed, ((LibSchedException)thrown.InnerException).Status);
            held.Dispose();
        }
    }

    public void IsSharedWithAnotherClient()
    {
        using (Jobserver server = Jobserver.Serve(3, JobserverStyle.Fifo))
        using (Jobserver client = Jobserver.Inherit(0, server.MakeFlags))
        {
            JobToken own = server.Acquire();
            var taken = new List<JobToken> { client.Acquire(), client.Acquire(), client.Acquire() };
            Check.Equal(null, server.TryAcquire(TimeSpan.Zero), "a token of the server that the client has");
            taken[2].Dispose();
            taken[2] = server.Acquire();
            own.Dispose();
            foreach (JobToken token in taken) token.Dispose();
            Check.Equal(2L, server.GetStats().Available, "tokens that came back");
        }
    }

    public void ChildrenFindItInTheirEnvironment()
    {
        using (Jobserver jobserver = Jobserver.Serve(2, JobserverStyle.Fifo))
        {
            var environment = new Dictionary<string, string> { { "MFLAGS", "-j9" }, { "CARGO_MAKEFLAGS", "-j9" }, { "A", "b" } };
            jobserver.SetEnvironment(environment);
            Check.Equal(jobserver.MakeFlags, environment["MAKEFLAGS"]);
            Check.Equal(2, environment.Count, "variables that are left");
        }
    }

    public void LimitsTheTasksOfAPool()
    {
        int now = 0, tooMany = 0;
        using (Jobserver jobserver = Jobserver.Serve(2))
        using (var pool = new Pool(new PoolOptions { Workers = 4 }))
        using (Group group = pool.CreateGroup())
        {
            for (int i = 0; i < 100; i++)
            {
                group.Submit(() =>
                {
                    using (jobserver.Acquire())
                    {
                        if (Interlocked.Increment(ref now) > 2) Interlocked.Increment(ref tooMany);
                        Thread.Yield();
                        Interlocked.Decrement(ref now);
                    }
                });
            }
            group.Wait();
            Check.Equal(0, tooMany, "times that more than two held a token");
        }
    }

    // Returns when somebody waits for a token.
    static Task<JobToken> Later(Jobserver jobserver, CancellationToken token)
    {
        Task<JobToken> later = Task.Factory.StartNew(() => jobserver.Acquire(token), TaskCreationOptions.LongRunning);
        Check.Comes(() => jobserver.GetStats().Waiting == 1, "a wait");
        return later;
    }
}
