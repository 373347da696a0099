using System;
using System.Collections.Generic;

namespace LibSched
{
    /// <summary>Some of the tasks of an intake, which are handed over at once.</summary>
    internal sealed class IntakePart
    {
        internal const int Size = 1024;

        internal readonly Slots.Entry[] Entries = new Slots.Entry[Size];
        internal int Count;
        internal IntakePart Next;

        internal bool IsFull
        {
            get { return Count == Size; }
        }

        internal void Add(object task, TaskOwner owner)
        {
            Entries[Count].Owner = owner;
            Entries[Count].Item = task;
            Count++;
        }

        /// <summary>Adds as many as there is room for; gives how many.</summary>
        internal int Add(object[] tasks, int from, TaskOwner owner)
        {
            int added = Math.Min(tasks.Length - from, Size - Count);
            for (int i = 0; i < added; i++) Add(tasks[from + i], owner);
            return added;
        }

        internal void Clear()
        {
            Array.Clear(Entries, 0, Count);
            Count = 0;
        }

        internal IEnumerable<object> Of(TaskOwner owner)
        {
            for (int i = 0; i < Size; i++)
            {
                Slots.Entry entry = Entries[i];
                if (entry.Owner == owner && entry.Item != null) yield return entry.Item;
            }
        }
    }
}
