using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using LibSched;

/// <summary>What each public member refuses: with which exception, naming which parameter or option, and with which value.</summary>
class ArgumentsTest
{
    static readonly CancellationToken Cancelled = new CancellationToken(true);
    static readonly CancellationToken None = CancellationToken.None;
    static readonly TimeSpan Negative = TimeSpan.FromSeconds(-2);
    const Priority NoPriority = (Priority)3;

    public void OfPools()
    {
        Null("options", () => new Pool(null));
        foreach (int workers in new[] { -1, 1025, 1000000 }) Range("Workers", workers, new PoolOptions { Workers = workers });
        foreach (int spare in new[] { -2, 1025 }) Range("Spare", spare, new PoolOptions { Spare = spare });
        Range("Capacity", -1L, new PoolOptions { Capacity = -1 });
        Range("NormalBound", -1, new PoolOptions { NormalBound = -1 });
        foreach (int bound in new[] { -1, 1 }) Range("LowBound", (long)bound, new PoolOptions { LowBound = bound });
        Range("NormalCap", -1, new PoolOptions { NormalCap = -1 });
        Range("HighCap", -1, new PoolOptions { HighCap = -1 });
        Range("LowCap", -1, new PoolOptions { LowCap = -1 });
        foreach (int cpu in new[] { -1, 1024 }) Range("Cpus[1]", cpu, new PoolOptions { Cpus = new[] { 0, cpu } });
        foreach (long size in new[] { -1, 65535, long.MaxValue }) Range("StackSize", size, new PoolOptions { StackSize = size });
        Bad("Name", "index 1", () => new Pool(new PoolOptions { Name = "a\0b" }));
        // What is unusual is right all the same.
        new Pool(new PoolOptions
        {
            Name = new string('x', 100000),
            Spare = -1,
            Cpus = new int[0],
            NormalCap = int.MaxValue,
            Capacity = long.MaxValue,
            StackSize = 65536,
            LowBound = 2,
        }).Dispose();
    }

    static void Range(string name, object value, PoolOptions options)
    {
        Range(name, value, () => new Pool(options));
    }

    public void OfTasks()
    {
        using (var pool = new Pool(new PoolOptions { Workers = 1 }))
        using (Group group = pool.CreateGroup())
        {
            Action task = () => { };
            var hole = new[] { task, null };
            Null("task", () => pool.Submit(null));
            Null("task", () => pool.TrySubmit(null, TimeSpan.Zero));
            Null("task", () => group.Submit(null));
            Null("tasks", () => pool.SubmitAll(null));
            Null("tasks", () => group.SubmitAll(null));
            Bad("tasks", "tasks[1]", () => pool.SubmitAll(hole));
            Bad("tasks", "tasks[1]", () => group.SubmitAll(hole));
            Null("action", () => { pool.Run((Action)null); });
            Null("function", () => { pool.Run((Func<int>)null); });
            Null("function", () => { pool.Run((Func<Task>)null); });
            Null("function", () => { pool.Run((Func<Task<int>>)null); });
            Null("task", () => Blocking.Wait(null));
            Null("task", () => Blocking.Wait((Task<int>)null));

            Range("priority", NoPriority, () => pool.Submit(task, NoPriority));
            Range("priority", NoPriority, () => pool.TrySubmit(task, TimeSpan.Zero, None, NoPriority));
            Range("priority", NoPriority, () => pool.SubmitAll(new Action[0], NoPriority));
            Range("priority", NoPriority, () => { pool.Run(task, None, NoPriority); });
            Range("priority", NoPriority, () => { pool.Run(() => 5, None, NoPriority); });
            Range("priority", NoPriority, () => pool.GetScheduler(NoPriority));
            Range("priority", NoPriority, () => { var none = pool.GetStats()[NoPriority]; });
            Range("priority", NoPriority, () => group.Submit(task, NoPriority));
            Range("priority", NoPriority, () => group.SubmitAll(new Action[0], NoPriority));
            Range("priority", NoPriority, () => new PoolScheduler(pool, NoPriority));
            Null("pool", () => new PoolScheduler(null));

            EndsByToken(token => pool.Submit(task, Priority.Normal, token));
            EndsByToken(token => pool.Submit(task, Priority.High, token));
            EndsByToken(token => pool.SubmitAll(new[] { task }, Priority.Normal, token));
            EndsByToken(token => group.Submit(task, Priority.Normal, token));
            EndsByToken(token => group.SubmitAll(new[] { task }, Priority.Normal, token));
            Check.Throws<AggregateException>(() => pool.Run(task, Cancelled).Wait());
            Waits((timeout, token) => pool.TrySubmit(task, timeout, token));
            Waits((timeout, token) => pool.WaitIdle(timeout, token));
            Waits((timeout, token) => group.Wait(timeout, token));
            group.Wait();
            pool.Shutdown();
            Waits((timeout, token) => pool.WaitForShutdown(timeout, token));
        }
    }

