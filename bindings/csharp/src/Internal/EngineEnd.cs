using System;
using System.Diagnostics;
using System.Threading;

namespace LibSched
{
    /// <summary>How an engine is shut down.</summary>
    internal sealed class EngineEnd
    {
        private readonly Engine engine;
        private readonly object monitor = new object();
        private volatile bool begun;
        private volatile uint mode = Raw.DRAIN;
        private PoolStats last;
        private int helpers;

        internal EngineEnd(Engine engine)
        {
            this.engine = engine;
        }

        internal bool HasBegun
        {
            get { return begun; }
        }

        /// <summary>Whether what has not begun is dropped.</summary>
        internal bool Drops
        {
            get { return mode == Raw.CANCEL; }
        }

        /// <summary>Takes no more tasks; with `drop` those that wait are dropped.</summary>
        internal void Begin(bool drop)
        {
            engine.Intake.Close();
            begun = true;
            if (drop) mode = Raw.CANCEL;
            // The engine lets no task shut its own pool down.
            if (engine.OnWorker()) Outside(() => Shutdown(Raw.FOREVER, 0));
            else Shutdown(0, 0);
        }

        /// <summary>Waits for the end after the begin.</summary>
        internal bool Wait(long timeout, CancellationToken token)
        {
            if (engine.Crew.IsCalling) throw LibSchedException.Of(Code.Deadlock);
            var watch = Stopwatch.StartNew();
            long status = Waiting.On(timeout, token, Shutdown);
            if (status != 0)
            {
                if (status == Code.Timeout) return false;
                throw LibSchedException.Of(status);
            }
            if (!AwaitOutside(timeout, watch, token)) return false;
            Over();
            return true;
        }

        /// <summary>Waits for what is done outside of the engine: nanoseconds, from the start of the watch; negative: for ever.</summary>
        internal bool AwaitOutside(long timeout, Stopwatch watch, CancellationToken token)
        {
            lock (monitor)
            {
                if (helpers == 0) return true;
            }
            using (Blocking.Begin())
            using (token.Register(Wake))
            {
                lock (monitor)
                {
                    while (helpers != 0)
                    {
                        token.ThrowIfCancellationRequested();
                        long left = timeout / 1000000 - watch.ElapsedMilliseconds;
                        if (timeout >= 0 && left <= 0) return false;
                        Monitor.Wait(monitor, timeout < 0 ? Timeout.Infinite : (int)Math.Min(left, int.MaxValue));
                    }
                }
            }
            return true;
        }

        private void Wake()
        {
            lock (monitor) Monitor.PulseAll(monitor);
        }

        /// <summary>Does something on a thread of its own, for which the end waits.</summary>
        internal void Outside(Action body)
        {
            lock (monitor) helpers++;
            Worker.StartHelper(() =>
            {
                try
                {
                    body();
                }
                finally
                {
                    lock (monitor)
                    {
                        helpers--;
                        Monitor.PulseAll(monitor);
                    }
                }
            });
        }

        private long Shutdown(long timeout, long cancel)
        {
            long pool;
            if (!engine.Handle.TryEnter(out pool)) return 0;
            try
            {
                return Raw.pool_shutdown(pool, mode, timeout, cancel);
            }
            finally
            {
                engine.Handle.Leave();
            }
        }

        // What has ended needs its native side no more.
        private void Over()
        {
            PoolStats stats = Stats();
            lock (monitor) last = stats;
            engine.Handle.Dispose();
        }

        /// <summary>What the pool has done so far, or at its end.</summary>
        internal PoolStats Stats()
        {
            long pool;
            lock (monitor)
            {
                if (last != null) return last;
            }
            if (!engine.Handle.TryEnter(out pool)) return last ?? new PoolStats();
            try
            {
                engine.Intake.Settle();
                return new PoolStats(pool, engine.Intake.Waiting);
            }
            finally
            {
                engine.Handle.Leave();
            }
        }
    }
}
