using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using LibSched;

/// <summary>A process whose pools live and work ends as any other.</summary>
class ExitTest
{
    public void WithAnIdlePool()
    {
        Ends("idle");
    }

    public void WithTasksThatSleep()
    {
        Ends("sleep");
    }

    public void WithTasksThatCompute()
    {
        Ends("compute");
    }

    public void WithTasksThatWaitInTheEngine()
    {
        Ends("queue");
    }

    public void WithAThreadThatWaitsInTheEngine()
    {
        Ends("thread");
    }

    public void WithSchedulerTasks()
    {
        Ends("scheduler");
    }

    public void WithManyTasksQueued()
    {
        Ends("many");
    }

    public void PoolsAreClosedToHandlersOfTheEnd()
    {
        Ends("handler", "leaving\nTrue: Closed Closed Closed\n");
    }

    public void WithAThreadThatWaitsForRoom()
    {
        Ends("producer");
    }

    public void ByEnvironmentExit()
    {
        Ends("exit");
    }

    public void ByATask()
    {
        Ends("task");
    }

    static void Ends(string how, string expected = "leaving\n")
    {
        string program = typeof(ExitTest).Assembly.Location;
        string runtime = System.Diagnostics.Process.GetCurrentProcess().MainModule.FileName;
        var start = new ProcessStartInfo(runtime, "\"" + program + "\" exit " + how)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using (System.Diagnostics.Process process = System.Diagnostics.Process.Start(start))
        {
            string said = process.StandardOutput.ReadToEnd();
            Check.True(process.WaitForExit(60000), "the process ends");
            Check.Equal(expected, said);
            Check.Equal(how == "exit" || how == "task" ? 7 : 0, process.ExitCode, "exit code");
        }
    }
}

static class ExitProgram
{
    static string Told(Action action)
    {
        try
        {
            action();
            return "nothing";
        }
        catch (LibSchedException exception)
        {
            return exception.Status.ToString();
        }
    }

    internal static int Leave(string how)
    {
        var pool = new Pool(new PoolOptions { Workers = 2, Capacity = how == "producer" ? 2 : 0 });
        var queue = new MessageQueue<int>();
        var begun = new ManualResetEvent(false);
        switch (how)
        {
            case "thread":
                var thread = new Thread(() =>
                {
                    begun.Set();
                    queue.Pop();
                });
                thread.IsBackground = true;
                thread.Start();
                break;
            case "producer":
                var producer = new Thread(() =>
                {
                    while (pool.TrySubmit(() => Thread.Sleep(Timeout.Infinite), TimeSpan.Zero)) { }
                    begun.Set();
                    for (; ; ) pool.Submit(() => Thread.Sleep(Timeout.Infinite));
                });
                producer.IsBackground = true;
                producer.Start();
                break;
            case "handler":
                AppDomain.CurrentDomain.ProcessExit += (sender, arguments) => Console.WriteLine(pool.IsShutdown + ": "
                    + Told(() => pool.Submit(() => { })) + " " + Told(() => pool.SubmitAll(new Action[] { () => { } })) + " "
                    + Told(() => pool.Run(() => { })));
                begun.Set();
                break;
            case "scheduler":
                pool.Run(() =>
                {
                    begun.Set();
                    Thread.Sleep(Timeout.Infinite);
                });
                break;
            case "many":
                pool.SubmitAll(Enumerable.Repeat<Action>(() => begun.Set(), 1000000));
                break;
            default:
                pool.Submit(() =>
                {
                    begun.Set();
                    if (how == "sleep" || how == "exit") Thread.Sleep(Timeout.Infinite);
                    if (how == "queue") queue.Pop();
                    while (how == "compute") { }
                    if (how != "task") return;
                    Console.WriteLine("leaving");
                    Environment.Exit(7);
                });
                break;
        }
        begun.WaitOne();
        if (how == "task") Thread.Sleep(Timeout.Infinite);
        Console.WriteLine("leaving");
        if (how == "exit") Environment.Exit(7);
        GC.KeepAlive(pool);
        return 0;
    }
}
