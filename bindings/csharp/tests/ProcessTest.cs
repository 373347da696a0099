using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using LibSched;

class ProcessTest
{
    public void OutputComesByLines()
    {
        using (var output = new ByteQueue())
        using (Process process = Process.Start(new ProcessOptions("echo $NAME; echo b >&2; exit 4")
        {
            Shell = true,
            Output = output,
            Tag = 42,
            Environment = new Dictionary<string, string> { { "NAME", "grüße" }, { "HOME", null } },
        }))
        {
            ProcessResult result = process.Wait();
            Check.Equal(4, result.ExitCode);
            Check.True(result.Exited && !result.Succeeded, "exited");
            var lines = new List<string>();
            var buffer = new byte[65536];
            for (int length; (length = output.TryPop(buffer)) >= 0;)
            {
                ProcessOutput line = ProcessOutput.Read(buffer, length);
                lines.Add(line.Tag + (line.IsError ? "!" : ":") + line.Text);
            }
            Check.Equal("42!b 42:grüße", string.Join(" ", lines.OrderBy(line => line, StringComparer.Ordinal)));
        }
    }

    public void FailuresNameTheStage()
    {
        var failure = Check.Throws<LibSchedException>(() => Process.Start(new ProcessOptions("/no/such/program")));
        Check.Equal(2, failure.Errno);
        Check.Equal(Status.System, failure.Status);
        Check.True(failure.Message.Contains("/no/such/program"), failure.Message);
        Check.Throws<ArgumentException>(() => Process.Start(new ProcessOptions()));
    }

    public void StopsAndKills()
    {
        using (Process process = Process.Start(new ProcessOptions("sleep", "1000")))
        {
            Check.True(process.Id > 0, "id");
            Check.True(process.Wait(TimeSpan.FromMilliseconds(1)) == null, "it goes on");
            var source = new CancellationTokenSource();
            source.CancelAfter(1);
            Check.Throws<OperationCanceledException>(() => process.Wait(source.Token));
            process.Kill(15);
            Check.Equal(15, process.Wait().Signal);
            Check.Status(Status.State, () => process.Kill());
        }
        using (Process process = Process.Start(new ProcessOptions("sleep", "1000") { Timeout = TimeSpan.FromMilliseconds(1) }))
        {
            Check.True(process.Wait().TimedOut, "timed out");
        }
    }

    public void JobserverTokens()
    {
        using (Jobserver jobserver = Jobserver.Serve(3))
        {
            JobToken[] tokens = Enumerable.Range(0, 3).Select(i => jobserver.Acquire()).ToArray();
            Check.True(jobserver.TryAcquire(TimeSpan.Zero) == null, "all are taken");
            var source = new CancellationTokenSource();
            source.CancelAfter(1);
            Check.Throws<OperationCanceledException>(() => jobserver.Acquire(source.Token));
            tokens[1].Dispose();
            tokens[1].Dispose();
            using (jobserver.Acquire()) Check.Equal(0L, jobserver.GetStats().Available);
            foreach (JobToken token in tokens) token.Dispose();
            Check.Equal(2L, jobserver.GetStats().Available);
            var environment = new Dictionary<string, string> { { "MFLAGS", "old" } };
            jobserver.SetEnvironment(environment);
            Check.True(environment["MAKEFLAGS"].Contains("--jobserver-auth=") && !environment.ContainsKey("MFLAGS"), "environment");
            using (var output = new ByteQueue())
            using (Process process = Process.Start(new ProcessOptions("case $MAKEFLAGS in *jobserver*) ;; *) exit 1;; esac")
            {
                Shell = true,
                Jobserver = jobserver,
                Output = output,
            }))
            {
                Check.Equal(0, process.Wait().ExitCode);
            }
            Check.Equal(0L, jobserver.Shutdown().Outstanding);
            Check.Status(Status.Closed, () => jobserver.Acquire());
        }
    }

    public void WithoutAJobserverThereIsOneSlot()
    {
        using (Jobserver jobserver = Jobserver.Inherit(0, ""))
        using (jobserver.Acquire())
        {
            Check.True(jobserver.TryAcquire(TimeSpan.Zero) == null, "one slot");
        }
    }

    public void ErrorsHaveAWayOfTheirOwn()
    {
        using (var output = new ByteQueue())
        using (var errors = new ByteQueue())
        {
            var options = new ProcessOptions("echo out; echo err >&2") { Shell = true, Output = output, Errors = errors };
            using (Process process = Process.Start(options)) Check.True(process.Wait().Succeeded, "succeeded");
            Check.Equal("out", Lines(output));
            Check.Equal("!err", Lines(errors));
            options.Errors = null;
            options.MergeErrors = true;
            using (Process process = Process.Start(options)) process.Wait();
            Check.Equal("out err", Lines(output));
            options.Output = null;
            options.DiscardOutput = true;
            using (Process process = Process.Start(options)) process.Wait();
            Check.Equal(0L, output.Count);
        }
    }

    public void LongAndManyLines()
    {
        using (var output = new ByteQueue())
        {
            var options = new ProcessOptions("printf abcdefg") { Shell = true, Output = output, MaxLine = 4 };
            using (Process process = Process.Start(options)) Check.True(!process.Wait().OutputDropped, "all is there");
            Check.Equal("abcd+ efg.", Lines(output));
            options.MaxLine = 0;
            options.MaxOutput = 3;
            using (Process process = Process.Start(options)) Check.True(process.Wait().OutputDropped, "some is not");
            Check.True(Lines(output).EndsWith("^"), "cut");
        }
    }

