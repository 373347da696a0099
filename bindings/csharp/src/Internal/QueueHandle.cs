namespace LibSched
{
    /// <summary>The native side of a queue, of messages of either kind.</summary>
    internal sealed class QueueHandle
    {
        internal readonly NativeHandle Native;

        internal QueueHandle(bool bytes, long bound, long byteBound)
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
                Native = new NativeHandle(Raw.queue_create(options), Raw.queue_unref, bytes ? "ByteQueue" : "MessageQueue");
            }
            finally
            {
                Raw.delete_queue_options(options);
            }
        }

        internal NativeHandle CreateSender(string owner)
        {
            long queue;
            using (Native.Enter(out queue)) return new NativeHandle(Raw.sender_create(queue), Raw.sender_unref, owner);
        }

        internal long Count
        {
            get
            {
                long queue;
                using (Native.Enter(out queue)) return Raw.queue_len(queue);
            }
        }

        internal void Close()
        {
            long queue;
            if (!Native.TryEnter(out queue)) return;
            Raw.queue_close(queue);
            Native.Leave();
        }

        internal void Dispose()
        {
            Close();
            Native.Dispose();
        }
    }
}
