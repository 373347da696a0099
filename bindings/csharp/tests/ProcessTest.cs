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
}
