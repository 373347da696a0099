using System;
using System.Collections.Generic;

namespace LibSched
{
    /// <summary>Arguments that are as they must be; else it is thrown which one is not, what it is, and what it may be.</summary>
    internal static class Checked
    {
        internal static uint Priority(Priority priority, string name = "priority")
        {
            if ((uint)priority >= Raw.PRIORITIES) OneOf(priority, name);
            return (uint)priority;
        }

        /// <summary>A number that its enum has a name for.</summary>
        internal static uint OneOf<T>(T value, string name)
            where T : struct
        {
            if (Enum.IsDefined(typeof(T), value)) return Convert.ToUInt32(value);
            throw Wrong(name, value, "one of " + string.Join(", ", Enum.GetNames(typeof(T))));
        }

        internal static long AtLeast(long least, long value, string name)
        {
            if (value < least) throw Wrong(name, value, least + " or more");
            return value;
        }

        internal static uint AtLeast(int least, int value, string name)
        {
            if (value < least) throw Wrong(name, value, least + " or more");
            return (uint)value;
        }

        internal static long Within(long least, long most, long value, string name)
        {
            if (value < least || value > most) throw Wrong(name, value, "from " + least + " to " + most);
            return value;
        }

        internal static uint Within(int least, uint most, int value, string name)
        {
            if (value < least || value > most) throw Wrong(name, value, "from " + least + " to " + most);
            return (uint)value;
        }

        /// <summary>Zero means the default.</summary>
        internal static long ZeroOrWithin(long least, long most, long value, string name)
        {
            if (value != 0 && (value < least || value > most)) throw Wrong(name, value, "0, or from " + least + " to " + most);
            return value;
        }

        /// <summary>A text that the native side sees all of: it ends at the first NUL there.</summary>
        internal static string Text(string text, string name)
        {
            int nul = text == null ? -1 : text.IndexOf('\0');
            if (nul >= 0) throw new ArgumentException(name + " has a NUL at index " + nul + ", where it would be cut off.", name);
            return text;
        }

        /// <summary>The same, of at least one character.</summary>
        internal static string Name(string text, string name)
        {
            if (text == null) throw new ArgumentNullException(name);
            if (text.Length == 0) throw new ArgumentException(name + " must have a character.", name);
            return Text(text, name);
        }

        internal static IList<string> Program(IList<string> command)
        {
            if (command == null || command.Count == 0) throw new ArgumentException("Command must begin with a program.", "Command");
            return command;
        }

        internal static Exception Wrong(string name, object value, string right)
        {
            return new ArgumentOutOfRangeException(name, value, name + " must be " + right + ".");
        }

        internal static Exception NullElement(int index, string name)
        {
            return new ArgumentNullException(name, name + "[" + index + "] is null.");
        }
    }
}
