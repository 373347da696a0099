using System;
using System.Collections.Generic;
using System.Threading;

namespace LibSched
{
    /// <summary>How a served jobserver is told to children. Since 0.1.</summary>
    public enum JobserverStyle
    {
        /// <summary>By two descriptors that they inherit: make before 4.4, gcc, cargo. .NET's own Process closes them.</summary>
        Pipe = 1,

        /// <summary>By the name of a fifo: make from 4.4 on, ninja from 1.13 on, cargo.</summary>
        Fifo = 2,

        /// <summary>Both, over one fifo.</summary>
        Both = 6,
    }

    /// <summary>
    /// GNU make's jobserver, both ends: tokens that the processes of a build share, one for each job at work. The first token is the
    /// slot that this process has anyway. All members may be used by any thread. Since 0.1.
    /// </summary>
    public sealed class Jobserver : IDisposable
    {
        internal readonly NativeHandle Handle;

        private Jobserver(long jobserver)
        {
            Handle = new NativeHandle(jobserver, Raw.jobserver_unref, "Jobserver");
        }

        /// <summary>
        /// Joins the jobserver that CARGO_MAKEFLAGS, MAKEFLAGS or MFLAGS names. Where there is none the result has the slots that
        /// `fallback` says. Call it before the process opens other files. Does not block. Since 0.1.
        /// </summary>
        /// <param name="fallback">slots where there is none; 0: the slot of this process alone</param>
        /// <param name="makeflags">the text to read in place of the environment; or null</param>
        /// <returns>a jobserver</returns>
        /// <exception cref="ArgumentOutOfRangeException">fallback is negative</exception>
        /// <exception cref="ArgumentException">makeflags has a NUL</exception>
        /// <exception cref="LibSchedException">the system refused something</exception>
        public static Jobserver Inherit(int fallback = 0, string makeflags = null)
        {
            Checked.AtLeast(0, fallback, nameof(fallback));
            long options = Raw.new_jobserver_options();
            try
            {
                Raw.jobserver_options_init(options);
                Raw.jobserver_options_fallback_set(options, (uint)fallback);
                Raw.jobserver_options_makeflags_set(options, Checked.Text(makeflags, nameof(makeflags)));
                return new Jobserver(Raw.jobserver_inherit(options));
            }
            finally
            {
                Raw.jobserver_options_makeflags_set(options, null);
                Raw.delete_jobserver_options(options);
            }
        }

        /// <summary>Begins a jobserver for children. Does not block. Since 0.1.</summary>
        /// <param name="slots">how many jobs may run at a time, this process' own one among them</param>
        /// <param name="style">how children find it</param>
        /// <returns>a jobserver</returns>
        /// <exception cref="ArgumentOutOfRangeException">
        /// slots is less than 1, or more than a pipe can hold; there is no such style
        /// </exception>
        /// <exception cref="LibSchedException">the system refused something</exception>
        public static Jobserver Serve(int slots, JobserverStyle style = JobserverStyle.Both)
        {
            Checked.AtLeast(1, slots, nameof(slots));
            uint wanted = Checked.OneOf(style, nameof(style));
            try
            {
                return new Jobserver(Raw.jobserver_serve((uint)slots, wanted, 0));
            }
            catch (LibSchedException refusal) when (refusal.Status == Status.Range)
            {
                // How many tokens a pipe holds the system says.
                throw new ArgumentOutOfRangeException(nameof(slots), slots, refusal.Message);
            }
        }

        /// <summary>Takes a token, once there is one. Blocks until then. Since 0.1.</summary>
        /// <param name="token">ends the wait</param>
        /// <returns>a token, to be disposed when the job has ended</returns>
        /// <exception cref="OperationCanceledException">the CancellationToken was cancelled</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>; EPIPE: no token will ever come</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public JobToken Acquire(CancellationToken token = default(CancellationToken))
        {
            return TryAcquire(Timeout.InfiniteTimeSpan, token);
        }

