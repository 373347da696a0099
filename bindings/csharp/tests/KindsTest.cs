using System;
using System.Threading;
using LibSched;

/// <summary>Items, jobs and parts of loops are tasks of their pool as actions are.</summary>
class KindsTest
{
    public void WaitsForATaskOfTheSamePool()
    {
        // The only worker runs the awaited Task itself.
        OfEachKind(1, pool => Check.Equal(5, pool.Run(() => 5).Result));
    }

    public void MayDispose()
    {
        OfEachKind(2, pool => pool.Dispose());
    }

    static void OfEachKind(int workers, Action<Pool> body)
    {
        Of(workers, (pool, run) => pool.Submit(run), body);
        Of(workers, (pool, run) =>
        {
            using (var dispatcher = new Dispatcher<int>(pool, item => run()))
            using (Channel<int> channel = dispatcher.CreateChannel()) channel.SendAsync(1).Wait();
        }, body);
        Of(workers, (pool, run) =>
        {
            using (var graph = new Graph())
            {
                graph.Add("job", context => run());
                graph.Run(pool).Dispose();
            }
        }, body);
        Of(workers, (pool, run) => pool.ParallelFor(0, 1, (long index) => run()), body);
    }

    static void Of(int workers, Action<Pool, Action> start, Action<Pool> body)
    {
        var pool = new Pool(new PoolOptions { Workers = workers });
        var ended = new ManualResetEvent(false);
        Exception thrown = null;
        Action run = () =>
        {
            try
            {
                body(pool);
            }
            catch (Exception exception)
            {
                thrown = exception;
            }
            ended.Set();
        };
        var thread = new Thread(() => start(pool, run)) { IsBackground = true };
        thread.Start();
        Check.Comes(ended, "its end");
        thread.Join();
        Check.Equal(null, thrown, "what was thrown");
        pool.Dispose();
    }
}
