using System;

namespace LibSched
{
    /// <summary>Where a jobserver's tokens are, at one moment. Any thread may read it. Since 0.1.</summary>
    public sealed class JobserverStats
    {
        internal JobserverStats(Action<long> read)
        {
            long stats = Raw.new_jobserver_stats();
            try
            {
                Raw.jobserver_stats_init(stats);
                read(stats);
                Slots = Raw.jobserver_stats_slots_get(stats);
                Available = Raw.jobserver_stats_available_get(stats);
                Held = Raw.jobserver_stats_held_get(stats);
                Brokered = Raw.jobserver_stats_brokered_get(stats);
                Outstanding = Raw.jobserver_stats_outstanding_get(stats);
                Extra = Raw.jobserver_stats_extra_get(stats);
                Lost = Raw.jobserver_stats_lost_get(stats);
                Waiting = Raw.jobserver_stats_waiting_get(stats);
            }
            finally
            {
                Raw.delete_jobserver_stats(stats);
            }
        }

        /// <summary>Jobs that may run at a time, in all; 0: not known. Since 0.1.</summary>
        public long Slots { get; private set; }

        /// <summary>Tokens that lie in the shared pool. Since 0.1.</summary>
        public long Available { get; private set; }

        /// <summary>Tokens that this process holds, without its own slot. Since 0.1.</summary>
        public long Held { get; private set; }

        /// <summary>Tokens that are with brokers of its children. Since 0.1.</summary>
        public long Brokered { get; private set; }

        /// <summary>Of a served one: tokens that children hold, or, once all have ended, have lost. Since 0.1.</summary>
        public long Outstanding { get; private set; }

        /// <summary>Of a served one: tokens that children gave back and never took. Since 0.1.</summary>
        public long Extra { get; private set; }

        /// <summary>Tokens that could not be given back. Since 0.1.</summary>
        public long Lost { get; private set; }

        /// <summary>Requests that wait for a token. Since 0.1.</summary>
        public long Waiting { get; private set; }
    }
}
