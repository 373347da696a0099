using System;
using System.Diagnostics;
using System.Threading;

namespace LibSched
{
    /// <summary>Waits in the native side that a CancellationToken ends.</summary>
    internal static class Waiting
    {
        /// <summary>A native call that waits: timeout in ns, and the switch that ends it or 0.</summary>
        internal delegate long Call(long timeout, long cancel);

        /// <summary>Nanoseconds; negative: for ever.</summary>
        internal static long Nanoseconds(TimeSpan timeout, string name = "timeout")
        {
            if (timeout == Timeout.InfiniteTimeSpan) return Raw.FOREVER;
            if (timeout < TimeSpan.Zero)
            {
                throw Checked.Wrong(name, timeout, "zero or more, or Timeout.InfiniteTimeSpan");
            }
            return timeout.Ticks > long.MaxValue / 100 ? long.MaxValue : timeout.Ticks * 100;
        }

        /// <summary>What is left of a timeout.</summary>
        internal static long Left(long timeout, Stopwatch since)
        {
            return timeout <= 0 ? timeout : Math.Max(timeout - since.Elapsed.Ticks * 100, 0);
        }

        /// <summary>Waits; gives what the call gives. If the token ended the wait, that is thrown.</summary>
        internal static long On(long timeout, CancellationToken token, Call call)
        {
            token.ThrowIfCancellationRequested();
            // What need not wait costs no more than that.
            long result = Native(0, 0, call);
            if (result != Code.Timeout || timeout == 0) return result;
            Worker.AboutToWait();
            return token.CanBeCanceled || ProcessEnd.OnMono ? Cancellable(timeout, token, call) : call(timeout, 0);
        }

        /// <summary>Waits in a call that knows no timeout.</summary>
        internal static long On(CancellationToken token, Call call)
        {
            token.ThrowIfCancellationRequested();
            Worker.AboutToWait();
            return token.CanBeCanceled || ProcessEnd.OnMono ? Cancellable(0, token, call) : call(0, 0);
        }

        private static long Cancellable(long timeout, CancellationToken token, Call call)
        {
            NativeHandle handle = null;
            try
            {
                long cancel = 0;
                try { }
                finally
                {
                    // Here, so that no abort comes between.
                    cancel = Raw.cancel_create();
                    handle = new NativeHandle(cancel, Raw.cancel_unref, "cancel");
                }
                long result;
                using (token.Register(() => Trigger(handle)))
                {
                    if (ProcessEnd.OnMono) ProcessEnd.Add(handle);
                    try
                    {
                        result = Native(timeout, cancel, call);
                    }
                    finally
                    {
                        if (ProcessEnd.OnMono) ProcessEnd.Remove(handle);
                    }
                }
                if (result != Code.Cancelled) return result;
                token.ThrowIfCancellationRequested();
                ProcessEnd.EndTask();
                return result;
            }
            finally
            {
                if (handle != null) handle.Dispose();
            }
        }

        // Tasks may be run within, and no abort of the one that waits goes through these.
        private static long Native(long timeout, long cancel, Call call)
        {
            Worker worker = ProcessEnd.OnMono ? Worker.Current : null;
            if (worker == null || !worker.Gate.Leave()) return call(timeout, cancel);
            try
            {
                return call(timeout, cancel);
            }
            finally
            {
                worker.Gate.Enter();
            }
        }

        internal static void Trigger(NativeHandle handle)
        {
            long cancel;
            if (!handle.TryEnter(out cancel)) return;
            Raw.cancel_trigger(cancel);
            handle.Leave();
        }
    }
}
