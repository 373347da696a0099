using System.Threading;
using LibSched;

class StealingQueueTest
{
    public void TheMostUrgentIsFirst()
    {
        using (var queue = new StealingQueue<string>(2))
        {
            queue.Submit("low", Priority.Low);
            queue.Submit("normal");
            queue.SubmitLocal(0, "local");
            queue.Submit("high", Priority.High);
            Check.Equal("2 2", queue.Contexts + " " + queue.Count(Priority.Normal));
            Check.Equal("high", Next(queue, 0));
            Check.Equal("local", Next(queue, 0));
            Check.Equal("normal", Next(queue, 1));
            Check.Equal("low", Next(queue, 1));
            string none;
            Check.Equal(Steal.Empty, queue.Next(0, out none));
        }
    }

    static string Next(StealingQueue<string> queue, int context)
    {
        string item;
        Check.Equal(Steal.Success, queue.Next(context, out item));
        return item;
    }

    public void ContextsShareTheWork()
    {
        const int All = 10000;
        using (var queue = new StealingQueue<int>(2))
        {
            for (int i = 0; i < All; i++) queue.SubmitLocal(0, i);
            long sum = 0;
            int taken = 0, stolen = 0;
            var thief = new Thread(() => Take(queue, 1, ref taken, ref stolen, ref sum));
            thief.Start();
            // It finds something.
            Check.Comes(() => Volatile.Read(ref stolen) != 0);
            int own = 0;
            Take(queue, 0, ref taken, ref own, ref sum);
            thief.Join();
            Check.Equal(All, own + stolen);
            Check.Equal(All * (All - 1L) / 2, sum);
        }
    }

    static void Take(StealingQueue<int> queue, int context, ref int taken, ref int mine, ref long sum)
    {
        int item;
        while (Volatile.Read(ref taken) < 10000)
        {
            if (queue.Next(context, out item) != Steal.Success) continue;
            Interlocked.Add(ref sum, item);
            Interlocked.Increment(ref mine);
            Interlocked.Increment(ref taken);
        }
    }

    public void WhatIsLeftIsForgotten()
    {
        var queue = new StealingQueue<object>();
        Check.True(queue.Contexts >= 1, "one for each CPU");
        queue.Submit(null, Priority.Low);
        queue.SubmitLocal(0, new object());
        queue.Dispose();
    }
}
