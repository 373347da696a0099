namespace LibSched
{
    /// <summary>What a raw function could not do.</summary>
    internal static class Failure
    {
        /// <summary>A result of a raw function, if it is no failure; outcomes are negative, too.</summary>
        internal static long Check(long result)
        {
            if (result < 0) Throw();
            return result;
        }

        private static void Throw()
        {
            long status = Raw.failure_take();
            if (status == 0) return;
            throw new LibSchedException((int)status, (int)Raw.failure_errno(), Raw.failure_offset(), Raw.failure_text());
        }
    }
}
