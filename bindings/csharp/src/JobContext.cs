using System;

namespace LibSched
{
    /// <summary>
    /// A job at work, as its own action sees it. Valid, for any thread, until the action returns; then members throw
    /// ObjectDisposedException. Since 0.1.
    /// </summary>
    public sealed class JobContext
    {
        private readonly object gate = new object(); // the job does not end in the midst of a call
        private long job;

        internal JobContext(long job)
        {
            this.job = job;
        }

        internal void End()
        {
            lock (gate) job = 0;
        }

        private long Address
        {
            get
            {
                if (job == 0) throw new ObjectDisposedException("JobContext");
                return job;
            }
        }

        /// <summary>The job. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">the job has ended</exception>
        public Job Job
        {
            get { lock (gate) return new Job(Raw.job_id(Address)); }
        }

        /// <summary>Whether it should end early: its time is over, or its run is cancelled. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">the job has ended</exception>
        public bool IsCancelled
        {
            get { lock (gate) return Raw.job_cancelled(Address) != 0; }
        }

        /// <summary>Lets those go on that wait for its early signal. Does not block. Since 0.1.</summary>
        /// <exception cref="LibSchedException"><see cref="Status.State"/>: it has done so before, or is fresh</exception>
        /// <exception cref="ObjectDisposedException">the job has ended</exception>
        public void SignalEarly()
        {
            lock (gate) LibSchedException.Check(Raw.job_signal_early(Address));
        }

        /// <summary>Sends a message to the handler of the run. Does not block. Since 0.1.</summary>
        /// <param name="text">as <see cref="RunMessage.Text"/></param>
        /// <exception cref="ArgumentNullException">text is null</exception>
        /// <exception cref="ObjectDisposedException">the job has ended</exception>
        public void Message(string text)
        {
            if (text == null) throw new ArgumentNullException(nameof(text));
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
            lock (gate) LibSchedException.Check(Raw.job_message(Address, bytes, bytes.Length));
        }
    }
}
