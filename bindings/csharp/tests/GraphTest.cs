using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using LibSched;

class GraphTest
{
    public void DependenciesHold()
    {
        using (var pool = new Pool())
        using (var graph = new Graph())
        {
            var order = new List<string>();
            Action<string> note = name => { lock (order) order.Add(name); };
            Job a = graph.Add("a", context => note("a"));
            Job b = graph.Add("b", context => note("b"), a);
            Job c = graph.Add("c", context => note("c"), a, b);
            graph.Depend("d", "c");
            graph.Add("d", context => note("d"));
            for (int round = 0; round < 2; round++)
            {
                order.Clear();
                using (RunResult result = graph.Run(pool))
                {
                    Check.True(result.Succeeded, "all done");
                    Check.Equal(JobState.Done, result[c].State);
                }
                Check.Equal("a b c d", string.Join(" ", order));
            }
        }
    }

    public void FailuresSkipWhatDepends()
    {
        using (var pool = new Pool())
        using (var graph = new Graph())
        {
            Job bad = graph.Add("bad", context => { throw new ArgumentException("broken"); });
            Job after = graph.Add("after", null, bad);
            Job other = graph.Add("other", context => { });
            using (RunResult result = graph.Run(pool, new RunOptions { KeepGoing = true }))
            {
                Check.Equal("broken", result[bad].Exception.Message);
                Check.Equal(JobState.Skipped, result[after].State);
                Check.True(result[after].BlockedBy.Equals(bad), "blocked by");
                Check.Equal(JobState.Done, result[other].State);
                Check.Equal("1 1 1", result.Done + " " + result.Failed + " " + result.Skipped);
            }
        }
    }

    public void CyclesAreNamed()
    {
        using (var graph = new Graph())
        {
            Job a = graph.Add("first", null);
            Job b = graph.Add("second", null, a);
            graph.Depend(a, b);
            var cycle = Check.Throws<LibSchedException>(() => graph.Freeze());
            Check.Equal(Status.Cycle, cycle.Status);
            Check.True(cycle.Message.Contains("first") && cycle.Message.Contains("second"), cycle.Message);
        }
    }

    public void CommandsAndMessages()
    {
        using (var pool = new Pool())
        using (var graph = new Graph())
        {
            graph.Add(new JobOptions { Name = "echo", Command = new[] { "echo hello; echo oops >&2; exit 3" }, Shell = true });
            graph.Add("own", context => context.Message("said"));
            int thread = Thread.CurrentThread.ManagedThreadId;
            var texts = new List<string>();
            var options = new RunOptions
            {
                KeepGoing = true,
                Handler = message =>
                {
                    Check.Equal(thread, Thread.CurrentThread.ManagedThreadId, "thread");
                    if (message.Kind == RunMessageKind.Output || message.Kind == RunMessageKind.Error
                        || message.Kind == RunMessageKind.Own) texts.Add(message.Name + ":" + message.Text);
                    return true;
                },
            };
            using (RunResult result = graph.Run(pool, options)) Check.Equal(1L, result.Failed);
            Check.Equal("echo:hello echo:oops own:said", string.Join(" ", texts.OrderBy(text => text)));
        }
    }

