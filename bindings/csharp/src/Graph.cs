using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// Jobs that wait for each other, actions and commands, run in the best order: the most urgent first, then the one with the
    /// longest path behind it. It is built in any order by one thread at a time, then run, as often as one likes. Commands
    /// that run as this process ends go on. Since 0.1.
    /// </summary>
    public sealed class Graph : IDisposable
    {
        private readonly NativeHandle handle;
        private readonly StrongBox<Run> underWay = new StrongBox<Run>();
        private readonly HashSet<long> jobs = new HashSet<long>(); // its own lock

        /// <summary>Makes a graph without jobs. Does not block. Since 0.1.</summary>
        /// <param name="downstream">ready jobs go by the costs of all that waits for them, in place of the longest path</param>
        public Graph(bool downstream = false)
        {
            handle = new NativeHandle(Raw.graph_create(downstream ? Raw.GRAPH_DOWNSTREAM : 0), Raw.graph_unref, "Graph");
        }

        /// <summary>Adds a job. Does not block. Since 0.1.</summary>
        /// <param name="name">of no other job; null: none</param>
        /// <param name="action">what it does, on a worker; null: nothing</param>
        /// <param name="dependencies">the jobs whose ends it waits for</param>
        /// <returns>the job</returns>
        /// <exception cref="ArgumentNullException">dependencies is null</exception>
        /// <exception cref="ArgumentException">the name has a NUL</exception>
        /// <exception cref="LibSchedException">
        /// <see cref="Status.State"/>: the graph has run; <see cref="Status.Stale"/>: a dependency is no job of this graph;
        /// <see cref="Status.Busy"/>: the graph is used by another thread
        /// </exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public Job Add(string name, Action<JobContext> action, params Job[] dependencies)
        {
            return Add(new JobOptions { Name = name, Action = action }, dependencies);
        }

        /// <summary>Adds a job. Does not block. Since 0.1.</summary>
        /// <param name="options">what it is; copied</param>
        /// <param name="dependencies">the jobs whose ends it waits for</param>
        /// <returns>the job</returns>
        /// <exception cref="ArgumentNullException">options or dependencies is null</exception>
        /// <exception cref="ArgumentException">it is both an action and a command; a text has a NUL; the command is empty</exception>
        /// <exception cref="ArgumentOutOfRangeException">an option is outside its range</exception>
        /// <exception cref="LibSchedException">
        /// <see cref="Status.State"/>: the graph has run; <see cref="Status.Stale"/>: a dependency is no job of this graph;
        /// <see cref="Status.Busy"/>: the graph is used by another thread
        /// </exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public Job Add(JobOptions options, params Job[] dependencies)
        {
            if (options == null) throw new ArgumentNullException(nameof(options));
            if (dependencies == null) throw new ArgumentNullException(nameof(dependencies));
            // What is added stays.
            lock (jobs)
            {
                foreach (Job dependency in dependencies)
                {
                    if (jobs.Contains(dependency.Id)) continue;
                    throw LibSchedException.Of(Code.Stale, "no job of this graph has the number " + dependency.Id);
                }
            }
            long graph;
            Job job;
            using (handle.Enter(out graph)) job = options.AddBy(raw => Raw.graph_add(graph, raw), underWay);
            lock (jobs) jobs.Add(job.Id);
            foreach (Job dependency in dependencies) Depend(job, dependency);
            return job;
        }

        /// <summary>Lets one job wait for another. Does not block. Since 0.1.</summary>
        /// <param name="dependent">the job that waits</param>
        /// <param name="dependency">the job that it waits for</param>
        /// <param name="early">whether its early signal is enough</param>
        /// <exception cref="LibSchedException">
        /// <see cref="Status.Stale"/>: no job of this graph; <see cref="Status.State"/>; <see cref="Status.Busy"/>
        /// </exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Depend(Job dependent, Job dependency, bool early = false)
        {
            long graph;
            using (handle.Enter(out graph))
            {
                LibSchedException.Check(
                    Raw.graph_depend(graph, dependent.Id, dependency.Id, early ? Raw.EARLY : Raw.FINISHED));
            }
        }

        /// <summary>The same by the jobs' names, which may come later. Does not block. Since 0.1.</summary>
        /// <param name="dependent">the job that waits</param>
        /// <param name="dependency">the job that it waits for</param>
        /// <param name="early">whether its early signal is enough</param>
        /// <exception cref="ArgumentException">a name is null, empty, or has a NUL</exception>
        /// <exception cref="LibSchedException"><see cref="Status.State"/>: the graph has run; <see cref="Status.Busy"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Depend(string dependent, string dependency, bool early = false)
        {
            Checked.Name(dependent, nameof(dependent));
            Checked.Name(dependency, nameof(dependency));
            long graph;
            using (handle.Enter(out graph))
            {
                LibSchedException.Check(
                    Raw.graph_depend_name(graph, dependent, dependency, early ? Raw.EARLY : Raw.FINISHED));
            }
        }

        /// <summary>Finds a job. Does not block. Since 0.1.</summary>
        /// <param name="name">its name</param>
        /// <returns>the job; none: there is no such name</returns>
        /// <exception cref="ArgumentException">the name is null, empty, or has a NUL</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Busy"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public Job Find(string name)
        {
            Checked.Name(name, nameof(name));
            long graph;
            using (handle.Enter(out graph))
            {
                long id = Raw.graph_find(graph, name);
                return id == Code.Empty ? default(Job) : new Job(id);
            }
        }

        /// <summary>Makes a class of jobs of which only some are at work at a time. Does not block. Since 0.1.</summary>
        /// <param name="name">of the class</param>
        /// <param name="most">most jobs of it at work, 1 or more</param>
        /// <returns>for <see cref="JobOptions.LimitClass"/></returns>
        /// <exception cref="ArgumentException">the name is null, empty, or has a NUL</exception>
        /// <exception cref="ArgumentOutOfRangeException">most is less than 1</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Busy"/></exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public int AddLimit(string name, int most)
        {
            Checked.AtLeast(1, most, nameof(most));
            Checked.Name(name, nameof(name));
            long graph;
            using (handle.Enter(out graph)) return (int)LibSchedException.Check(Raw.graph_limit(graph, name, (uint)most));
        }

        /// <summary>
        /// Finds what is wrong, as a run does first; after it the graph takes no more jobs. Does not block. Since 0.1.
        /// </summary>
        /// <exception cref="LibSchedException">
        /// <see cref="Status.Cycle"/>: jobs wait for each other, and the message names them in order; EEXIST, ENOENT: of names
        /// </exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Freeze()
        {
            long graph;
            using (handle.Enter(out graph)) LibSchedException.Check(Raw.graph_freeze(graph));
        }

        /// <summary>
        /// Runs all jobs, and blocks until nothing is at work any more. By default the first failure ends it: what is at work is
        /// waited for. Since 0.1.
        /// </summary>
        /// <param name="pool">where actions run; null if there are none</param>
        /// <param name="options">how; null: all defaults</param>
        /// <param name="token">ends the run: commands are stopped, actions see it by <see cref="JobContext.IsCancelled"/></param>
        /// <returns>what has become of the jobs, also if some have failed; to be disposed</returns>
        /// <exception cref="ArgumentNullException">pool is null, and there are jobs with actions</exception>
        /// <exception cref="ArgumentException">options do not go together: Group needs a Handler, Brokers a Jobserver</exception>
        /// <exception cref="ArgumentOutOfRangeException">an option is outside its range</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled; nothing is at work any more</exception>
        /// <exception cref="LibSchedException">
        /// what is wrong with the graph, as <see cref="Freeze"/>; <see cref="Status.Deadlock"/>: a worker of the pool calls;
        /// <see cref="Status.Closed"/>: the pool was shut down; <see cref="Status.Busy"/>: it is being run
        /// </exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public RunResult Run(Pool pool, RunOptions options = null, CancellationToken token = default(CancellationToken))
        {
            var run = new Run(options ?? new RunOptions(), pool == null ? null : pool.Engine);
            long graph;
            using (handle.Enter(out graph))
            {
                if (Interlocked.CompareExchange(ref underWay.Value, run, null) != null)
                {
                    throw LibSchedException.Of(Code.Busy, "the graph is being used");
                }
                try
                {
                    return Run(run, graph, pool, token);
                }
                finally
                {
                    Volatile.Write(ref underWay.Value, null);
                }
            }
        }

        private static RunResult Run(Run run, long graph, Pool pool, CancellationToken token)
        {
            long address;
            try
            {
                using (NativeHandle.Enter(pool?.Engine.Handle, out address)) return run.Start(graph, address, token);
            }
            catch (LibSchedException refusal) when (refusal.Status == Status.State && refusal.Message.StartsWith(RunOptions.ComputeFlag))
            {
                throw LibSchedException.Of(Code.State, "Compute" + refusal.Message.Substring(RunOptions.ComputeFlag.Length));
            }
            catch (LibSchedException refusal) when (pool == null && refusal.Status == Status.Null)
            {
                throw new ArgumentNullException(nameof(pool), "pool is null, and the graph has jobs with actions.");
            }
        }

        /// <summary>Forgets the jobs. Does not block. Since 0.1.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }
    }
}