    public void OfLoops()
    {
        using (var pool = new Pool())
        {
            Action<long, long> part = (first, end) => { };
            Action<long> body = index => { };
            Null("body", () => pool.ParallelFor(0, 1, (Action<long>)null));
            Null("body", () => pool.ParallelFor(0, 1, (Action<long, long>)null));
            Range("grain", -1L, () => pool.ParallelFor(0, 1, part, -1));
            Range("to", long.MaxValue, () => pool.ParallelFor(-1, long.MaxValue, part));
            Range("to", 0L, () => pool.ParallelFor(long.MinValue, 0, body));
            Range("priority", NoPriority, () => pool.ParallelFor(0, 1, part, 0, None, NoPriority));
            foreach (int end in new[] { 0, 1 })
            {
                EndsByToken(token => pool.ParallelFor(0, end, part, 0, token));
                EndsByToken(token => pool.ParallelFor(0, end, body, token));
            }
            long indices = 0;
            pool.ParallelFor(long.MaxValue - 3, long.MaxValue, index => Interlocked.Increment(ref indices));
            pool.ParallelFor(0, 3, (first, end) => Interlocked.Add(ref indices, end - first), long.MaxValue);
            pool.ParallelFor(1, -1, index => Interlocked.Increment(ref indices));
            Check.Equal(6L, indices);
        }
    }

    public void OfDispatchers()
    {
        using (var pool = new Pool())
        {
            Null("pool", () => new Dispatcher<int>(null, item => { }));
            Null("work", () => new Dispatcher<int>(pool, null));
            Range("limit", -1, () => new Dispatcher<int>(pool, item => { }, -1));
            using (var dispatcher = new Dispatcher<int>(pool, item => { }))
            {
                Range("limit", -1, () => dispatcher.SetLimit(-1));
                Range("Bound", -1L, () => dispatcher.CreateChannel(new ChannelOptions { Bound = -1 }));
                foreach (int weight in new[] { -1, 65537 })
                {
                    Range("Weight", weight, () => dispatcher.CreateChannel(new ChannelOptions { Weight = weight }));
                }
                Range("Limit", -1, () => dispatcher.CreateChannel(new ChannelOptions { Limit = -1 }));
                Range("Priority", NoPriority, () => dispatcher.CreateChannel(new ChannelOptions { Priority = NoPriority }));
                Bad("Name", "index 1", () => dispatcher.CreateChannel(new ChannelOptions { Name = "a\0b" }));
                using (Channel<int> channel = dispatcher.CreateChannel(new ChannelOptions { Name = new string('x', 100000) }))
                {
                    Range("limit", -1, () => channel.SetLimit(-1));
                    EndsByToken(token => channel.Send(1, token));
                    Null("items", () => channel.SendAll(null));
                    EndsByToken(token => channel.SendAll(new[] { 1 }, token));
                    EndsByToken(token => { channel.SendAsync(1, token); });
                    Waits((timeout, token) => channel.TrySend(1, timeout, token));
                }
                Waits((timeout, token) => dispatcher.Wait(timeout, token));
                Waits((timeout, token) => dispatcher.Shutdown(false, timeout, token));
            }
        }
    }

