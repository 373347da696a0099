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
