// What the border costs, and what we cost beside .NET's own pool. All rows in turn, again and again; medians of the passes.
// BorderBench PASSES WARM-UP

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using LibSched;

static class BorderBench
{
    const int Tasks = 1000000;
    const int Slice = 1000;
    static readonly Action Empty = () => { };

    static void Main(string[] arguments)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        int passes = arguments.Length > 0 ? int.Parse(arguments[0]) : 15;
        int warmUp = arguments.Length > 1 ? int.Parse(arguments[1]) : 5;
        using (var pool = new Pool())
        using (var one = new Pool(new PoolOptions { Workers = 1 }))
        {
            Action[] slice = Enumerable.Repeat(Empty, Slice).ToArray();
            var rows = new List<KeyValuePair<string, Action>>
            {
                Row("ThreadPool.QueueUserWorkItem", OwnPool),
                Row("Pool.Submit", () => Submit(pool)),
                Row("Pool.Submit, 1 worker", () => Submit(one)),
                Row("Pool.SubmitAll, slices of 1000", () =>
                {
                    for (int i = 0; i < Tasks / Slice; i++) pool.SubmitAll(slice);
                    pool.WaitIdle();
                }),
                Row("a downcall (Count of a queue)", Downcalls),
                Row("an upcall (a part of a loop)", () => one.ParallelFor(0, Tasks, (from, to) => { }, 1)),
            };
            var figures = rows.Select(row => new List<double>()).ToArray();
            for (int pass = -warmUp; pass < passes; pass++)
            {
                for (int i = 0; i < rows.Count; i++)
                {
                    var watch = Stopwatch.StartNew();
                    rows[i].Value();
                    double each = watch.Elapsed.TotalMilliseconds * 1e6 / Tasks;
                    if (pass >= 0) figures[i].Add(each);
                }
            }
            double own = Median(figures[0]);
            Console.WriteLine("{0,-36} {1,8} {2,8} {3,8} {4,9}", "", "median", "least", "most", "/ own");
            for (int i = 0; i < rows.Count; i++)
            {
                Console.WriteLine("{0,-36} {1,8:0} {2,8:0} {3,8:0} {4,9:0.00}", rows[i].Key, Median(figures[i]), figures[i].Min(),
                    figures[i].Max(), Median(figures[i]) / own);
            }
        }
    }

    static double Median(List<double> figures)
    {
        return figures.OrderBy(figure => figure).ElementAt(figures.Count / 2);
    }

    static KeyValuePair<string, Action> Row(string name, Action pass)
    {
        return new KeyValuePair<string, Action>(name, pass);
    }

    static void OwnPool()
    {
        int left = Tasks;
        using (var done = new ManualResetEventSlim())
        {
            WaitCallback task = state =>
            {
                if (Interlocked.Decrement(ref left) == 0) done.Set();
            };
            for (int i = 0; i < Tasks; i++) ThreadPool.QueueUserWorkItem(task);
            done.Wait();
        }
    }

    static void Submit(Pool pool)
    {
        for (int i = 0; i < Tasks; i++) pool.Submit(Empty);
        pool.WaitIdle();
    }

    static void Downcalls()
    {
        using (var queue = new MessageQueue<int>())
        {
            for (int i = 0; i < Tasks; i++) GC.KeepAlive(queue.Count == 0);
        }
    }
}
