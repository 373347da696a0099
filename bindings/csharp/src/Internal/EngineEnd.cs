using System;
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

        internal EngineEnd(Engine engine)
        {
            this.engine = engine;
        }

        internal bool HasBegun
        {
            get { return begun; }
        }

        /// <summary>Takes no more tasks; with `drop` those that wait are dropped.</summary>
        internal void Begin(bool drop)
        {
            engine.Intake.Close();
            begun = true;
            if (drop) mode = Raw.CANCEL;
            // The engine lets no task shut its own pool down.
            if (engine.OnWorker()) Worker.StartHelper(() => Shutdown(Raw.FOREVER, 0));
            else Shutdown(0, 0);
        }

        /// <summary>Waits for the end after the begin.</summary>
        internal bool Wait(long timeout, CancellationToken token)
        {
            long status = Waiting.On(timeout, token, Shutdown);
            if (status != 0)
            {
                if (status == Code.Timeout) return false;
                throw LibSchedException.Of(status);
            }
            Over();
            return true;
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
