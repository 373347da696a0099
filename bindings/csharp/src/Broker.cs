using System;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// Gives one child tokens of a <see cref="Jobserver"/> over pipes of its own, so that what it has taken is back when it and all that
    /// descends from it have ended, however that was. A <see cref="Process"/> gets one by <see cref="ProcessOptions.Broker"/>; this is
    /// for those who want to see its tokens, or wait for all descendants. All members may be used by any thread. Since 0.1.
    /// <code>
    /// using (Broker broker = jobserver.CreateBroker())
    /// {
    ///     var environment = new Dictionary&lt;string, string> { { "MAKEFLAGS", broker.MakeFlags } };
    ///     var options = new ProcessOptions("make") { Inherit = broker.GetChildDescriptors(), Environment = environment };
    ///     using (Process process = Process.Start(options))
    ///     {
    ///         broker.Start();
    ///         broker.Wait(Timeout.InfiniteTimeSpan);
    ///     }
    /// }
    /// </code>
    /// </summary>
    public sealed class Broker : IDisposable
    {
        private readonly NativeHandle handle;

        internal Broker(long broker)
        {
            handle = new NativeHandle(broker, Raw.broker_unref, "Broker");
        }

        /// <summary>What the child is to find in MAKEFLAGS. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public string MakeFlags
        {
            get
            {
                long broker;
                using (handle.Enter(out broker)) return Raw.broker_makeflags(broker);
            }
        }

        /// <summary>The descriptors that the child is to inherit, and no other child. Does not block. Since 0.1.</summary>
        /// <returns>two of them</returns>
        /// <exception cref="LibSchedException"><see cref="Status.State"/>: after Start</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public int[] GetChildDescriptors()
        {
            long[] read = new long[1], write = new long[1];
            long broker;
            using (handle.Enter(out broker)) LibSchedException.Check(Raw.broker_child_fds(read, write, broker));
            return new[] { (int)read[0], (int)write[0] };
        }

        /// <summary>Says that the child was started: tokens are offered. Does not block. Since 0.1.</summary>
        /// <exception cref="LibSchedException"><see cref="Status.State"/>: that was said before; or the system refused</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Start()
        {
            long broker;
            using (handle.Enter(out broker)) LibSchedException.Check(Raw.broker_start(broker));
        }

        /// <summary>Waits until the child and all that descends from it have ended; what they took is back then. Since 0.1.</summary>
        /// <param name="timeout">how long at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>whether they have</returns>
        /// <exception cref="ArgumentOutOfRangeException">timeout is negative, and not infinite</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled</exception>
        /// <exception cref="LibSchedException"><see cref="Status.State"/>: before Start</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool Wait(TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            long broker;
            using (handle.Enter(out broker))
            {
                long status = Waiting.On(Waiting.Nanoseconds(timeout), token,
                    (ns, cancel) => Raw.broker_wait(broker, ns, cancel));
                return status != Code.Timeout && LibSchedException.Check(status) == 0;
            }
        }

        /// <summary>Counts the tokens. Does not block. Since 0.1.</summary>
        /// <returns>where they are</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public BrokerStats GetStats()
        {
            long broker;
            using (handle.Enter(out broker)) return new BrokerStats(broker);
        }

        /// <summary>Lets it go on by itself, if it was started, until all have ended. Does not block. Since 0.1.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }
    }
}
