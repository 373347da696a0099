/* @param b is not in the order of the declaration */
/**
 * Adds.
 *
 * @param b  the second
 * @param a  the first
 * @return the sum
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_add(int a,
                                                 int b);
