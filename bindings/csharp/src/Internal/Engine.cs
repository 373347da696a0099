using System;
using System.Collections.Generic;
using System.Threading;

namespace LibSched
{
    /// <summary>The native side of a pool: the pool, and the batch that carries its tasks.</summary>
    internal sealed class Engine
    {
        [ThreadStatic] private static long[] sliceSlots;

        internal readonly string Name;
        internal readonly EngineEnd End;
        internal readonly Intake Intake;
        internal readonly NativeHandle Handle;
        internal readonly int Workers;
        internal Action<Exception> Unhandled;
        private readonly long batch;
        private readonly ActionOwner owner;
        private readonly bool bounded; // then who submits waits for room

        /// <summary>Takes the one reference of the pool.</summary>
        internal Engine(long pool, PoolOptions options)
        {
            bounded = options.Capacity != 0;
            Name = options.Name ?? "sched";
            ProcessEnd.Add(pool);
            long made = 0;
            try
            {
                made = LibSchedException.Check(
                    Raw.batch_create(pool, Upcalls.RunManyPointer, Upcalls.DiscardPointer, 0));
                // Without the spare ones.
                Workers = (int)LibSchedException.Check(Raw.pool_max_workers(pool)) - options.MostSpare;
                Handle = new NativeHandle(pool, Release(made), "Pool");
            }
            catch (Exception)
            {
                if (made != 0) Raw.batch_unref(made);
                ProcessEnd.Remove(pool);
                Raw.pool_unref(pool);
                throw;
            }
            batch = made;
            owner = new ActionOwner(this);
            Intake = new Intake(this);
            End = new EngineEnd(this);
        }

        private static Action<long> Release(long batch)
        {
            return pool =>
            {
                ProcessEnd.Remove(pool);
                Raw.batch_unref(batch);
                Raw.pool_unref(pool);
            };
        }

        /// <summary>Of actions that belong to no group.</summary>
        internal TaskOwner Owner
        {
            get { return owner; }
        }

        /// <summary>Whether a task of this pool calls.</summary>
        internal bool OnWorker()
        {
            Worker worker = Worker.Current;
            return worker != null && worker.Engine == this;
        }

        /// <summary>Submits an object that belongs to no group; gives the status.</summary>
        internal long Submit(object task, uint priority, TaskOwner of, CancellationToken token)
        {
            if (bounded || priority != Raw.NORMAL) return Submit(task, priority, of, 0, token);
            token.ThrowIfCancellationRequested();
            return !ProcessEnd.IsByCaller && Intake.Put(task, of) ? 0 : Code.Closed;
        }

        /// <summary>Submits an object; gives the status.</summary>
        internal long Submit(object task, uint priority, TaskOwner of, long group, CancellationToken token)
        {
            if (bounded && token.CanBeCanceled) return Submit(task, priority, of, group, Raw.FOREVER, token);
            token.ThrowIfCancellationRequested();
            long address;
            if (End.HasBegun || !Handle.TryEnter(out address)) return Code.Closed;
            long slot = Slots.Put(task, of) | (long)priority << 32;
            long status = Code.Internal;
            try
            {
                status = Raw.batch_submit(batch, group, priority, slot);
            }
            finally
            {
                Handle.Leave();
                if (status != 0) Slots.Remove(slot);
            }
            return status;
        }

        /// <summary>Submits an object if there is room soon enough; gives 1, or a status.</summary>
        internal long Submit(object task, uint priority, TaskOwner of, long group, long timeout, CancellationToken token)
        {
            long[] slots = { Slots.Put(task, of) | (long)priority << 32 };
            long taken = Code.Internal;
            try
            {
                taken = Waiting.On(timeout, token, (ns, cancel) => Submit(slots, 1, priority, group, ns, cancel));
            }
            finally
            {
                if (taken <= 0) Slots.Remove(slots[0]);
            }
            return taken;
        }

        /// <summary>Submits an object that belongs to no group if there is room soon enough.</summary>
        internal bool TrySubmit(object task, uint priority, long timeout, CancellationToken token)
        {
            long taken = bounded ? Submit(task, priority, owner, 0, timeout, token) : Submit(task, priority, owner, token);
            if (taken == Code.Timeout || taken == Code.Full) return false;
            Require(taken);
            return true;
        }

