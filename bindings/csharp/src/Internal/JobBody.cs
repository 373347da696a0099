using System;
using System.Collections.Concurrent;

namespace LibSched
{
    /// <summary>A job's action as the native side calls it. Its slot is the graph's, until that forgets the job.</summary>
    internal sealed class JobBody
    {
        private readonly Action<JobContext> action;
        private readonly ConcurrentDictionary<long, Exception> thrown;

        internal JobBody(Action<JobContext> action, ConcurrentDictionary<long, Exception> thrown)
        {
            this.action = action;
            this.thrown = thrown;
        }

        internal int Run(long job)
        {
            var context = new JobContext(job);
            try
            {
                action(context);
                return 0;
            }
            catch (Exception exception)
            {
                ProcessEnd.Aborted(exception);
                thrown[Raw.job_id(job)] = exception;
                return (int)Status.Exception;
            }
            finally
            {
                context.End();
            }
        }
    }
}
