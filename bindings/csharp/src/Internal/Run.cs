using System;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace LibSched
{
    /// <summary>A run under way.</summary>
    internal sealed class Run
    {
        private const int Stopped = 1;
        internal readonly Engine Engine; // of the pool; null without one
        internal readonly ConcurrentDictionary<long, Exception> Thrown = new ConcurrentDictionary<long, Exception>();
        private readonly Thread thread = Thread.CurrentThread;
        private readonly RunOptions options;
        private Exception ofHandler;
        private bool stopped;

        internal Run(RunOptions options, Engine engine)
        {
            this.options = options;
            Engine = engine;
        }

        /// <summary>Whether the thread calls that waits for it.</summary>
        internal bool IsCalling
        {
            get { return Thread.CurrentThread == thread; }
        }

        internal RunResult Start(long graph, long pool, CancellationToken token)
        {
            long jobserver = 0;
            NativeCall? entered =
                options.Jobserver == null ? (NativeCall?)null : options.Jobserver.Handle.Enter(out jobserver);
            long slot = Slots.Put(this, null);
            long raw = Raw.new_run_options();
            var result = new long[1];
            long status;
            try
            {
                options.Fill(raw, slot, jobserver);
                status = Waiting.On(token, (ns, cancel) => Raw.graph_run(result, graph, pool, raw, cancel));
            }
            catch (Exception)
            {
                Raw.result_unref(result[0]);
                throw;
            }
            finally
            {
                Raw.delete_run_options(raw);
                Slots.Remove(slot);
                if (entered.HasValue) entered.Value.Dispose();
            }
            return End(status, result[0], token);
        }

        private RunResult End(long status, long result, CancellationToken token)
        {
            RunResult ended = result == 0 ? null : new RunResult(result, Thrown);
            if (ofHandler == null && (status == 0 || status == Code.Failed || stopped)) return ended;
            if (ended != null) ended.Dispose();
            if (ofHandler != null) ExceptionDispatchInfo.Capture(ofHandler).Throw();
            token.ThrowIfCancellationRequested();
            throw LibSchedException.Of(status);
        }

        /// <summary>Hands a message over; must not throw.</summary>
        internal int Handle(long message)
        {
            try
            {
                if (options.Handler(new RunMessage(message))) return 0;
                stopped = true;
            }
            catch (Exception exception)
            {
                ProcessEnd.Aborted(exception);
                ofHandler = exception;
            }
            return Stopped;
        }
    }
}
