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
        private readonly RunOptions options;
        private readonly ConcurrentDictionary<long, Exception> thrown;
        private Exception ofHandler;
        private bool stopped;

        internal Run(RunOptions options, ConcurrentDictionary<long, Exception> thrown)
        {
            this.options = options;
            this.thrown = thrown;
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
            RunResult ended = result == 0 ? null : new RunResult(result, thrown);
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
                ofHandler = exception;
            }
            return Stopped;
        }
    }
}
