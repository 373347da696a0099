namespace LibSched
{
    /// <summary>Whom tasks of an engine are run for.</summary>
    internal abstract class TaskOwner
    {
        internal readonly Engine Engine;

        internal TaskOwner(Engine engine)
        {
            Engine = engine;
        }

        /// <summary>Runs a task; must not throw. Gives 0, or the code of its failure.</summary>
        internal abstract int Run(object task);

        /// <summary>A task will never run; must not throw.</summary>
        internal abstract void Discarded(object task);

        /// <summary>Whether a failure of one may end the others, so that none is begun before it is told.</summary>
        internal virtual bool FailsTogether
        {
            get { return false; }
        }
    }
}