    static string Lines(ByteQueue queue)
    {
        var lines = new List<string>();
        for (byte[] message; queue.TryPop(out message);)
        {
            ProcessOutput line = ProcessOutput.Read(message);
            lines.Add((line.IsError ? "!" : "") + line.Text + (line.IsContinued ? "+" : "") + (line.IsUnfinished ? "." : "")
                + (line.IsCut ? "^" : ""));
        }
        return string.Join(" ", lines);
    }

    public void LimitsAreTheChilds()
    {
        using (var output = new ByteQueue())
        {
            using (Process process = Process.Start(new ProcessOptions("ulimit -t; ulimit -v; ulimit -n; ulimit -c")
            {
                Shell = true,
                Output = output,
                CpuSeconds = 1000,
                MemoryBytes = 1L << 40,
                OpenFiles = 50,
                CoreBytes = -1,
            }))
            {
                ProcessResult result = process.Wait();
                Check.True(result.MemoryBytes > 0 && result.UserTime >= TimeSpan.Zero && result.SystemTime >= TimeSpan.Zero, "usage");
            }
            Check.Equal("1000 1073741824 50 0", Lines(output));
        }
    }

    public void InheritedDescriptors()
    {
        using (var output = new ByteQueue())
        using (var file = new System.IO.FileStream("/dev/null", System.IO.FileMode.Open, System.IO.FileAccess.Read))
        {
            int descriptor = (int)file.SafeFileHandle.DangerousGetHandle();
            var options = new ProcessOptions("if [ -e /proc/self/fd/$1 ]; then echo yes; else echo no; fi", descriptor.ToString())
            {
                Shell = true,
                Output = output,
            };
            using (Process process = Process.Start(options)) process.Wait();
            options.Inherit = new[] { descriptor };
            using (Process process = Process.Start(options)) process.Wait();
            Check.Equal("no yes", Lines(output));
        }
    }

    public void WhatMakeHasSaid()
    {
        using (Jobserver jobserver = Jobserver.Inherit(0, "n --jobserver-auth=fifo:/no/such/fifo"))
        {
            Check.True(jobserver.IsDryRun, "-n");
            Check.True(jobserver.Problem.Contains("/no/such/fifo"), jobserver.Problem);
        }
        using (Jobserver jobserver = Jobserver.Serve(2))
        {
            Check.True(!jobserver.IsDryRun && jobserver.Problem == "", jobserver.Problem);
            Check.Equal(0L, jobserver.Withdraw(), "requests");
            using (jobserver.Acquire())
            using (jobserver.Acquire())
            {
                Task<Status> waits = Task.Factory.StartNew(() => Check.Throws<LibSchedException>(() => jobserver.Acquire()).Status,
                    TaskCreationOptions.LongRunning);
                Check.Comes(() => jobserver.GetStats().Waiting == 1, "it waits");
                Check.Equal(1L, jobserver.Withdraw(), "requests");
                Check.Equal(Status.Closed, waits.Result);
            }
            using (var output = new ByteQueue())
            {
                var options = new ProcessOptions("echo $MAKEFLAGS") { Shell = true, Output = output, Jobserver = jobserver, Broker = true };
                using (Process process = Process.Start(options)) process.Wait();
                string flags = Lines(output);
                Check.True(flags.Contains("--jobserver-auth=") && flags != jobserver.MakeFlags.Trim(), flags);
            }
        }
    }

    public void BrokersSaveWhatAChildHasTaken()
    {
        using (Jobserver jobserver = Jobserver.Serve(3))
        using (Broker broker = jobserver.CreateBroker())
        {
            Check.Status(Status.State, () => broker.Wait(TimeSpan.Zero));
            int[] descriptors = broker.GetChildDescriptors();
            Check.True(broker.MakeFlags.Contains("--jobserver-auth=" + string.Join(",", descriptors)), broker.MakeFlags);
            // It takes both tokens, and ends without a word.
            using (Process process = Process.Start(new ProcessOptions("head -c 2 /dev/fd/$1 >/dev/null; sleep 1000", descriptors[0].ToString())
            {
                Shell = true,
                Inherit = descriptors,
                Environment = new Dictionary<string, string> { { "MAKEFLAGS", broker.MakeFlags } },
            }))
            {
                broker.Start();
                Check.Status(Status.State, () => broker.GetChildDescriptors());
                Check.Status(Status.State, () => broker.Start());
                Check.Comes(() => broker.GetStats().Taken == 2, "both are taken");
                Check.True(!broker.Wait(TimeSpan.FromMilliseconds(1)), "it goes on");
                Check.Throws<OperationCanceledException>(() => broker.Wait(Timeout.InfiniteTimeSpan, new CancellationToken(true)));
                process.Kill();
            }
            Check.True(broker.Wait(Timeout.InfiniteTimeSpan), "all have ended");
            BrokerStats stats = broker.GetStats();
            Check.Equal("0 2 2 0", string.Join(" ", stats.Taken, stats.Total, stats.Rescued, stats.Extra));
            Check.Comes(() => jobserver.GetStats().Available == 2, "they are back");
            using (Jobserver none = Jobserver.Inherit(0, "")) Check.Status(Status.State, () => none.CreateBroker());
        }
    }
}