    public void EarlySignals()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        using (var graph = new Graph())
        {
            var dependent = new ManualResetEvent(false);
            Job early = graph.Add("early", context =>
            {
                context.SignalEarly();
                Check.Comes(dependent, "the one that waited for the signal");
            });
            Job next = graph.Add("next", context => dependent.Set());
            graph.Depend(next, early, true);
            using (RunResult result = graph.Run(pool)) Check.True(result.Succeeded, "all done");
        }
    }

    public void TokensEndRuns()
    {
        using (var pool = new Pool())
        using (var graph = new Graph())
        {
            var source = new CancellationTokenSource();
            graph.Add("job", context =>
            {
                source.Cancel();
                Check.Comes(() => context.IsCancelled, "it sees it");
            });
            graph.Add(new JobOptions { Name = "sleep", Command = new[] { "sleep", "1000" } });
            Check.Throws<OperationCanceledException>(() => graph.Run(pool, null, source.Token));
        }
    }

    public void HandlersMayEndRuns()
    {
        using (var pool = new Pool())
        using (var graph = new Graph())
        {
            Job first = graph.Add("first", context => { });
            graph.Add("second", context => { }, first);
            Check.Throws<ArgumentException>(() => graph.Run(pool, new RunOptions
            {
                Handler = message => { throw new ArgumentException("handler"); },
            }));
            int told = 0;
            var options = new RunOptions
            {
                Handler = message =>
                {
                    told++;
                    return false;
                },
            };
            graph.Run(pool, options).Dispose();
            Check.Equal(1, told, "messages");
        }
    }

    public void RetriesFreshAndLimits()
    {
        using (var pool = new Pool())
        using (var graph = new Graph())
        {
            int tries = 0, now = 0;
            Job again = graph.Add(new JobOptions
            {
                Name = "again",
                Retries = 2,
                Action = context => { if (Interlocked.Increment(ref tries) < 3) throw new Exception("again"); },
            });
            graph.Add(new JobOptions { Name = "fresh", Fresh = true });
            int one = graph.AddLimit("one", 1);
            for (int i = 0; i < 10; i++)
            {
                graph.Add(new JobOptions
                {
                    LimitClass = one,
                    Action = context =>
                    {
                        Check.Equal(1, Interlocked.Increment(ref now), "one at a time");
                        Interlocked.Decrement(ref now);
                    },
                });
            }
            using (RunResult result = graph.Run(pool))
            {
                Check.True(result.Succeeded, "all done");
                Check.Equal(3, result[again].Attempts);
                Check.Equal(1L, result.Fresh);
            }
        }
    }

    public void AContextThatIsKeptIsOver()
    {
        JobContext kept = null;
        bool stop = false;
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        {
            var caller = new Thread(() =>
            {
                while (!Volatile.Read(ref stop))
                {
                    JobContext context = Volatile.Read(ref kept);
                    if (context == null) continue;
                    try
                    {
                        GC.KeepAlive(context.IsCancelled);
                        GC.KeepAlive(context.Job);
                        context.Message("late");
                    }
                    catch (ObjectDisposedException)
                    {
                        // As it should be.
                    }
                }
            });
            caller.Start();
            for (int round = 0; round < 1000; round++)
            {
                using (var graph = new Graph())
                {
                    for (int i = 0; i < 5; i++)
                    {
                        graph.Add(null, context =>
                        {
                            Volatile.Write(ref kept, context);
                            Thread.SpinWait(50);
                        });
                    }
                    graph.Run(pool, new RunOptions { Handler = message => true }).Dispose();
                }
            }
            Volatile.Write(ref stop, true);
            caller.Join();
        }
    }

    public void ARunThatIsRefusedLeavesTheOther()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        using (var graph = new Graph())
        {
            Job bad = graph.Add("bad", context => { throw new ArgumentException("broken"); });
            graph.Add("last", null);
            graph.Add("between", context => { });
            int refused = 0;
            var options = new RunOptions
            {
                KeepGoing = true,
                Handler = message =>
                {
                    if (message.Kind != RunMessageKind.Finished) return true;
                    Check.Status(Status.Busy, () => graph.Run(pool));
                    refused++;
                    return true;
                },
            };
            using (RunResult result = graph.Run(pool, options))
            {
                Check.Equal(3, refused, "refused");
                Check.Equal("broken", result[bad].Exception.Message);
            }
        }
    }

    public void WhatIsRefusedIsNotAdded()
    {
        using (var pool = new Pool())
        using (var graph = new Graph())
        {
            int run = 0;
            Check.Status(Status.Stale, () => graph.Add("first", context => run++, default(Job)));
            var thrown = Check.Throws<ArgumentNullException>(() => graph.Add("second", context => run++, (Job[])null));
            Check.Equal("dependencies", thrown.ParamName);
            graph.Add("third", context => { });
            using (RunResult result = graph.Run(pool)) Check.Equal(1L, result.Jobs, "jobs");
            Check.Equal(0, run, "those that were refused");
        }
    }

    public void ContextsEnd()
    {
        using (var pool = new Pool())
        using (var graph = new Graph())
        {
            JobContext kept = null;
            graph.Add("job", context => kept = context);
            graph.Run(pool).Dispose();
            Check.Throws<ObjectDisposedException>(() => kept.SignalEarly());
        }
    }
}
