using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace LibSched
{
    /// <summary>A job's action as the native side calls it. Its slot is the graph's, until that forgets the job.</summary>
    internal sealed class JobBody
    {
        private readonly Action<JobContext> action;
        private readonly StrongBox<Run> underWay; // of the graph

        internal JobBody(Action<JobContext> action, StrongBox<Run> underWay)
        {
            this.action = action;
            this.underWay = underWay;
        }

        internal int Run(long job)
        {
            Run run = Volatile.Read(ref underWay.Value);
            // A fresh one is called by the thread that waits, which is no worker of the pool.
            if (run.IsCalling) return Run(run, job);
            WorkerTask running = Worker.Enter(run.Engine, 0);
            int result = Run(run, job);
            running.Leave();
            return result;
        }

        private int Run(Run run, long job)
        {
            var context = new JobContext(job, underWay);
            try
            {
                var call = new Call { Action = action, Context = context };
                if (run.IsCalling) Abortable.Run(call);
                else Isolated.Run(call, Worker.Current);
                return 0;
            }
            catch (Exception exception)
            {
                ProcessEnd.Aborted(exception);
                run.Thrown[Raw.job_id(job)] = exception;
                return (int)Status.Exception;
            }
            finally
            {
                context.End();
            }
        }

        private struct Call : IUserCode
        {
            internal Action<JobContext> Action;
            internal JobContext Context;

            public void Run()
            {
                Action(Context);
            }
        }
    }
}
