using System;
using System.Collections.Generic;
using System.Threading;

namespace LibSched
{
    /// <summary>A loop under way.</summary>
    internal sealed class Loop
    {
        internal readonly Engine Engine;
        private readonly long first;
        private readonly Action<long, long> body;
        private readonly List<Exception> thrown = new List<Exception>(); // its own lock

        internal Loop(Engine engine, long first, Action<long, long> body)
        {
            Engine = engine;
            this.first = first;
            this.body = body;
        }

        /// <summary>Runs all of it.</summary>
        internal void Run(long count, long grain, uint priority, CancellationToken token)
        {
            if (Engine.End.HasBegun) Engine.Require(Code.Closed);
            long slot = Slots.Put(this, null);
            long status;
            try
            {
                long pool;
                using (Engine.Handle.Enter(out pool))
                {
                    status = Waiting.On(token, (ns, cancel) => Raw.parallel_for_each_chunk(
                        null, pool, priority, 0, count, grain, Upcalls.RunChunkPointer, slot, cancel));
                }
            }
            finally
            {
                Slots.Remove(slot);
            }
            if (status == Code.Failed) throw new AggregateException(thrown);
            if (status == Code.Cancelled) throw new OperationCanceledException("the pool was shut down");
            Engine.Require(status);
        }

        /// <summary>Runs a part; gives the code of its failure, or 0.</summary>
        internal int RunPart(Worker worker, long begin, long end)
        {
            try
            {
                Isolated.Run(new Part { Body = body, Begin = first + begin, End = first + end }, worker);
                return 0;
            }
            catch (Exception exception)
            {
                ProcessEnd.Aborted(exception);
                lock (thrown) thrown.Add(exception);
                return (int)Status.Exception;
            }
        }

        private struct Part : IUserCode
        {
            internal Action<long, long> Body;
            internal long Begin;
            internal long End;

            public void Run()
            {
                Body(Begin, End);
            }
        }
    }
}
