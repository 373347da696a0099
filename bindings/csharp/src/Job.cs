using System;

namespace LibSched
{
    /// <summary>The number of a job, of no other one of any graph of this process. Any thread may use it. Since 0.1.</summary>
    public struct Job : IEquatable<Job>
    {
        internal readonly long Id;

        internal Job(long id)
        {
            Id = id;
        }

        /// <summary>Whether it is no job. Since 0.1.</summary>
        public bool IsNone
        {
            get { return Id == 0; }
        }

        /// <summary>Whether it is the same. Since 0.1.</summary>
        /// <param name="other">another</param>
        /// <returns>whether it is</returns>
        public bool Equals(Job other)
        {
            return Id == other.Id;
        }

        /// <summary>Whether it is the same. Since 0.1.</summary>
        /// <param name="obj">another</param>
        /// <returns>whether it is</returns>
        public override bool Equals(object obj)
        {
            return obj is Job && Equals((Job)obj);
        }

        /// <summary>For dictionaries. Since 0.1.</summary>
        /// <returns>a hash code</returns>
        public override int GetHashCode()
        {
            return Id.GetHashCode();
        }
    }
}