        /// <summary>Submits objects, in order.</summary>
        internal void SubmitAll(object[] tasks, uint priority, TaskOwner of, long group, CancellationToken token)
        {
            for (int i = 0; i < tasks.Length; i++)
            {
                if (tasks[i] == null) throw Checked.NullElement(i, nameof(tasks));
            }
            token.ThrowIfCancellationRequested();
            if (group == 0 && !bounded && priority == Raw.NORMAL)
            {
                if (ProcessEnd.IsByCaller || !Intake.Put(tasks, of)) Require(Code.Closed);
                return;
            }
            // A wait for room in the midst of this may run other tasks here, which may submit as well.
            long[] slots = sliceSlots ?? new long[IntakePart.Size];
            sliceSlots = null;
            var entries = new Slots.Entry[Math.Min(tasks.Length, IntakePart.Size)];
            for (int from = 0; from < tasks.Length; from += IntakePart.Size)
            {
                int length = Math.Min(tasks.Length - from, IntakePart.Size);
                for (int i = 0; i < length; i++) entries[i] = new Slots.Entry { Item = tasks[from + i], Owner = of };
                Slots.Put(entries, slots, length, (long)priority << 32);
                int done = 0;
                long taken = Code.Internal;
                try
                {
                    while (done < length)
                    {
                        int left = length - done;
                        if (done != 0) Array.Copy(slots, (int)taken, slots, 0, length - done);
                        taken = Code.Internal;
                        taken = token.CanBeCanceled
                            ? Waiting.On(Raw.FOREVER, token, (ns, cancel) => Submit(slots, left, priority, group, ns, cancel))
                            : Submit(slots, left, priority, group, Raw.FOREVER, 0);
                        if (taken <= 0) break;
                        done += (int)taken;
                    }
                }
                finally
                {
                    if (taken <= 0)
                    {
                        for (int i = 0; i < length - done; i++) Slots.Remove(slots[i]);
                    }
                }
                Require(taken);
            }
            sliceSlots = slots;
        }

        /// <summary>Submits what came through the intake; gives how many were taken, or a status.</summary>
        internal long HandOver(long[] slots, int length)
        {
            long address;
            if (!Handle.TryEnter(out address)) return Code.Closed;
            try
            {
                return Raw.batch_submit_n(batch, 0, Raw.NORMAL, slots, length, Raw.FOREVER, 0);
            }
            catch (LibSchedException exception)
            {
                return exception.StatusCode;
            }
            finally
            {
                Handle.Leave();
            }
        }

        /// <summary>Submits slots; gives how many were taken, or a status.</summary>
        internal long Submit(long[] slots, int length, uint priority, long group, long timeout, long cancel)
        {
            long address;
            if (End.HasBegun || !Handle.TryEnter(out address)) return Code.Closed;
            try
            {
                return Raw.batch_submit_n(batch, group, priority, slots, length, timeout, cancel);
            }
            finally
            {
                Handle.Leave();
            }
        }

        /// <summary>Throws what a status means to who submits.</summary>
        internal void Require(long status)
        {
            if (status >= 0) return;
            if (status == Code.Closed) ProcessEnd.Refused();
            if (status == Code.Closed && Handle.IsClosed) throw new ObjectDisposedException(ToString());
            throw LibSchedException.Of(status);
        }

        /// <summary>An action has thrown what nobody else is told of.</summary>
        internal int Uncaught(Exception exception)
        {
            if (ProcessEnd.Aborted(exception)) return (int)Status.Exception;
            try
            {
                Action<Exception> handler = Unhandled;
                if (handler != null) Abortable.Run(new Telling { Handler = handler, Exception = exception });
                else Console.Error.WriteLine("Unhandled exception of a task of " + this + ": " + exception);
            }
            catch (Exception thrown)
            {
                ProcessEnd.Aborted(thrown); // Nobody is left who could be told.
            }
            return (int)Status.Exception;
        }

        private struct Telling : IUserCode
        {
            internal Action<Exception> Handler;
            internal Exception Exception;

            public void Run()
            {
                Handler(Exception);
            }
        }

        public override string ToString()
        {
            return "Pool[" + Name + "]";
        }

        private sealed class ActionOwner : TaskOwner
        {
            internal ActionOwner(Engine engine)
                : base(engine) { }

            internal override int Run(object task)
            {
                try
                {
                    Isolated.Run((Action)task);
                    return 0;
                }
                catch (Exception exception)
                {
                    return Engine.Uncaught(exception);
                }
            }

            internal override void Discarded(object task) { }
        }
    }
}