        /// <summary>Takes a token if there is one soon enough. Blocks until then. Since 0.1.</summary>
        /// <param name="timeout">how long to wait at most; zero: only what is there</param>
        /// <param name="token">ends the wait</param>
        /// <returns>a token, to be disposed when the job has ended; null: none came</returns>
        /// <exception cref="ArgumentOutOfRangeException">timeout is negative, and not infinite</exception>
        /// <exception cref="OperationCanceledException">the CancellationToken was cancelled</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>; EPIPE: no token will ever come</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public JobToken TryAcquire(TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            long jobserver;
            using (Handle.Enter(out jobserver))
            {
                long taken = Waiting.On(Waiting.Nanoseconds(timeout), token,
                    (ns, cancel) => Raw.jobserver_acquire(jobserver, ns, cancel));
                if (taken == Code.Timeout || taken == Code.Empty) return null;
                return new JobToken(this, LibSchedException.Check(taken));
            }
        }

        /// <summary>
        /// What children are to find in MAKEFLAGS; null: there is no jobserver that they could use. Does not block. Since 0.1.
        /// </summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public string MakeFlags
        {
            get
            {
                long jobserver;
                using (Handle.Enter(out jobserver)) return Raw.jobserver_makeflags(jobserver);
            }
        }

        /// <summary>
        /// Sets the environment of a child that something else starts, such as System.Diagnostics.ProcessStartInfo.Environment. That
        /// closes descriptors in children, so they need <see cref="JobserverStyle.Fifo"/>. Does not block. Since 0.1.
        /// </summary>
        /// <param name="environment">gets MAKEFLAGS, and loses MFLAGS and CARGO_MAKEFLAGS</param>
        /// <exception cref="ArgumentNullException">environment is null</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void SetEnvironment(IDictionary<string, string> environment)
        {
            if (environment == null) throw new ArgumentNullException(nameof(environment));
            string flags = MakeFlags;
            if (flags == null) return;
            environment["MAKEFLAGS"] = flags;
            environment.Remove("MFLAGS");
            environment.Remove("CARGO_MAKEFLAGS");
        }

        /// <summary>Whether make was called with -n, so that nothing is to be run. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool IsDryRun
        {
            get { return Info(info => Raw.jobserver_info_dry_run_get(info) != 0); }
        }

        /// <summary>Why an inherited jobserver is not used, and what would help; "": it is. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public string Problem
        {
            get { return Info(info => Raw.jobserver_info_message_get(info)) ?? ""; }
        }

        private T Info<T>(Func<long, T> read)
        {
            long info = Raw.new_jobserver_info();
            try
            {
                Raw.jobserver_info_init(info);
                long jobserver;
                using (Handle.Enter(out jobserver))
                {
                    LibSchedException.Check(Raw.jobserver_get_info(info, jobserver));
                    // Its texts live as long as the jobserver.
                    return read(info);
                }
            }
            finally
            {
                Raw.delete_jobserver_info(info);
            }
        }

        /// <summary>Makes a broker for one child that is still to be started. Does not block. Since 0.1.</summary>
        /// <returns>a broker, to be disposed</returns>
        /// <exception cref="LibSchedException">
        /// <see cref="Status.State"/>: there is only the slot of this process; or the system refused something
        /// </exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public Broker CreateBroker()
        {
            long jobserver;
            using (Handle.Enter(out jobserver)) return new Broker(Raw.broker_create(jobserver));
        }

        /// <summary>Withdraws all requests that wait: they get <see cref="Status.Closed"/>. Does not block. Since 0.1.</summary>
        /// <returns>how many there were</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public long Withdraw()
        {
            long jobserver;
            using (Handle.Enter(out jobserver)) return LibSchedException.Check(Raw.jobserver_withdraw(jobserver));
        }

        /// <summary>Counts the tokens. Does not block. Since 0.1.</summary>
        /// <returns>where they are</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public JobserverStats GetStats()
        {
            long jobserver;
            using (Handle.Enter(out jobserver)) return new JobserverStats(stats => Raw.jobserver_get_stats(stats, jobserver));
        }

        /// <summary>
        /// Ends it for this process: no token is handed out any more, those that wait get <see cref="Status.Closed"/>. Does not
        /// block. Since 0.1.
        /// </summary>
        /// <returns>where the tokens are</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public JobserverStats Shutdown()
        {
            long jobserver;
            using (Handle.Enter(out jobserver)) return new JobserverStats(stats => Raw.jobserver_shutdown(stats, jobserver));
        }

        /// <summary>Ends it for this process; all tokens that are still held go back. Does not block. Since 0.1.</summary>
        public void Dispose()
        {
            long jobserver;
            if (Handle.TryEnter(out jobserver))
            {
                Raw.jobserver_shutdown(0, jobserver);
                Handle.Leave();
            }
            Handle.Dispose();
        }
    }
}
