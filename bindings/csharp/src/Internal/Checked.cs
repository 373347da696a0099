using System;

namespace LibSched
{
    /// <summary>Arguments that are as they must be; else it is thrown which one is not, what it is, and what it may be.</summary>
    internal static class Checked
    {
        internal static uint Priority(Priority priority, string name = "priority")
        {
            if ((uint)priority >= Raw.PRIORITIES) ThrowPriority(priority, name);
            return (uint)priority;
        }

        private static void ThrowPriority(Priority priority, string name)
        {
            throw new ArgumentOutOfRangeException(name, priority, name + " must be Normal, High or Low.");
        }

        internal static long AtLeast(long least, long value, string name)
        {
            if (value < least) throw new ArgumentOutOfRangeException(name, value, name + " must be " + least + " or more.");
            return value;
        }

        internal static uint AtLeast(int least, int value, string name)
        {
            if (value < least) throw new ArgumentOutOfRangeException(name, value, name + " must be " + least + " or more.");
            return (uint)value;
        }

        /// <summary>A text that the native side sees all of: it ends at the first NUL there.</summary>
        internal static string Text(string text, string name)
        {
            int nul = text == null ? -1 : text.IndexOf('\0');
            if (nul >= 0) throw new ArgumentException(name + " has a NUL at index " + nul + ", where it would be cut off.", name);
            return text;
        }
    }
}
