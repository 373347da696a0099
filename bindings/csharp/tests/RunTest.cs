using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using LibSched;

/// <summary>What jobs can do in a run, and what it tells.</summary>
class RunTest
{
    public void ResultsOfAllJobs()
    {
        using (var pool = new Pool())
        using (var graph = new Graph())
        {
            Job first = graph.Add("first", context => { throw new ArgumentException("mine"); });
            graph.Add("second", context => { }, first);
            graph.Add(null, context => { });
            Check.Equal(first, graph.Find("first"));
            Check.True(graph.Find("third").IsNone, "none");
            using (RunResult result = graph.Run(pool, new RunOptions { KeepGoing = true, Slots = 5 }))
            {
                Check.Equal("first:Failed second:Skipped :Done",
                    string.Join(" ", result.GetJobs().Select(job => job.Name + ":" + job.State)));
                Check.Equal("5 0", result.Slots + " " + result.Tainted);
                Check.True(result.Peak >= 1 && result.Peak <= 2, "peak");
                JobResult failed = result.GetJobs().First(), skipped = result.GetJobs().ElementAt(1);
                Check.Equal(first, failed.Job);
                Check.Equal("mine", failed.Exception.Message);
                Check.Equal(first, skipped.BlockedBy);
                Check.Equal(TimeSpan.Zero, skipped.Duration + skipped.Waited);
                Check.True(failed.Waited >= TimeSpan.Zero && failed.Duration > TimeSpan.Zero, "times");
            }
        }
    }

    public void MessagesHaveTheCode()
    {
        using (var graph = new Graph())
        {
            Job exits = graph.Add(new JobOptions
            {
                Command = new[] { "test \"$OURS\" = x && test -z \"$HOME\" && test -n \"$PATH\" && printf long && exit 3" },
                Shell = true,
                Environment = new Dictionary<string, string> { { "OURS", "x" }, { "HOME", null } },
            });
            graph.Add(new JobOptions { Name = "next" }, exits);
            var ends = new List<string>();
            var options = new RunOptions
            {
                KeepGoing = true,
                MessageBytes = 1 << 16,
                GroupBytes = 1 << 16,
                Grace = Timeout.InfiniteTimeSpan,
                Output = RunOutput.Group,
                Handler = message =>
                {
                    if (message.Kind == RunMessageKind.Output) ends.Add(message.Data.Length + " " + message.IsContinued);
                    if (message.Kind == RunMessageKind.Finished) ends.Add(message.ExitCode + " " + message.BlockedBy.Equals(exits));
                    return true;
                },
            };
            graph.Run(null, options).Dispose();
            Check.Equal("4 False,3 False,0 True", string.Join(",", ends));
        }
    }

