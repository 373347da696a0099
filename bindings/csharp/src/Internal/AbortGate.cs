using System.Threading;

namespace LibSched
{
    /// <summary>
    /// Says when a thread of a domain of Mono's that is being unloaded may be aborted: while it runs code of the user's, above which
    /// the engine has no frame. An abort that comes at another time goes through the engine's frames, or comes as the next upcall
    /// begins, where nothing can catch it; then the thread ends in the midst of the engine, which waits for it for ever.
    /// </summary>
    internal sealed class AbortGate
    {
        private const int Closed = 0;
        private const int Open = 1;
        private const int Aborting = 2; // Thread.Abort is being called
        private const int Asked = 3; // and has returned

        private readonly Thread thread = Thread.CurrentThread;
        private int state;
        private int entries;
        private int seen; // of them, by who aborts

        /// <summary>Whether user's code runs.</summary>
        internal bool IsOpen
        {
            get { return Volatile.Read(ref state) != Closed; }
        }

        // --- by the thread itself ---

        /// <summary>From here on it may be aborted.</summary>
        internal void Enter()
        {
            entries++;
            Volatile.Write(ref state, Open);
        }

        /// <summary>From here on it is not; gives whether it might be. One under way that has not come is taken back.</summary>
        internal bool Leave()
        {
            if (state == Closed) return false;
            if (Interlocked.CompareExchange(ref state, Closed, Open) == Open) return true;
            // No wait: that would be an occasion for the abort to come, and this is short.
            while (Volatile.Read(ref state) == Aborting) { }
            if ((Thread.CurrentThread.ThreadState & ThreadState.AbortRequested) != 0) Thread.ResetAbort();
            Volatile.Write(ref state, Closed);
            return true;
        }

        // --- by who unloads the domain, one thread ---

        /// <summary>
        /// Aborts it if that may be, and if it has run the same code since the last time that this was asked: what is on its way out
        /// may be making an exception, and an abort in the midst of that ends the process. While one is on its way another does nothing.
        /// </summary>
        internal void Abort()
        {
            int last = seen;
            seen = Volatile.Read(ref entries);
            int now = Volatile.Read(ref state);
            if (now == Closed || seen != last) return;
            if (Interlocked.CompareExchange(ref state, Aborting, now) != now) return;
            thread.Abort();
            Volatile.Write(ref state, Asked);
        }
    }
}
