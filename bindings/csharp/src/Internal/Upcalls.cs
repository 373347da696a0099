using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace LibSched
{
    /// <summary>What the native side calls. Nothing is thrown from here, and the delegates are never collected.</summary>
    internal static unsafe class Upcalls
    {
        // The question whether to stop is dear. Slices are so short that a few tasks more do no harm.
        private const int Ask = 8;

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate UIntPtr RunManyFn(IntPtr task, long* slots, UIntPtr count, int* results);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate int RunOneFn(IntPtr task, IntPtr slot);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate int RunChunkFn(IntPtr task, ulong begin, ulong end, IntPtr slot);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate void FinalizeFn(IntPtr task, int result, IntPtr slot);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate void DiscardFn(IntPtr slot);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate void HookFn(uint worker, IntPtr data);

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate int MessageFn(IntPtr message, IntPtr slot);

        private static readonly List<Delegate> Kept = new List<Delegate>();

        internal static readonly long RunManyPointer = Pointer(new RunManyFn(RunMany));
        internal static readonly long RunChunkPointer = Pointer(new RunChunkFn(RunChunk));
        internal static readonly long WorkPointer = Pointer(new RunOneFn(Work));
        internal static readonly long FinalizePointer = Pointer(new FinalizeFn(FinalizeWork));
        internal static readonly long JobPointer = Pointer(new RunOneFn(RunJob));
        internal static readonly long MessagePointer = Pointer(new MessageFn(Message));
        internal static readonly long DiscardPointer = Pointer(new DiscardFn(Discard));
        internal static readonly long WorkerStopPointer = Pointer(new HookFn(WorkerStop));
        internal static readonly long WorkerStartPointer = Pointer(new HookFn(WorkerStart));

        private static long Pointer(Delegate function)
        {
            Kept.Add(function);
            return (long)Marshal.GetFunctionPointerForDelegate(function);
        }

        /// <summary>Called once, with the first call into the library.</summary>
        internal static bool Register()
        {
            ProcessEnd.Prepare();
            return true;
        }

        private static void WorkerStart(uint worker, IntPtr data)
        {
            // Named by the engine already.
            Worker.Start();
            Isolated.Prepare();
        }

        private static void WorkerStop(uint worker, IntPtr data)
        {
            Worker.Detach();
        }

        private static UIntPtr RunMany(IntPtr task, long* slots, UIntPtr count, int* results)
        {
            UIntPtr run = RunSlice(task, slots, count, results);
            if (ProcessEnd.OnMono) ClearStack();
            return run;
        }

        // Mono's collector takes everything on a stack for a reference. What a slice leaves there would keep its pool from being
        // collected, as a worker that sleeps does not write over it.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void ClearStack()
        {
            // Zeroed as it is made.
            long* words = stackalloc long[128];
            Volatile.Write(ref words[0], 0);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static UIntPtr RunSlice(IntPtr task, long* slots, UIntPtr count, int* results)
        {
            Slots.Block block = Slots.BlockOf(slots[0]);
            WorkerTask running = Worker.Enter(Slots.Peek(block, slots[0]).Owner.Engine, (long)task);
            Worker worker = running.Worker;
            int n = (int)count;
            worker.Alone = worker.Engine.Workers == 1;
            Intake intake = worker.Engine.Intake;
            intake.Started(slots, n);
            long slice = n > 1 ? worker.Begin((long)task, slots, n) : 0;
            int done = 0; // slots of `block` that can be given back
            int i = 0;
            for (; ; )
            {
                Slots.Block next = Slots.BlockOf(slots[i]);
                if (next != block)
                {
                    if (done != 0) Slots.GiveBack(block, done);
                    block = next;
                    done = 0;
                }
                Slots.Entry entry = Slots.Take(block, slots[i]);
                done++;
                int result = entry.Owner.Run(entry.Item);
                if (result != 0) results[i] = result;
                // Mono asks for locks there, which cost more than an empty task: once for each slice, as it is left.
                if (!ProcessEnd.OnMono && !worker.Nested) worker.Restore();
                if (++i == n) break;
                bool stop = ProcessEnd.Aborting || (result != 0 && entry.Owner.FailsTogether)
                    || (i % Ask == 0 && Raw.upcall_should_stop((long)task) != 0);
                if (stop ? worker.Finish(slice) : worker.Next(slice++))
                {
                    if (!stop) continue;
                    intake.NotStarted(slots + i, n - i);
                    break;
                }
                worker.Settled(); // the others were given back
                break;
            }
            Slots.GiveBack(block, done);
            running.Leave();
            return (UIntPtr)i;
        }

        private static int RunChunk(IntPtr task, ulong begin, ulong end, IntPtr slot)
        {
            int result = RunPart(task, begin, end, slot);
            if (ProcessEnd.OnMono) ClearStack();
            return result;
        }

        private static int Work(IntPtr task, IntPtr slot)
        {
            int result = RunItem(task, slot);
            if (ProcessEnd.OnMono) ClearStack();
            return result;
        }

        private static void FinalizeWork(IntPtr task, int result, IntPtr slot)
        {
            EndItem(task, slot);
            if (ProcessEnd.OnMono) ClearStack();
        }

        private static int RunJob(IntPtr job, IntPtr slot)
        {
            int result = RunBody(job, slot);
            if (ProcessEnd.OnMono) ClearStack();
            return result;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static int RunPart(IntPtr task, ulong begin, ulong end, IntPtr slot)
        {
            var loop = (Loop)Slots.Peek((long)slot).Item;
            WorkerTask running = Worker.Enter(loop.Engine, (long)task);
            int result = loop.RunPart(running.Worker, (long)begin, (long)end);
            running.Leave();
            return result;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static int RunItem(IntPtr task, IntPtr slot)
        {
            Worker.AboutToWait(); // this task runs on the stack of another one
            var item = (ChannelItem)Slots.Peek((long)slot).Item;
            WorkerTask running = Worker.Enter(item.Engine, (long)task);
            int result = item.Work(running.Worker);
            running.Leave();
            return result;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void EndItem(IntPtr task, IntPtr slot)
        {
            var item = (ChannelItem)Slots.Remove((long)slot).Item;
            WorkerTask running = Worker.Enter(item.Engine, (long)task);
            item.Done(running.Worker);
            running.Leave();
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static int RunBody(IntPtr job, IntPtr slot)
        {
            return ((JobBody)Slots.Peek((long)slot).Item).Run((long)job);
        }

        private static int Message(IntPtr message, IntPtr slot)
        {
            return ((Run)Slots.Peek((long)slot).Item).Handle((long)message);
        }

        private static void Discard(IntPtr slot)
        {
            Drop((long)slot);
        }

        /// <summary>What is in a slot is not wanted any more.</summary>
        internal static void Drop(long slot)
        {
            Slots.Entry entry = Slots.Remove(slot);
            if (entry.Owner != null)
            {
                entry.Owner.Engine.Intake.Started(&slot, 1);
                entry.Owner.Discarded(entry.Item);
            }
            else
            {
                var item = entry.Item as ChannelItem;
                if (item != null) item.Discarded();
            }
        }
    }
}
