using System;
using System.Text;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// A child process, which inherits nothing that was not asked for. No thread waits for it. All members may be used by any thread.
    /// Since 0.1.
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
            long output = 0, jobserver = 0;
            NativeCall? first = options.Output == null ? (NativeCall?)null : options.Output.Handle.Enter(out output);
            try
            {
                NativeCall? second = options.Jobserver == null ? (NativeCall?)null : options.Jobserver.Handle.Enter(out jobserver);
                try
                {
                    return new Process(options.Spawn(output, jobserver));
                }
                finally
                {
                    if (second.HasValue) second.Value.Dispose();
                }
            }
            finally
            {
                if (first.HasValue) first.Value.Dispose();
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

    /// <summary>What became of a process. Any thread may read it. Since 0.1.</summary>
    public sealed class ProcessResult
    {
        internal ProcessResult(long result)
        {
            Exited = Raw.process_result_state_get(result) == Raw.PROCESS_EXITED;
            ExitCode = (int)Raw.process_result_code_get(result);
            Signal = (int)Raw.process_result_signal_get(result);
            TimedOut = (Raw.process_result_flags_get(result) & Raw.PROCESS_TIMED_OUT) != 0;
            Duration = TimeSpan.FromTicks((Raw.process_result_end_ns_get(result) - Raw.process_result_start_ns_get(result)) / 100);
        }

        /// <summary>Whether it has ended by itself. Since 0.1.</summary>
        public bool Exited { get; private set; }

        /// <summary>With which code. Since 0.1.</summary>
        public int ExitCode { get; private set; }

        /// <summary>The signal that has ended it; 0: none. Since 0.1.</summary>
        public int Signal { get; private set; }

        /// <summary>Whether its timeout was over. Since 0.1.</summary>
        public bool TimedOut { get; private set; }

        /// <summary>From its start to when its end was noticed. Since 0.1.</summary>
        public TimeSpan Duration { get; private set; }

        /// <summary>Whether it has ended by itself with 0. Since 0.1.</summary>
        public bool Succeeded
        {
            get { return Exited && ExitCode == 0; }
        }
    }

    /// <summary>A line of a process' output. Any thread may read it. Since 0.1.</summary>
    public sealed class ProcessOutput
    {
        internal const int HeaderLength = 16;

        private ProcessOutput(long tag, bool isError, string text)
        {
            Tag = tag;
            IsError = isError;
            Text = text;
        }

        /// <summary>Of the process. Since 0.1.</summary>
        public long Tag { get; private set; }

        /// <summary>Whether it is of stderr. Since 0.1.</summary>
        public bool IsError { get; private set; }

        /// <summary>The line without its newline, or a part of a long one. Since 0.1.</summary>
        public string Text { get; private set; }

        /// <summary>Reads a message of <see cref="ProcessOptions.Output"/>. Any thread; does not block. Since 0.1.</summary>
        /// <param name="message">the bytes</param>
        /// <param name="length">how many of them</param>
        /// <returns>the line</returns>
        /// <exception cref="ArgumentNullException">message is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">length is more than the message has, or too few for one</exception>
        public static ProcessOutput Read(byte[] message, int length)
        {
            if (message == null) throw new ArgumentNullException(nameof(message));
            Checked.AtLeast(HeaderLength, length, nameof(length));
            Checked.Within(0, (uint)message.Length, length, nameof(length));
            return new ProcessOutput(BitConverter.ToInt64(message, 0),
                BitConverter.ToUInt32(message, sizeof(long)) == Raw.PROCESS_STDERR,
                Encoding.UTF8.GetString(message, HeaderLength, length - HeaderLength));
        }
    }
}