    public void OfQueues()
    {
        Range("bound", -1L, () => new MessageQueue<int>(-1));
        Range("bound", -1L, () => new ByteQueue(-1));
        Range("byteBound", -1L, () => new ByteQueue(0, -1));
        int message;
        using (var queue = new MessageQueue<int>(long.MaxValue))
        using (MessageSender<int> sender = queue.CreateSender())
        {
            Range("most", -1, () => queue.PopAll(-1));
            EndsByToken(token => queue.Pop(token));
            EndsByToken(token =>
            {
                foreach (int each in queue.GetConsumingEnumerable(token)) Check.Equal(0, each);
            });
            Waits((timeout, token) => queue.TryPush(1, timeout, token));
            Waits((timeout, token) => sender.TryPush(1, timeout, token));
            Waits((timeout, token) => queue.TryPop(out message, timeout, token));
        }
        using (var queue = new ByteQueue(0, 10))
        using (ByteSender sender = queue.CreateSender())
        {
            var bytes = new byte[11];
            Null("bytes", () => queue.Push(null));
            Null("bytes", () => sender.Push(null));
            Null("bytes", () => queue.TryPush(null, -1, TimeSpan.Zero));
            Null("bytes", () => sender.TryPush(null, -1, TimeSpan.Zero));
            foreach (int count in new[] { -2, 12 })
            {
                Range("count", count, () => queue.Push(bytes, count));
                Range("count", count, () => sender.Push(bytes, count));
                Range("count", count, () => queue.TryPush(bytes, count, TimeSpan.Zero));
                Range("count", count, () => sender.TryPush(bytes, count, TimeSpan.Zero));
            }
            // They never fit.
            Range("count", 11, () => queue.TryPush(bytes, -1, Timeout.InfiniteTimeSpan), "10 or less");
            Range("count", 11, () => sender.TryPush(bytes, -1, Timeout.InfiniteTimeSpan), "10 or less");
            Check.Equal(0L, queue.Count, "messages");
            Waits((timeout, token) => queue.TryPush(bytes, 5, timeout, token));
            Waits((timeout, token) => sender.TryPush(bytes, 5, timeout, token));
            Null("buffer", () => queue.TryPop((byte[])null));
            Null("buffer", () => queue.TryPop((byte[])null, TimeSpan.Zero));
            Bad("buffer", "4 bytes, and must have 5", () => queue.TryPop(new byte[4]));
            Bad("buffer", "4 bytes, and must have 5", () => queue.TryPop(new byte[4], TimeSpan.Zero));
            Check.Equal(2L, queue.Count, "messages");
            byte[] copy;
            Waits((timeout, token) => queue.TryPop(bytes, timeout, token));
            Waits((timeout, token) => queue.TryPop(out copy, timeout, token));
        }
    }

    public void OfDeques()
    {
        foreach (long capacity in new[] { -1, (1L << 40) + 1, long.MaxValue })
        {
            Range("maxCapacity", capacity, () => new Deque<int>(false, capacity));
        }
        new Deque<int>(false, 1L << 40).Dispose();
        int item;
        using (var deque = new Deque<int>())
        using (Stealer<int> stealer = deque.CreateStealer())
        using (var injector = new Injector<int>())
        {
            Null("items", () => injector.PushAll(null));
            Null("destination", () => stealer.TakeBatch(null));
            Null("destination", () => injector.TakeBatch(null));
            Null("destination", () => stealer.TakeBatchAndPop(null, out item));
            Null("destination", () => injector.TakeBatchAndPop(null, out item));
            Range("limit", -1, () => stealer.TakeBatch(deque, -1));
            Range("limit", -1, () => injector.TakeBatch(deque, -1));
            Range("limit", -1, () => stealer.TakeBatchAndPop(deque, out item, -1));
            Range("limit", -1, () => injector.TakeBatchAndPop(deque, out item, -1));
            Check.Equal(Steal.Empty, injector.TakeBatch(deque, int.MaxValue));
        }
    }