    public void RunsForComputing()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        using (var graph = new Graph())
        {
            int ran = 0;
            Job first = graph.Add("first", context => Interlocked.Increment(ref ran));
            for (int i = 0; i < 100; i++) graph.Add(null, context => Interlocked.Increment(ref ran), first);
            using (RunResult result = graph.Run(pool, new RunOptions { Compute = true })) Check.True(result.Succeeded, "succeeded");
            Check.Equal(101, ran);
            var refused = Check.Throws<LibSchedException>(
                () => graph.Run(pool, new RunOptions { Compute = true, Handler = message => true }));
            Check.True(refused.Message.StartsWith("Compute does not go with"), refused.Message);
        }
    }

    public void JobsTakeMoreSlots()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        using (Jobserver jobserver = Jobserver.Serve(3))
        using (var graph = new Graph())
        {
            graph.Add("wide", context =>
            {
                Check.True(context.TryTakeSlots(2), "they are there");
                Check.True(!context.TryTakeSlots(1), "no more");
                context.GiveBackSlots(1);
                Check.True(context.TryTakeSlots(1), "again");
                foreach (int number in new[] { 0, -1 })
                {
                    Check.Throws<ArgumentOutOfRangeException>(() => context.TryTakeSlots(number));
                    Check.Throws<ArgumentOutOfRangeException>(() => context.GiveBackSlots(number));
                }
                Check.Equal("fewer", Check.Throws<ArgumentOutOfRangeException>(() => context.GiveBackSlots(3)).ParamName);
            });
            using (RunResult result = graph.Run(pool, new RunOptions { Slots = 3, Jobserver = jobserver, KeepTokens = true }))
            {
                JobResult wide = result.GetJobs().Single();
                Check.Equal(null, wide.Exception, "thrown");
            }
            Check.Equal(2L, jobserver.GetStats().Available);
        }
    }

    public void BoundedMessagesWaitForTheHandler()
    {
        using (var pool = new Pool())
        using (var graph = new Graph())
        {
            const int Bound = 1 << 16;
            int told = 0;
            Exception refused = null, ended = null;
            string text = new string('x', 10000);
            graph.Add("job", context =>
            {
                for (int i = 0; i < 50; i++) context.MessageBounded(text);
                refused = Check.Throws<ArgumentOutOfRangeException>(() => context.MessageBounded(new string('x', 2 * Bound)));
                Check.Throws<ArgumentNullException>(() => context.MessageBounded(null));
                ended = Check.Throws<OperationCanceledException>(() =>
                {
                    for (; ; ) context.MessageBounded("last");
                });
            });
            var options = new RunOptions
            {
                MessageBytes = Bound,
                Handler = message =>
                {
                    if (message.Kind != RunMessageKind.Own) return true;
                    if (message.Text == "last") return false;
                    Check.Equal(text, message.Text);
                    told++;
                    return true;
                },
            };
            graph.Run(pool, options).Dispose();
            Check.Equal(50, told);
            Check.True(refused.Message.Contains("MessageBytes") && ended != null, "both");
        }
    }

    public void AnEndedJobTakesNoMessages()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 2 }))
        {
            for (int round = 0; round < 50; round++)
            {
                using (var graph = new Graph())
                {
                    Thread other = null;
                    var begun = new ManualResetEvent(false);
                    graph.Add("job", context =>
                    {
                        other = new Thread(() => Check.Throws<ObjectDisposedException>(() =>
                        {
                            for (; ; begun.Set()) context.MessageBounded("of another thread");
                        }));
                        other.Start();
                        Check.Comes(begun);
                    });
                    graph.Run(pool, new RunOptions { Handler = message => true }).Dispose();
                    other.Join();
                }
            }
        }
    }

    public void JobsAddJobs()
    {
        using (var pool = new Pool())
        using (var graph = new Graph())
        {
            int added = 0;
            Job first = graph.Add("first", context =>
            {
                Job second = context.Add(new JobOptions { Name = "second", Action = inner => added++ }, context.Job);
                context.Add(new JobOptions { Command = new[] { "true" } }, context.Job, second);
                Check.Status(Status.Stale, () => context.Add(new JobOptions(), default(Job)));
                Check.Equal(17, Check.Throws<LibSchedException>(() => context.Add(new JobOptions { Name = "second" })).Errno, "errno");
                Check.Throws<ArgumentNullException>(() => context.Add(null));
                Check.Throws<ArgumentNullException>(() => context.Add(new JobOptions(), null));
                Check.Throws<ArgumentOutOfRangeException>(() => context.Add(new JobOptions { LimitClass = 1, Action = inner => { } }));
                context.Add(new JobOptions { Action = inner => { throw new ArgumentException("mine"); } }, second);
            });
            using (RunResult result = graph.Run(pool, new RunOptions { KeepGoing = true }))
            {
                Check.Equal(null, result[first].Exception);
                Check.Equal("Done Done Done Failed", string.Join(" ", result.GetJobs().Select(job => job.State)));
                Check.Equal("mine", result.GetJobs().Last().Exception.Message);
            }
            // The graph has forgotten them.
            using (RunResult again = graph.Run(pool)) Check.Equal("2 4", added + " " + again.Jobs);
            var computing = Check.Throws<AggregateException>(() =>
            {
                using (RunResult result = graph.Run(pool, new RunOptions { Compute = true }))
                {
                    throw new AggregateException(result[first].Exception);
                }
            });
            Check.Equal(Status.State, ((LibSchedException)computing.InnerException).Status);
        }
    }
}
