using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace LibSched
{
    /// <summary>Texts as the native side has them: UTF-8, ended by a zero byte.</summary>
    internal static class Text
    {
        internal static unsafe string Of(IntPtr text)
        {
            if (text == IntPtr.Zero) return null;
            byte* bytes = (byte*)text;
            int length = 0;
            while (bytes[length] != 0) length++;
            return Encoding.UTF8.GetString(bytes, length);
        }

        internal static unsafe byte[] Bytes(long data, long size)
        {
            byte[] bytes = new byte[size];
            if (size != 0) Marshal.Copy((IntPtr)data, bytes, 0, bytes.Length);
            return bytes;
        }
    }

    /// <summary>Memory of the native side that lives for one call: arrays of texts or numbers.</summary>
    internal sealed class NativeArrays : IDisposable
    {
        private readonly List<IntPtr> allocated = new List<IntPtr>();

        private long Text(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            IntPtr copy = Allocate(bytes.Length + 1);
            Marshal.Copy(bytes, 0, copy, bytes.Length);
            Marshal.WriteByte(copy, bytes.Length, 0);
            return (long)copy;
        }

        /// <summary>Texts, ended by NULL; 0 for null.</summary>
        /// <param name="texts">the texts</param>
        /// <param name="name">what the user knows them by</param>
        internal long Texts(IEnumerable<string> texts, string name)
        {
            if (texts == null) return 0;
            var addresses = new List<long>();
            foreach (string text in texts)
            {
                if (text == null) throw Checked.NullElement(addresses.Count, name);
                addresses.Add(Text(Checked.Text(text, name)));
            }
            addresses.Add(0);
            IntPtr array = Allocate(addresses.Count * sizeof(long));
            Marshal.Copy(addresses.ToArray(), 0, array, addresses.Count);
            return (long)array;
        }

        /// <summary>Numbers; 0 for none.</summary>
        internal long Numbers(int[] numbers)
        {
            if (numbers == null || numbers.Length == 0) return 0;
            IntPtr array = Allocate(numbers.Length * sizeof(int));
            Marshal.Copy(numbers, 0, array, numbers.Length);
            return (long)array;
        }

        private IntPtr Allocate(int size)
        {
            IntPtr memory = Marshal.AllocHGlobal(size);
            allocated.Add(memory);
            return memory;
        }

        public void Dispose()
        {
            foreach (IntPtr memory in allocated) Marshal.FreeHGlobal(memory);
            allocated.Clear();
        }
    }
}
