using System;
using System.Text;

namespace LibSched
{
    /// <summary>A line of a process' output. Any thread may read it. Since 0.1.</summary>
    public sealed class ProcessOutput
    {
        internal const int HeaderLength = 16; // of a libsched_process_output
        private const int StreamOffset = 8;
        private const int FlagsOffset = 12;
        private readonly uint flags;

        private ProcessOutput(byte[] message, int length)
        {
            Tag = BitConverter.ToInt64(message, 0);
            IsError = BitConverter.ToUInt32(message, StreamOffset) == Raw.PROCESS_STDERR;
            flags = BitConverter.ToUInt32(message, FlagsOffset);
            Text = Encoding.UTF8.GetString(message, HeaderLength, length - HeaderLength);
        }

        /// <summary>Of the process. Since 0.1.</summary>
        public long Tag { get; private set; }

        /// <summary>Whether it is of stderr. Since 0.1.</summary>
        public bool IsError { get; private set; }

        /// <summary>The line without its newline, or a part of a long one; text that is no UTF-8 is replaced. Since 0.1.</summary>
        public string Text { get; private set; }

        /// <summary>Whether the next message of the same stream continues this line. Since 0.1.</summary>
        public bool IsContinued
        {
            get { return (flags & Raw.PROCESS_CONTINUES) != 0; }
        }

        /// <summary>Whether it is the last of the stream, and had no newline. Since 0.1.</summary>
        public bool IsUnfinished
        {
            get { return (flags & Raw.PROCESS_UNFINISHED) != 0; }
        }

        /// <summary>Whether it is the last of the stream since MaxOutput is reached. Since 0.1.</summary>
        public bool IsCut
        {
            get { return (flags & Raw.PROCESS_CUT) != 0; }
        }

        /// <summary>Reads a message of <see cref="ProcessOptions.Output"/>. Any thread; does not block. Since 0.1.</summary>
        /// <param name="message">the bytes; those of the line begin at the 16th</param>
        /// <param name="length">how many of them; -1: all</param>
        /// <returns>the line</returns>
        /// <exception cref="ArgumentNullException">message is null</exception>
        /// <exception cref="ArgumentOutOfRangeException">length is more than the message has, or too few for one</exception>
        public static ProcessOutput Read(byte[] message, int length = -1)
        {
            if (message == null) throw new ArgumentNullException(nameof(message));
            if (length == -1) length = message.Length;
            Checked.AtLeast(HeaderLength, length, nameof(length));
            Checked.Within(0, (uint)message.Length, length, nameof(length));
            return new ProcessOutput(message, length);
        }
    }
}
