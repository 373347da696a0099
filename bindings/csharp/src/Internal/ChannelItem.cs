using System;
using System.Threading.Tasks;

namespace LibSched
{
    /// <summary>An item of a channel as the native side sees it. Its slot is given back at its one end.</summary>
    internal abstract class ChannelItem
    {
        /// <summary>On whose workers it runs.</summary>
        internal abstract Engine Engine { get; }

        /// <summary>Runs the work; must not throw.</summary>
        internal abstract int Work();

        /// <summary>It has run, and was not cancelled.</summary>
        internal abstract void Done();

        /// <summary>It will not run, or was cancelled while it did.</summary>
        internal abstract void Discarded();
    }

    /// <summary>An item with its dispatcher's functions.</summary>
    internal sealed class ChannelItem<T> : ChannelItem
    {
        private readonly Dispatcher<T> dispatcher;
        private readonly T item;
        private readonly TaskCompletionSource<bool> completion; // or null
        private Exception thrown;

        internal ChannelItem(Dispatcher<T> dispatcher, T item, TaskCompletionSource<bool> completion)
        {
            this.dispatcher = dispatcher;
            this.item = item;
            this.completion = completion;
        }

        internal override Engine Engine
        {
            get { return dispatcher.Engine; }
        }

        internal override int Work()
        {
            try
            {
                Isolated.Run(() => dispatcher.Work(item));
            }
            catch (Exception exception)
            {
                ProcessEnd.Aborted(exception);
                thrown = exception;
            }
            return thrown == null ? 0 : (int)Status.Exception;
        }

        internal override void Done()
        {
            try
            {
                if (dispatcher.Finalizer != null) Isolated.Run(() => dispatcher.Finalizer(item, thrown));
            }
            catch (Exception exception)
            {
                dispatcher.Engine.Uncaught(exception);
            }
            if (completion == null)
            {
                if (thrown != null && dispatcher.Finalizer == null) dispatcher.Engine.Uncaught(thrown);
            }
            else if (thrown != null)
            {
                completion.TrySetException(thrown);
            }
            else
            {
                completion.TrySetResult(true);
            }
        }

        internal override void Discarded()
        {
            if (completion != null) completion.TrySetCanceled();
        }
    }
}
