using System;

namespace LibSched
{
    /// <summary>Objects that a native container holds, by the numbers of their slots.</summary>
    internal static class Elements
    {
        /// <summary>Puts one into a container; gives whether that has taken it.</summary>
        internal static bool Put(object element, Func<long, long> put)
        {
            long slot = Slots.Put(element, null);
            long status = Code.Internal;
            try
            {
                status = put(slot);
            }
            finally
            {
                if (status != 0) Slots.Remove(slot);
            }
            return Accepted(status);
        }

        /// <summary>Takes the one that has come out of a container.</summary>
        internal static T Take<T>(long slot)
        {
            return (T)Slots.Remove(slot).Item;
        }

        /// <summary>Whether a container has taken what it was given.</summary>
        internal static bool Accepted(long status)
        {
            if (status == Code.Full || status == Code.Timeout) return false;
            LibSchedException.Check(status);
            return true;
        }

        /// <summary>Whether something has come out of a queue.</summary>
        internal static bool Came(long result)
        {
            if (result == Code.Empty || result == Code.Timeout || result == Code.Closed) return false;
            LibSchedException.Check(result);
            return true;
        }
    }
}
