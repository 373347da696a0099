using System;
using System.Threading;

namespace LibSched
{
    /// <summary>
    /// A token of a <see cref="Jobserver"/>. Any thread may give it back. One that is forgotten
    /// never goes back: nothing but Dispose gives it. Since 0.1.
    /// </summary>
    public sealed class JobToken : IDisposable
    {
        private readonly Jobserver jobserver;
        private long token;

        internal JobToken(Jobserver jobserver, long token)
        {
            this.jobserver = jobserver;
            this.token = token;
        }

        /// <summary>Gives the token back. A second time does nothing. Does not block. Since 0.1.</summary>
        public void Dispose()
        {
            long held = Interlocked.Exchange(ref token, 0);
            long address;
            if (held == 0 || !jobserver.Handle.TryEnter(out address)) return;
            try
            {
                Raw.jobserver_release(address, held);
            }
            finally
            {
                jobserver.Handle.Leave();
            }
        }
    }
}
