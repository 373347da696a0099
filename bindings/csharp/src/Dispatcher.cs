using System;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// Runs the items of any number of channels on a pool, by turns, so that no channel starves another, and no more of them at a
    /// time than its limit says. All members may be used by any thread. Since 0.1.
    /// </summary>
    /// <typeparam name="T">of the items</typeparam>
    public sealed class Dispatcher<T> : IDisposable
    {
        internal readonly Action<T> Work;
        internal readonly Action<T, Exception> Finalizer;
        internal readonly Engine Engine;
        private readonly NativeHandle handle;

        /// <summary>Makes a dispatcher without channels. Does not block. Since 0.1.</summary>
        /// <param name="pool">what runs the items</param>
        /// <param name="work">runs an item, on a worker</param>
        /// <param name="limit">most items that run at a time; 0: as many as the pool has workers</param>
        /// <param name="finalizer">
        /// is told the end of each item that was not cancelled, with what its work threw or null, on the same worker; null: what it
        /// throws goes to <see cref="Pool.UnhandledException"/>
        /// </param>
        /// <exception cref="ArgumentNullException">pool or work is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">limit is negative</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Closed"/>: the pool was shut down</exception>
        /// <exception cref="ObjectDisposedException">the pool has ended</exception>
        public Dispatcher(Pool pool, Action<T> work, int limit = 0, Action<T, Exception> finalizer = null)
        {
            if (pool == null) throw new ArgumentNullException(nameof(pool));
            if (work == null) throw new ArgumentNullException(nameof(work));
            Checked.AtLeast(0, limit, nameof(limit));
            Work = work;
            Finalizer = finalizer;
            Engine = pool.Engine;
            long options = Raw.new_dispatcher_options();
            try
            {
                Raw.dispatcher_options_init(options);
                Raw.dispatcher_options_work_set(options, Upcalls.WorkPointer);
                Raw.dispatcher_options_finalize_set(options, Upcalls.FinalizePointer);
                Raw.dispatcher_options_discard_set(options, Upcalls.DiscardPointer);
                Raw.dispatcher_options_limit_set(options, (uint)limit);
                long address;
                using (Engine.Handle.Enter(out address))
                {
                    handle = new NativeHandle(Raw.dispatcher_create(address, options), Raw.dispatcher_unref, "Dispatcher");
                }
            }
            finally
            {
                Raw.delete_dispatcher_options(options);
            }
        }

        /// <summary>Makes an empty channel. Does not block. Since 0.1.</summary>
        /// <param name="options">how it is to be; null: all defaults</param>
        /// <returns>a channel</returns>
        /// <exception cref="ArgumentException">the name has a NUL</exception>
        /// <exception cref="ArgumentOutOfRangeException">an option is outside its range</exception>
        /// <exception cref="LibSchedException">
        /// <see cref="Status.Closed"/>; EEXIST: there is one of that name
        /// </exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public Channel<T> CreateChannel(ChannelOptions options = null)
        {
            long dispatcher;
            using (handle.Enter(out dispatcher))
            {
                return new Channel<T>(this, (options ?? new ChannelOptions()).Create(dispatcher));
            }
        }

        /// <summary>Most items that run at a time, from now on. Does not block. Since 0.1.</summary>
        /// <param name="limit">0: as many as the pool has workers; those that run beyond a lower one are not stopped</param>
        /// <exception cref="ArgumentOutOfRangeException">limit is negative</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void SetLimit(int limit)
        {
            Checked.AtLeast(0, limit, nameof(limit));
            long dispatcher;
            using (handle.Enter(out dispatcher)) Raw.dispatcher_set_limit(dispatcher, (uint)limit);
        }

        /// <summary>Starts no item of any channel until Resume. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Pause()
        {
            long dispatcher;
            using (handle.Enter(out dispatcher)) LibSchedException.Check(Raw.dispatcher_pause(dispatcher));
        }

        /// <summary>Lets items start again. Does not block. Since 0.1.</summary>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Resume()
        {
            long dispatcher;
            using (handle.Enter(out dispatcher)) LibSchedException.Check(Raw.dispatcher_resume(dispatcher));
        }

        /// <summary>What it has done so far. Does not block. Since 0.1.</summary>
        /// <returns>a picture</returns>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public DispatcherStats GetStats()
        {
            long dispatcher;
            using (handle.Enter(out dispatcher)) return new DispatcherStats(dispatcher);
        }

        /// <summary>Waits until every channel is closed and all of its items have ended. Since 0.1.</summary>
        /// <param name="timeout">how long at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>whether they have</returns>
        /// <exception cref="ArgumentOutOfRangeException">timeout is negative, and not infinite</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Deadlock"/>: an item calls</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool Wait(TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            long dispatcher;
            using (handle.Enter(out dispatcher))
            {
                return Ended(Waiting.On(Waiting.Nanoseconds(timeout), token,
                    (ns, cancel) => Raw.dispatcher_wait(dispatcher, ns, cancel)));
            }
        }

        /// <summary>Closes all channels, and waits until all items have ended. May be called again. Since 0.1.</summary>
        /// <param name="drop">whether what is queued is dropped, and what runs cancelled</param>
        /// <param name="timeout">how long to wait at most</param>
        /// <param name="token">ends the wait</param>
        /// <returns>whether all have ended</returns>
        /// <exception cref="ArgumentOutOfRangeException">timeout is negative, and not infinite</exception>
        /// <exception cref="OperationCanceledException">the token was cancelled; the channels are closed</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Deadlock"/>: an item calls</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public bool Shutdown(bool drop, TimeSpan timeout, CancellationToken token = default(CancellationToken))
        {
            long dispatcher;
            using (handle.Enter(out dispatcher))
            {
                return Ended(Waiting.On(Waiting.Nanoseconds(timeout), token,
                    (ns, cancel) => Raw.dispatcher_shutdown(dispatcher, drop ? Raw.CANCEL : Raw.DRAIN, ns, cancel)));
            }
        }

        /// <summary>Drops what is queued, in all channels, and does not wait for what runs. Since 0.1.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        private static bool Ended(long status)
        {
            return status != Code.Timeout && LibSchedException.Check(status) == 0;
        }
    }
}
