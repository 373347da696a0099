namespace LibSched
{
    /// <summary>The native sides of queues and senders.</summary>
    internal static class QueueHandles
    {
        internal static NativeHandle Create(bool bytes, long bound, long byteBound)
        {
            Checked.AtLeast(0, bound, nameof(bound));
            Checked.AtLeast(0, byteBound, nameof(byteBound));
            long options = Raw.new_queue_options();
            try
            {
                Raw.queue_options_init(options);
                Raw.queue_options_flags_set(options, bytes ? Raw.QUEUE_BYTES : 0);
                Raw.queue_options_bound_set(options, bound);
                Raw.queue_options_byte_bound_set(options, byteBound);
                if (!bytes) Raw.queue_options_discard_set(options, Upcalls.DiscardPointer);
                return new NativeHandle(Raw.queue_create(options), Raw.queue_unref, "queue");
            }
            finally
            {
                Raw.delete_queue_options(options);
            }
        }

        internal static NativeHandle CreateSender(NativeHandle queue)
        {
            long address;
            using (queue.Enter(out address)) return new NativeHandle(Raw.sender_create(address), Raw.sender_unref, "sender");
        }

        /// <summary>Whether a message was taken by the queue.</summary>
        internal static bool Accepted(long status)
        {
            if (status == Code.Full || status == Code.Timeout) return false;
            LibSchedException.Check(status);
            return true;
        }
    }
}
