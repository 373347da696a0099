/* no Blocks: */
/**
 * Adds.
 *
 * @param a  the first
 * @param b  the second
 * @return the sum
 *
 * Threads: any.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_add(int a,
                                                 int b);
