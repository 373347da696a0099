using System;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Threading;
using LibSched;

/// <summary>Runs the public methods of a class, one after the other; each must leave nothing alive.</summary>
static class Runner
{
    static int Main(string[] arguments)
    {
        if (arguments.Length == 2 && arguments[0] == "exit") return ExitProgram.Leave(arguments[1]);
        int failed = 0;
        Type type = Assembly.GetExecutingAssembly().GetType(arguments[0], true);
        foreach (MethodInfo test in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        {
            string verdict = "ok";
            try
            {
                test.Invoke(Activator.CreateInstance(type), null);
                Check.Equal(0L, Live(), "native objects that are alive");
            }
            catch (Exception exception)
            {
                failed++;
                verdict = "FAILED: " + ((exception as TargetInvocationException)?.InnerException ?? exception);
            }
            Console.WriteLine(test.Name + ": " + verdict);
        }
        Console.WriteLine(failed == 0 ? "all passed" : failed + " failed");
        return failed == 0 ? 0 : 1;
    }

    /// <summary>What is alive once the threads that end have let go.</summary>
    static long Live()
    {
        while (Library.LiveObjects() != 0 && Check.Later()) Thread.Sleep(1);
        return Library.LiveObjects();
    }
}

/// <summary>What tests say.</summary>
static class Check
{
    // Nothing is waited for longer than that; it is no time that is tested.
    static readonly TimeSpan Long = TimeSpan.FromSeconds(60);
    [ThreadStatic] static Stopwatch patience;

    internal static bool Later()
    {
        if (patience == null) patience = Stopwatch.StartNew();
        if (patience.Elapsed < Long) return true;
        patience = null;
        return false;
    }

    internal static void Equal<T>(T expected, T actual, string what = "value")
    {
        if (!object.Equals(expected, actual)) throw new Exception(what + ": " + actual + " in place of " + expected);
    }

    internal static void True(bool condition, string what = "condition")
    {
        if (!condition) throw new Exception(what + " does not hold");
    }

    internal static T Throws<T>(Action action) where T : Exception
    {
        try
        {
            action();
        }
        catch (T expected)
        {
            return expected;
        }
        throw new Exception("no " + typeof(T).Name);
    }

    internal static void Status(Status status, Action action)
    {
        Equal(status, Throws<LibSchedException>(action).Status, "status");
    }

    internal static void Comes(WaitHandle handle, string what = "event")
    {
        True(handle.WaitOne(Long), what);
    }

    internal static void Comes(Func<bool> condition, string what = "state")
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            True(watch.Elapsed < Long, what);
            Thread.Sleep(1);
        }
    }
}
