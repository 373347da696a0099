using System.Threading;
using LibSched;

class DequeTest
{
    public void OwnerAndStealer()
    {
        using (var deque = new Deque<string>(true, 3))
        using (Stealer<string> stealer = deque.CreateStealer())
        using (var other = new Deque<string>())
        {
            Check.True(deque.Push("a") && deque.Push("b") && deque.Push("c"), "room");
            Check.True(!deque.Push("d"), "full");
            string item;
            Check.True(deque.Pop(out item) && item == "c", "newest");
            Check.Equal(Steal.Success, stealer.Take(out item));
            Check.Equal("a", item);
            Check.Equal(Steal.Success, stealer.TakeBatch(other));
            Check.True(other.Pop(out item) && item == "b", "moved");
            Check.Equal(Steal.Empty, stealer.Take(out item));
            Check.True(!deque.Pop(out item), "empty");
            Check.Equal(0L, deque.Count);
        }
    }

    public void InjectorIsFirstInFirstOut()
    {
        using (var injector = new Injector<int>())
        using (var deque = new Deque<int>())
        {
            for (int i = 0; i < 100; i++) injector.Push(i);
            int sum = 0, item;
            Check.Equal(Steal.Success, injector.TakeBatch(deque));
            while (deque.Pop(out item)) sum += item;
            for (Steal taken; (taken = injector.Take(out item)) != Steal.Empty;)
            {
                if (taken == Steal.Success) sum += item;
            }
            Check.Equal(4950, sum);
        }
    }

    public void NothingIsTakenTwice()
    {
        using (var injector = new Injector<int>())
        {
            const int All = 20000;
            long sum = 0;
            int taken = 0;
            var threads = new Thread[3];
            for (int t = 0; t < threads.Length; t++)
            {
                threads[t] = new Thread(() =>
                {
                    int item;
                    while (Volatile.Read(ref taken) < All)
                    {
                        if (injector.Take(out item) != Steal.Success) continue;
                        Interlocked.Add(ref sum, item);
                        Interlocked.Increment(ref taken);
                    }
                });
                threads[t].Start();
            }
            for (int i = 0; i < All; i++) injector.Push(i);
            foreach (Thread thread in threads) thread.Join();
            Check.Equal((long)All * (All - 1) / 2, sum);
        }
    }

    public void ManyAtOnce()
    {
        using (var injector = new Injector<string>())
        using (var deque = new Deque<string>())
        using (Stealer<string> stealer = deque.CreateStealer())
        using (var other = new Deque<string>())
        {
            injector.PushAll(new string[0]);
            injector.PushAll(new[] { "a", null, "c", "d", "e" });
            Check.Equal(5L, injector.Count);
            string item;
            Check.Equal(Steal.Success, injector.TakeBatchAndPop(deque, out item, 4));
            Check.Equal("a", item);
            Check.True(deque.Count > 0 && injector.Count + deque.Count == 4, "the others");
            Check.Equal(deque.Count, stealer.Count);
            Check.Equal(Steal.Success, stealer.TakeBatchAndPop(other, out item));
            Check.Equal(null, item);
        }
    }
}
