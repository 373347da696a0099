/* no @param for b */
/**
 * Adds.
 *
 * @param a  the first
 * @return the sum
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_add(int a,
                                                 int b);