    public void OfStealingQueues()
    {
        foreach (int contexts in new[] { -1, 1025 }) Range("contexts", contexts, () => new StealingQueue<int>(contexts));
        Range("normalBound", -1, () => new StealingQueue<int>(1, -1));
        foreach (int bound in new[] { -1, 1 }) Range("lowBound", (long)bound, () => new StealingQueue<int>(1, 0, bound));
        int item;
        using (var queue = new StealingQueue<int>(2))
        {
            foreach (int context in new[] { -1, 2 })
            {
                Range("context", context, () => queue.SubmitLocal(context, 1));
                Range("context", context, () => queue.Next(context, out item));
            }
            Range("priority", NoPriority, () => queue.Submit(1, NoPriority));
            Range("priority", NoPriority, () => queue.SubmitLocal(0, 1, NoPriority));
            Range("priority", NoPriority, () => queue.Count(NoPriority));
        }
    }

    public void OfJobs()
    {
        Action<JobContext> action = job => { };
        using (var graph = new Graph())
        {
            Null("options", () => graph.Add((JobOptions)null));
            Null("dependencies", () => graph.Add("a", action, (Job[])null));
            Bad("Name", "index 1", () => graph.Add("a\0b", action));
            Range("Cost", -1L, graph, new JobOptions { Cost = -1 });
            Range("EarlyCost", -1L, graph, new JobOptions { EarlyCost = -1 });
            Range("Priority", NoPriority, graph, new JobOptions { Priority = NoPriority });
            Range("Weight", -1, graph, new JobOptions { Weight = -1 });
            foreach (int limit in new[] { -1, 1 }) Range("LimitClass", limit, graph, new JobOptions { LimitClass = limit });
            Range("Retries", -1, graph, new JobOptions { Retries = -1 });
            Range("Timeout", Negative, graph, new JobOptions { Timeout = Negative });
            var program = new[] { "true" };
            Bad("Command", "not both", () => graph.Add(new JobOptions { Action = action, Command = program }));
            Bad("Command", "program", () => graph.Add(new JobOptions { Command = new string[0] }));
            Bad("Command", "Command[1]", () => graph.Add(new JobOptions { Command = new[] { "echo", null } }));
            Bad("Command", "index 4", () => graph.Add(new JobOptions { Command = new[] { "echo\0" } }));
            var bad = new Dictionary<string, string> { { "A=B", "c" } };
            Bad("Environment", "A=B", () => graph.Add(new JobOptions { Command = program, Environment = bad }));
            Bad("WorkingDirectory", "index 1", () => graph.Add(new JobOptions { Command = program, WorkingDirectory = "/\0" }));
            foreach (var name in new[] { new[] { "", "a" }, new[] { "a\0b", "a" }, new[] { null, "a" } })
            {
                Bad("dependent", "dependent", () => graph.Depend(name[0], name[1]));
                Bad("dependency", "dependency", () => graph.Depend(name[1], name[0]));
                Bad("name", "name", () => graph.AddLimit(name[0], 1));
                Bad("name", "name", () => graph.Find(name[0]));
            }
            foreach (int most in new[] { -1, 0 }) Range("most", most, () => graph.AddLimit("class", most));
            Check.Status(Status.Stale, () => graph.Add("a", action, default(Job)));
            Check.Status(Status.Stale, () => graph.Depend(default(Job), default(Job)));
            graph.Add(new JobOptions { Name = new string('x', 100000), Timeout = Timeout.InfiniteTimeSpan, Weight = int.MaxValue });
            graph.Add(new JobOptions { Timeout = TimeSpan.MaxValue, Cost = long.MaxValue, Retries = int.MaxValue });
            graph.Run(null).Dispose();
        }
    }

    static void Range(string name, object value, Graph graph, JobOptions options)
    {
        Range(name, value, () => graph.Add(options));
    }

