using System;

namespace LibSched
{
    /// <summary>
    /// Elements of three priorities for a number of contexts, such as threads of one's own, that steal from each other: what a
    /// <see cref="Pool"/> does, without its threads. Any thread may use it, but a context's calls come one at a time. Nothing blocks.
    /// Since 0.1.
    /// </summary>
    /// <typeparam name="T">of the elements</typeparam>
    public sealed class StealingQueue<T> : IDisposable
    {
        private readonly NativeHandle handle;

        /// <summary>Makes an empty queue. Since 0.1.</summary>
        /// <param name="contexts">how many contexts, up to 1024; 0: one for each usable CPU</param>
        /// <param name="normalBound">how often in a row others go before a Normal element; 0: 8</param>
        /// <param name="lowBound">how often in a row others go before a Low element, 2 or more; 0: 64</param>
        /// <exception cref="ArgumentOutOfRangeException">a number is outside its range</exception>
        public StealingQueue(int contexts = 0, int normalBound = 0, int lowBound = 0)
        {
            Checked.Within(0, Raw.MAX_WORKERS, contexts, nameof(contexts));
            Checked.AtLeast(0, normalBound, nameof(normalBound));
            Checked.ZeroOrWithin(2, int.MaxValue, lowBound, nameof(lowBound));
            long options = Raw.new_stealing_queue_options();
            try
            {
                Raw.stealing_queue_options_init(options);
                Raw.stealing_queue_options_contexts_set(options, (uint)contexts);
                Raw.stealing_queue_options_normal_bound_set(options, (uint)normalBound);
                Raw.stealing_queue_options_low_bound_set(options, (uint)lowBound);
                Raw.stealing_queue_options_discard_set(options, Upcalls.DiscardPointer);
                handle = new NativeHandle(Raw.stealing_queue_create(options), Raw.stealing_queue_unref, "StealingQueue");
            }
            finally
            {
                Raw.delete_stealing_queue_options(options);
            }
            long queue;
            using (handle.Enter(out queue)) Contexts = (int)Raw.stealing_queue_contexts(queue);
        }

        /// <summary>How many contexts there are. Since 0.1.</summary>
        public int Contexts { get; private set; }

        /// <summary>Adds an element from outside; any context may take it. Since 0.1.</summary>
        /// <param name="item">any value</param>
        /// <param name="priority">how urgent it is</param>
        /// <exception cref="ArgumentOutOfRangeException">there is no such priority</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void Submit(T item, Priority priority = Priority.Normal)
        {
            uint level = Checked.Priority(priority);
            long queue;
            using (handle.Enter(out queue)) Elements.Put(item, slot => Raw.stealing_queue_submit(queue, level, slot));
        }

        /// <summary>
        /// Adds an element to a context's own ones: its next call finds it first within the priority, others take it when they have
        /// nothing else. By the context. Since 0.1.
        /// </summary>
        /// <param name="context">which context, from 0 on</param>
        /// <param name="item">any value</param>
        /// <param name="priority">how urgent it is</param>
        /// <exception cref="ArgumentOutOfRangeException">there is no such context or priority</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Busy"/>: another thread is the context just now</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public void SubmitLocal(int context, T item, Priority priority = Priority.Normal)
        {
            uint own = Context(context), level = Checked.Priority(priority);
            long queue;
            using (handle.Enter(out queue))
            {
                Elements.Put(item, slot => Raw.stealing_queue_submit_local(queue, own, level, slot));
            }
        }

        /// <summary>Takes the element that a context should work on next. By the context. Since 0.1.</summary>
        /// <param name="context">which context, from 0 on</param>
        /// <param name="item">the element</param>
        /// <returns>what it has come to</returns>
        /// <exception cref="ArgumentOutOfRangeException">there is no such context</exception>
        /// <exception cref="LibSchedException"><see cref="Status.Busy"/>: another thread is the context just now</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public Steal Next(int context, out T item)
        {
            uint own = Context(context);
            long queue;
            using (handle.Enter(out queue)) return Deque<T>.Taken(Raw.stealing_queue_next(null, queue, own), out item);
        }

        /// <summary>How many elements of a priority are held; exact when no other call is at work. Since 0.1.</summary>
        /// <param name="priority">of which</param>
        /// <returns>the count</returns>
        /// <exception cref="ArgumentOutOfRangeException">there is no such priority</exception>
        /// <exception cref="ObjectDisposedException">it was disposed</exception>
        public long Count(Priority priority)
        {
            uint level = Checked.Priority(priority);
            long queue;
            using (handle.Enter(out queue)) return Raw.stealing_queue_len(queue, level);
        }

        /// <summary>Forgets what is left. Since 0.1.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        private uint Context(int context)
        {
            return Checked.Within(0, (uint)Contexts - 1, context, nameof(context));
        }
    }
}
