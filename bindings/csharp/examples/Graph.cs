// Compiles and links C programs as jobs of a graph, under make's jobserver if there is one: Graph COMPILER OUT SOURCE...
// Each source becomes an object and that a program; what is newer than its source is fresh.

using System;
using System.IO;
using LibSched;

static class GraphExample
{
    static int Main(string[] arguments)
    {
        if (arguments.Length < 3)
        {
            Console.Error.WriteLine("Usage: Graph COMPILER OUT SOURCE...");
            return 2;
        }
        string compiler = arguments[0], output = arguments[1];
        // Before other files are opened: the descriptors are make's.
        using (Jobserver jobserver = Jobserver.Inherit(Library.UsableCpus))
        using (var graph = new Graph())
        using (var pool = new Pool())
        {
            Job all = graph.Add("all", context => context.Message("all programs are there"));
            for (int i = 2; i < arguments.Length; i++)
            {
                string source = arguments[i];
                string program = Path.Combine(output, Path.GetFileNameWithoutExtension(source));
                Job compile = graph.Add(Command(program + ".o", source, compiler, "-c", "-o", program + ".o", source));
                Job link = graph.Add(Command(program, source, compiler, "-o", program, program + ".o"), compile);
                graph.Depend(all, link);
            }
            var options = new RunOptions { Jobserver = jobserver, KeepGoing = true, Handler = Tell };
            using (RunResult result = graph.Run(pool, options))
            {
                Console.WriteLine("{0} done, {1} fresh, {2} failed, {3} skipped; critical path {4:0.00} s of {5:0.00} s",
                    result.Done, result.Fresh, result.Failed, result.Skipped, result.CriticalPath.TotalSeconds,
                    result.Makespan.TotalSeconds);
                return result.Succeeded ? 0 : 1;
            }
        }
    }

    static JobOptions Command(string target, string source, params string[] command)
    {
        bool fresh = File.Exists(target) && File.GetLastWriteTimeUtc(target) >= File.GetLastWriteTimeUtc(source);
        return new JobOptions { Name = target, Command = command, Fresh = fresh };
    }

    static bool Tell(RunMessage message)
    {
        switch (message.Kind)
        {
            case RunMessageKind.Started:
                Console.WriteLine("[{0}/{1}] {2}", message.Ended, message.Total, message.Name);
                break;
            case RunMessageKind.Output:
            case RunMessageKind.Error:
            case RunMessageKind.Own:
                Console.WriteLine(message.Text);
                break;
            case RunMessageKind.Finished:
                if (message.State == JobState.Failed) Console.WriteLine("FAILED " + message.Name + ": " + message.Text);
                break;
        }
        return true;
    }
}