    public void OfRuns()
    {
        using (var pool = new Pool())
        using (var graph = new Graph())
        {
            graph.Add("a", job => Null("text", () => job.Message(null)));
            Null("pool", () => graph.Run(null));
            foreach (int slots in new[] { -1, 4097 }) Range("Slots", slots, () => graph.Run(pool, new RunOptions { Slots = slots }));
            Range("MaxFailures", -1, () => graph.Run(pool, new RunOptions { MaxFailures = -1 }));
            Range("MessageBytes", -1L, () => graph.Run(pool, new RunOptions { MessageBytes = -1 }));
            Range("GroupBytes", -1L, () => graph.Run(pool, new RunOptions { GroupBytes = -1 }));
            Range("Grace", Negative, () => graph.Run(pool, new RunOptions { Grace = Negative }));
            var nowhere = (RunOutput)4;
            Range("Output", nowhere, () => graph.Run(pool, new RunOptions { Output = nowhere }));
            Bad("Output", "Handler", () => graph.Run(pool, new RunOptions { Output = RunOutput.Group }));
            Bad("Brokers", "Jobserver", () => graph.Run(pool, new RunOptions { Brokers = true }));
            EndsByToken(token => graph.Run(pool, null, token));
            using (RunResult result = graph.Run(pool))
            {
                Check.True(result.Succeeded, "succeeded");
                Check.Status(Status.Stale, () => { JobResult none = result[default(Job)]; });
                foreach (string path in new[] { null, "", "/tmp/a\0b" }) Bad("path", "path", () => result.WriteTrace(path));
            }
        }
    }

    public void OfProcesses()
    {
        Null("options", () => Process.Start(null));
        foreach (var command in new[] { null, new string[0] }) Bad("Command", "program", new ProcessOptions(command));
        Bad("Command", "Command[1]", new ProcessOptions("echo", null));
        Bad("Command", "index 4", new ProcessOptions("echo", "safe\0 and more"));
        Bad("WorkingDirectory", "index 1", new ProcessOptions("true") { WorkingDirectory = "/\0tmp" });
        foreach (var variable in new[] { new[] { "A", "x\0y" }, new[] { "A=B", "c" }, new[] { "", "c" }, new[] { "A\0", null } })
        {
            var set = new Dictionary<string, string> { { variable[0], variable[1] } };
            Bad("Environment", "Environment", new ProcessOptions("true") { Environment = set });
        }
        Range("Timeout", Negative, new ProcessOptions("true") { Timeout = Negative });
        Range("Grace", Negative, new ProcessOptions("true") { Grace = Negative });
        Range("Linger", Negative, new ProcessOptions("true") { Linger = Negative });
        foreach (int length in new[] { -1, (1 << 24) + 1 }) Range("MaxLine", length, new ProcessOptions("true") { MaxLine = length });
        Range("MaxOutput", -1L, new ProcessOptions("true") { MaxOutput = -1 });
        Range("CpuSeconds", -1L, new ProcessOptions("true") { CpuSeconds = -1 });
        Range("MemoryBytes", -1L, new ProcessOptions("true") { MemoryBytes = -1 });
        Range("OpenFiles", -1L, new ProcessOptions("true") { OpenFiles = -1 });
        Range("CoreBytes", -2L, new ProcessOptions("true") { CoreBytes = -2 });
        foreach (int descriptor in new[] { -1, 2 })
        {
            Range("Inherit[0]", descriptor, new ProcessOptions("true") { Inherit = new[] { descriptor } });
        }
        Bad("Inherit", "Inherit[0] is 999999", new ProcessOptions("true") { Inherit = new[] { 999999 } });
        Bad("Broker", "Jobserver", new ProcessOptions("true") { Broker = true });
        using (var small = new ByteQueue(0, 16))
        {
            Range("Output.byteBound", 16L, new ProcessOptions("true") { Output = small });
            Range("Errors.byteBound", 16L, new ProcessOptions("true") { Errors = small });
        }
        using (var output = new ByteQueue())
        {
            Bad("MergeErrors", "Errors", new ProcessOptions("true") { Errors = output, MergeErrors = true });
            output.Close();
            var closed = Check.Throws<LibSchedException>(() => Process.Start(new ProcessOptions("true") { Output = output }));
            Check.Equal("Closed: Output is closed", closed.Status + ": " + closed.Message);
        }
        // Those mean for ever.
        foreach (TimeSpan time in new[] { Timeout.InfiniteTimeSpan, TimeSpan.MaxValue })
        {
            using (Process process = Process.Start(new ProcessOptions("sleep", "1000") { Timeout = time, Grace = time }))
            {
                foreach (int signal in new[] { -1, 0, 65, 999 }) Range("signal", signal, () => process.Kill(signal));
                Range("grace", Negative, () => process.Stop(Negative));
                EndsByToken(token => process.Wait(token));
                process.Stop(time);
                Check.Equal(15, process.Wait().Signal);
                Waits((timeout, token) => process.Wait(timeout, token));
            }
        }
        Null("message", () => ProcessOutput.Read(null, 0));
        foreach (int length in new[] { -2, 15, 17 }) Range("length", length, () => ProcessOutput.Read(new byte[16], length));
    }

