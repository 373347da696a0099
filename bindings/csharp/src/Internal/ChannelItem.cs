using System;
using System.Threading;
using System.Threading.Tasks;

namespace LibSched
{
    /// <summary>An item of a channel as the native side sees it. Its slot is given back at its one end.</summary>
    internal abstract class ChannelItem
    {
        /// <summary>On whose workers it runs.</summary>
        internal abstract Engine Engine { get; }

        /// <summary>Runs the work; must not throw.</summary>
        internal abstract int Work(Worker worker);

        /// <summary>It has run, and was not cancelled.</summary>
        internal abstract void Done(Worker worker);

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

        internal override int Work(Worker worker)
        {
            try
            {
                Isolated.Run(new Working { Of = this }, worker);
            }
            catch (Exception exception)
            {
                ProcessEnd.Aborted(exception);
                thrown = exception;
            }
            return thrown == null ? 0 : (int)Status.Exception;
        }

        internal override void Done(Worker worker)
        {
            try
            {
                if (dispatcher.Finalizer != null) Isolated.Run(new Ending { Of = this }, worker);
            }
            catch (Exception exception)
            {
                dispatcher.Engine.Uncaught(exception);
            }
            if (completion == null)
            {
                if (thrown != null && dispatcher.Finalizer == null) dispatcher.Engine.Uncaught(thrown);
                return;
            }
            try
            {
                Abortable.Run(new Completing { Of = this }, worker);
            }
            catch (ThreadAbortException exception)
            {
                ProcessEnd.Aborted(exception); // of what goes on after an await
            }
        }

        internal override void Discarded()
        {
            if (completion != null) completion.TrySetCanceled();
        }

        private struct Working : IUserCode
        {
            internal ChannelItem<T> Of;

            public void Run()
            {
                Of.dispatcher.Work(Of.item);
            }
        }

        private struct Ending : IUserCode
        {
            internal ChannelItem<T> Of;

            public void Run()
            {
                Of.dispatcher.Finalizer(Of.item, Of.thrown);
            }
        }

        private struct Completing : IUserCode
        {
            internal ChannelItem<T> Of;

            public void Run()
            {
                if (Of.thrown != null) Of.completion.TrySetException(Of.thrown);
                else Of.completion.TrySetResult(true);
            }
        }
    }
}
