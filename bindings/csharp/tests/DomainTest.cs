using System;
using System.Collections.Generic;
using System.Reflection;
using System.Threading;
using LibSched;

/// <summary>The assembly is there twice: in a second AppDomain of Mono's, or in a second load context of .NET's.</summary>
class DomainTest
{
    static readonly bool OnMono = Type.GetType("Mono.Runtime") != null;

    public void TwoDoNotDisturbEachOther()
    {
        using (var pool = new Pool())
        {
            Action end = OnMono ? SecondDomain() : SecondContext();
            OursWorks(pool);
            end();
            OursWorks(pool);
        }
    }

    public void WhateverRunsEndsWithItsDomain()
    {
        if (!OnMono) return;
        foreach (string kind in new[] { "action", "group", "loop", "job", "item" })
        {
            foreach (string state in new[] { "sleeps", "naps", "loops", "waits", "nested" })
            {
                string what = kind + " that " + state;
                AppDomain domain = AppDomain.CreateDomain(what);
                var remote = (Remote)domain.CreateInstanceAndUnwrap(typeof(Remote).Assembly.FullName, "Remote");
                remote.Begin(kind, state);
                var unload = new Thread(() => AppDomain.Unload(domain)) { IsBackground = true };
                unload.Start();
                Check.True(unload.Join(TimeSpan.FromSeconds(60)), "the domain of a " + what + " is unloaded");
                Check.Comes(() => Library.LiveObjects() == 0, "the end of all native objects of a " + what);
            }
        }
    }

    public void ExceptionsCrossDomains()
    {
        if (!OnMono) return;
        AppDomain domain = AppDomain.CreateDomain("far");
        var remote = (Remote)domain.CreateInstanceAndUnwrap(typeof(Remote).Assembly.FullName, "Remote");
        var thrown = Check.Throws<LibSchedException>(() => remote.Throw());
        Check.Equal(Status.Stale, thrown.Status);
        Check.True(thrown.Message.Contains("number 0"), thrown.Message);
        AppDomain.Unload(domain);
    }

    static void OursWorks(Pool pool)
    {
        Check.Equal(42, pool.Run(() => 42).Result);
        using (var other = new Pool(new PoolOptions { Workers = 1 })) other.Run(() => { }).Wait();
        Check.Status(Status.Stale, Remote.Fail);
    }

    // With a busy pool, when it ends.
    static Action SecondDomain()
    {
        AppDomain domain = AppDomain.CreateDomain("second");
        var remote = (Remote)domain.CreateInstanceAndUnwrap(typeof(Remote).Assembly.FullName, "Remote");
        Check.Equal("Stale", remote.Work());
        return () => AppDomain.Unload(domain);
    }

    static Action SecondContext()
    {
        Type type = Type.GetType("System.Runtime.Loader.AssemblyLoadContext, System.Runtime.Loader", true);
        object context = Activator.CreateInstance(type, "second", false);
        var assembly = (Assembly)type.GetMethod("LoadFromAssemblyPath").Invoke(context, new object[] { typeof(Pool).Assembly.Location });
        Type poolType = assembly.GetType("LibSched.Pool", true);
        Check.True(poolType != typeof(Pool), "another one");
        var pool = (IDisposable)Activator.CreateInstance(poolType);
        var ran = new ManualResetEvent(false);
        object normal = Enum.ToObject(assembly.GetType("LibSched.Priority", true), 0);
        poolType.GetMethod("Submit").Invoke(pool, new[] { (Action)(() => ran.Set()), normal, CancellationToken.None });
        Check.Comes(ran);
        return pool.Dispose;
    }
}

/// <summary>What is done in the second domain.</summary>
class Remote : MarshalByRefObject
{
    Pool busy;

    public void Throw()
    {
        Fail();
    }

    internal static void Fail()
    {
        using (var graph = new Graph()) graph.Depend(default(Job), default(Job));
    }

    /// <summary>Returns when something runs that never ends.</summary>
    public void Begin(string kind, string state)
    {
        busy = new Pool(new PoolOptions { Workers = 2 });
        busy.UnhandledException += exception => { }; // the pool may be closed before a task has come to what it does
        var begun = new ManualResetEvent(false);
        Action run = () =>
        {
            begun.Set();
            GoOn(state);
        };
        var caller = new Thread(() =>
        {
            try
            {
                Start(kind, run);
            }
            catch (Exception)
            {
                // It ends with its domain.
            }
        });
        caller.IsBackground = true;
        caller.Start();
        begun.WaitOne();
    }

    void Start(string kind, Action run)
    {
        switch (kind)
        {
            case "action":
                busy.Submit(run);
                break;
            case "group":
                Group group = busy.CreateGroup();
                group.Submit(run);
                group.Wait();
                break;
            case "loop":
                busy.ParallelFor(0, 1000, (long index) => run());
                break;
            case "job":
                var graph = new Graph();
                graph.Add(kind, context => run());
                graph.Run(busy);
                break;
            case "item":
                new Dispatcher<int>(busy, item => run()).CreateChannel().Send(1);
                break;
        }
    }

    void GoOn(string state)
    {
        switch (state)
        {
            case "sleeps":
                Thread.Sleep(Timeout.Infinite);
                break;
            case "naps":
                for (; ; ) Thread.Sleep(1);
            case "loops":
                for (; ; ) { }
            case "waits":
                new MessageQueue<int>().Pop();
                break;
            case "nested":
                Group group = busy.CreateGroup();
                group.Submit(() => Thread.Sleep(Timeout.Infinite));
                group.Wait();
                break;
        }
    }

    public string Work()
    {
        busy = new Pool(new PoolOptions { Workers = 2 });
        var begun = new CountdownEvent(2);
        busy.Submit(() =>
        {
            begun.Signal();
            Thread.Sleep(Timeout.Infinite);
        });
        busy.Submit(() =>
        {
            begun.Signal();
            new MessageQueue<int>().Pop();
        });
        begun.Wait();
        try
        {
            Fail();
            return "nothing";
        }
        catch (LibSchedException exception)
        {
            return exception.Status.ToString();
        }
    }
}