    static void Range(string name, object value, ProcessOptions options)
    {
        Range(name, value, () => Process.Start(options));
    }

    static void Bad(string name, string text, ProcessOptions options)
    {
        Bad(name, text, () => Process.Start(options));
    }

    public void OfJobservers()
    {
        Range("fallback", -1, () => Jobserver.Inherit(-1));
        Bad("makeflags", "index 1", () => Jobserver.Inherit(0, "a\0b"));
        foreach (int slots in new[] { -1, 0, int.MaxValue }) Range("slots", slots, () => Jobserver.Serve(slots), slots.ToString());
        var style = (JobserverStyle)3;
        Range("style", style, () => Jobserver.Serve(1, style));
        using (Jobserver jobserver = Jobserver.Serve(2))
        {
            EndsByToken(token => jobserver.Acquire(token));
            Waits((timeout, token) => jobserver.TryAcquire(timeout, token).Dispose());
            Null("environment", () => jobserver.SetEnvironment(null));
            using (Broker broker = jobserver.CreateBroker())
            {
                Range("timeout", Negative, () => broker.Wait(Negative));
                EndsByToken(token => broker.Wait(TimeSpan.Zero, token));
            }
        }
    }

    static void Range(string name, object value, Action action, string right = null)
    {
        var thrown = Check.Throws<ArgumentOutOfRangeException>(action);
        Check.Equal(name, thrown.ParamName, "name");
        Check.Equal(value, thrown.ActualValue, name);
        right = right ?? name + " must be ";
        Check.True(thrown.Message.Contains(right) && thrown.Message.Contains(value.ToString()), thrown.Message);
    }

    static void Null(string name, Action action)
    {
        Check.Equal(name, Check.Throws<ArgumentNullException>(action).ParamName, "name");
    }

    static void Bad(string name, string text, Action action)
    {
        var thrown = Check.Throws<ArgumentException>(action);
        Check.Equal(name, thrown.ParamName, "name");
        Check.True(thrown.Message.Contains(text), thrown.Message);
    }

    /// <summary>A token that was cancelled before goes before all else, also where nothing is to be waited for.</summary>
    static void EndsByToken(Action<CancellationToken> call)
    {
        Check.Throws<OperationCanceledException>(() => call(Cancelled));
    }

    /// <summary>The same, and any length of time but another negative one; what is waited for is there.</summary>
    static void Waits(Action<TimeSpan, CancellationToken> call)
    {
        Range("timeout", Negative, () => call(Negative, None));
        EndsByToken(token => call(Timeout.InfiniteTimeSpan, token));
        EndsByToken(token => call(TimeSpan.Zero, token));
        call(TimeSpan.MaxValue, None);
    }

    public void LongTimeoutsAreWaitedFor()
    {
        using (var queue = new ByteQueue())
        using (var source = new CancellationTokenSource(1))
        {
            Check.Throws<OperationCanceledException>(() => queue.TryPop(new byte[0], TimeSpan.MaxValue, source.Token));
        }
    }
}
