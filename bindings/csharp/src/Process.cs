using System;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// A child process, which inherits nothing that was not asked for. No thread waits for it. It goes on when this process ends, even
    /// with KillOnDispose, unless it was stopped or disposed before. All members may be used by any thread. Since 0.1.
    /// </summary>
    public sealed class Process : IDisposable
    {
        private readonly NativeHandle handle;

        private Process(long process)
        {
            handle = new NativeHandle(process, Raw.process_unref, "Process");
        }

        /// <summary>Starts a program. Blocks until the program has begun. Since 0.1.</summary>
        /// <param name="options">what to run</param>
        /// <returns>the process</returns>
        /// <exception cref="ArgumentNullException">options is null</exception>
        /// <exception cref="ArgumentException">there is no program, or no such environment; a text has a NUL</exception>
        /// <exception cref="ArgumentOutOfRangeException">an option is outside its range</exception>
        /// <exception cref="ObjectDisposedException">the queue or the jobserver of the options was disposed</exception>
        /// <exception cref="LibSchedException">it could not be started: the message says at which stage, and why</exception>
        public static Process Start(ProcessOptions options)
        {
            if (options == null) throw new ArgumentNullException(nameof(options));
            long output, errors, jobserver;
            using (NativeHandle.Enter(options.Output?.Handle, out output))
            using (NativeHandle.Enter(options.Errors?.Handle, out errors))
            using (NativeHandle.Enter(options.Jobserver?.Handle, out jobserver))
            {
                return new Process(options.Spawn(output, errors, jobserver));
            }
        }

        /// <summary>The number of the process; another one's once this is over. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public long Id
        {
            get
            {
                long process;
                using (handle.Enter(out process)) return Raw.process_pid(process);
            }
        }

        /// <summary>Waits until it is over, and all its output is in the queue. Since 0.1.</summary>
        /// <param name="token">ends the wait, not the process</param>
        /// <returns>what became of it</returns>
        /// <exception cref="OperationCanceledException">the token was cancelled</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public ProcessResult Wait(CancellationToken token = default(CancellationToken))
        {
            return Wait(Timeout.InfiniteTimeSpan, token);
        }

        /// <summary>Waits until it is over, and all its output is in the queue. Since 0.1.</summary>
        /// <param name="timeout">how long at most</param>
        /// <param name="token">ends the wait, not the process</param>
        /// <returns>what became of it; null: it goes on</returns>
        /// <exception cref="ArgumentOutOfRangeException">timeout is negative, and not infinite</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public ProcessResult Wait(TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            long process;
            long result = Raw.new_process_result();
            try
            {
                Raw.process_result_init(result);
                using (handle.Enter(out process))
                {
                    long status = Waiting.On(Waiting.Nanoseconds(timeout), token,
                        (ns, cancel) => Raw.process_wait(result, process, ns, cancel));
                    if (status == Code.Timeout) return null;
                    LibSchedException.Check(status);
                    return new ProcessResult(result);
                }
            }
            finally
            {
                Raw.delete_process_result(result);
            }
        }

        /// <summary>Asks it to end, with its group: SIGTERM, and SIGKILL after a grace. Does not block. Since 0.1.</summary>
        /// <param name="grace">from the one to the other; zero: at once; infinite: it is never killed</param>
        /// <exception cref="ArgumentOutOfRangeException">grace is negative, and not infinite</exception>
        /// <exception cref="LibSchedException"><see cref="Status.State"/>: it is over</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Stop(TimeSpan grace)
        {
            long process;
            using (handle.Enter(out process)) LibSchedException.Check(Raw.process_stop(process, Waiting.Nanoseconds(grace, nameof(grace))));
        }

        /// <summary>Sends a signal to it and its group. Does not block. Since 0.1.</summary>
        /// <param name="signal">its number, 1 to 64</param>
        /// <exception cref="ArgumentOutOfRangeException">there is no such signal</exception>
        /// <exception cref="LibSchedException"><see cref="Status.State"/>: it is over</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Kill(int signal = 9)
        {
            Checked.Within(1, 64, signal, nameof(signal));
            long process;
            using (handle.Enter(out process)) LibSchedException.Check(Raw.process_kill(process, signal));
        }

        /// <summary>Forgets it; it goes on, unless it was started with KillOnDispose. Does not block. Since 0.1.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }
    }
}
