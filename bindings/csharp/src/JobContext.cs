using System;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// A job at work, as its own action sees it. Valid, for any thread, until the action returns; then members throw
    /// ObjectDisposedException. Since 0.1.
    /// </summary>
    public sealed class JobContext
    {
        private readonly object gate = new object(); // the job does not end in the midst of a call
        private readonly StrongBox<Run> underWay; // of the graph
        private long job;
        private int calls; // that wait

        internal JobContext(long job, StrongBox<Run> underWay)
        {
            this.underWay = underWay;
            this.job = job;
        }

        internal void End()
        {
            lock (gate)
            {
                job = 0;
                while (calls != 0) Monitor.Wait(gate);
            }
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

        /// <summary>
        /// Takes more slots, such as for threads of its own, with their tokens: all of them, if they are there just now, or none. They go
        /// back at the job's end. Does not block. Since 0.1.
        /// </summary>
        /// <param name="more">how many, 1 or more</param>
        /// <returns>whether it has them</returns>
        /// <exception cref="ArgumentOutOfRangeException">more is less than 1</exception>
        /// <exception cref="OperationCanceledException">the run is cancelled</exception>
        /// <exception cref="LibSchedException">
        /// <see cref="Status.State"/>: the job is fresh, or of a Compute run; <see cref="Status.Closed"/>: the jobserver was shut down
        /// </exception>
        /// <exception cref="ObjectDisposedException">the job has ended</exception>
        public bool TryTakeSlots(int more)
        {
            uint slots = Checked.AtLeast(1, more, nameof(more));
            long status;
            lock (gate) status = Raw.job_try_slots(Address, slots);
            if (status == Code.Cancelled) throw new OperationCanceledException("the run is cancelled");
            return status != Code.Empty && LibSchedException.Check(status) == 0;
        }

        /// <summary>Gives back some of its slots, with their tokens. Does not block. Since 0.1.</summary>
        /// <param name="fewer">how many; one at least stays with it</param>
        /// <exception cref="ArgumentOutOfRangeException">fewer is less than 1, or as many as it has</exception>
        /// <exception cref="LibSchedException"><see cref="Status.State"/>: the job is fresh, or of a Compute run</exception>
        /// <exception cref="ObjectDisposedException">the job has ended</exception>
        public void GiveBackSlots(int fewer)
        {
            uint slots = Checked.AtLeast(1, fewer, nameof(fewer));
            try
            {
                lock (gate) LibSchedException.Check(Raw.job_release_slots(Address, slots));
            }
            catch (LibSchedException refusal) when (refusal.Status == Status.Range)
            {
                throw Checked.Wrong(nameof(fewer), fewer, "less than the slots that the job has");
            }
        }

        /// <summary>
        /// Adds a job to the run. No other job can wait for it but those that are added later; the graph forgets it with the run. Does not
        /// block. Since 0.1.
        /// </summary>
        /// <param name="options">what it is; copied</param>
        /// <param name="dependencies">the jobs whose ends it waits for</param>
        /// <returns>the job</returns>
        /// <exception cref="ArgumentNullException">options or dependencies is null</exception>
        /// <exception cref="ArgumentException">it is both an action and a command; a text has a NUL; the command is empty</exception>
        /// <exception cref="ArgumentOutOfRangeException">an option is outside its range</exception>
        /// <exception cref="OperationCanceledException">the run starts no job any more</exception>
        /// <exception cref="LibSchedException">
        /// <see cref="Status.Stale"/>: a dependency is no job of this run; <see cref="Status.State"/>: it is a Compute run, or an action
        /// has a timeout in a run that began without any; EEXIST: the name is used
        /// </exception>
        /// <exception cref="ObjectDisposedException">the job has ended</exception>
        public Job Add(JobOptions options, params Job[] dependencies)
        {
            if (options == null) throw new ArgumentNullException(nameof(options));
            if (dependencies == null) throw new ArgumentNullException(nameof(dependencies));
            long all = Raw.new_dependency(dependencies.Length);
            try
            {
                for (int i = 0; i < dependencies.Length; i++)
                {
                    if (dependencies[i].IsNone) throw LibSchedException.Of(Code.Stale, "no job of this run has the number 0");
                    Raw.dependency_job_set(Raw.dependency_at(all, i), dependencies[i].Id);
                }
                lock (gate)
                {
                    long run = Raw.job_run(Address);
                    if (run == 0) throw LibSchedException.Of(Code.State, "a Compute run takes no more jobs");
                    return options.AddBy(raw => Raw.run_add(run, raw, all, dependencies.Length), underWay);
                }
            }
            finally
            {
                Raw.delete_dependency(all);
            }
        }

        /// <summary>Sends a message to the handler of the run. Does not block. Since 0.1.</summary>
        /// <param name="text">as <see cref="RunMessage.Text"/></param>
        /// <exception cref="ArgumentNullException">text is null</exception>
        /// <exception cref="ObjectDisposedException">the job has ended</exception>
        public void Message(string text)
        {
            byte[] bytes = Bytes(text);
            lock (gate) LibSchedException.Check(Raw.job_message(Address, bytes, bytes.Length));
        }

        /// <summary>
        /// The same within the bound of <see cref="RunOptions.MessageBytes"/>. Blocks until the handler has made room; the job's worker
        /// is replaced meanwhile. Since 0.1.
        /// </summary>
        /// <param name="text">as <see cref="RunMessage.Text"/></param>
        /// <exception cref="ArgumentNullException">text is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">text has more bytes than the bound</exception>
        /// <exception cref="OperationCanceledException">the run is cancelled, or its handler has ended it</exception>
        /// <exception cref="ObjectDisposedException">the job has ended</exception>
        public void MessageBounded(string text)
        {
            byte[] bytes = Bytes(text);
            Worker.AboutToWait();
            long address;
            // No lock is held: others may ask meanwhile. The job ends after this.
            lock (gate)
            {
                address = Address;
                calls++;
            }
            try
            {
                long status = Raw.job_message_bounded(address, bytes, bytes.Length);
                if (status == Code.Cancelled) throw new OperationCanceledException("the run is cancelled");
                LibSchedException.Check(status);
            }
            catch (LibSchedException refusal) when (refusal.Status == Status.Range)
            {
                throw Checked.Wrong(nameof(text), bytes.Length, "of no more bytes than MessageBytes of the run");
            }
            finally
            {
                lock (gate)
                {
                    if (--calls == 0) Monitor.PulseAll(gate);
                }
            }
        }

        private static byte[] Bytes(string text)
        {
            if (text == null) throw new ArgumentNullException(nameof(text));
            return Encoding.UTF8.GetBytes(text);
        }
    }
}
