using System;
using System.Runtime.Serialization;

namespace LibSched
{
    /// <summary>What the engine refused, and why. Any thread may read it. Since 0.1.</summary>
    [Serializable]
    public class LibSchedException : InvalidOperationException
    {
        internal LibSchedException(int code, int errno, long offset, string text)
            : base(string.IsNullOrEmpty(text) ? Raw.status_message(code) : text)
        {
            StatusCode = code;
            Errno = errno != 0 ? errno : code < 0 && code >= -4095 ? -code : 0;
            Offset = offset;
        }

        /// <summary>The status; <see cref="LibSched.Status.System"/> when the operating system refused something. Since 0.1.</summary>
        public Status Status
        {
            get { return Enum.IsDefined(typeof(Status), StatusCode) ? (Status)StatusCode : Status.System; }
        }

        /// <summary>The number of the status: one of the engine's codes, or a negated errno. Since 0.1.</summary>
        public int StatusCode { get; private set; }

        /// <summary>The error of the operating system, a positive number; 0 if it refused nothing. Since 0.1.</summary>
        public int Errno { get; private set; }

        /// <summary>Where in the input the failure lies: an index or byte offset; 0 where there is none. Since 0.1.</summary>
        public long Offset { get; private set; }

        /// <summary>One that came from another AppDomain, or out of a file. Since 0.1.</summary>
        /// <param name="info">what GetObjectData wrote</param>
        /// <param name="context">from where it comes</param>
        protected LibSchedException(SerializationInfo info, StreamingContext context)
            : base(info, context)
        {
            StatusCode = info.GetInt32("StatusCode");
            Errno = info.GetInt32("Errno");
            Offset = info.GetInt64("Offset");
        }

        /// <summary>Writes it, for another AppDomain or a file. Since 0.1.</summary>
        /// <param name="info">where to</param>
        /// <param name="context">where it goes</param>
        public override void GetObjectData(SerializationInfo info, StreamingContext context)
        {
            base.GetObjectData(info, context);
            info.AddValue("StatusCode", StatusCode);
            info.AddValue("Errno", Errno);
            info.AddValue("Offset", Offset);
        }

        internal static LibSchedException Of(long status, string text = null)
        {
            return new LibSchedException((int)status, 0, 0, text);
        }

        /// <summary>What a raw function gave, if it was no failure.</summary>
        internal static long Check(long result)
        {
            if (result < 0) throw Of(result);
            return result;
        }
    }
}
