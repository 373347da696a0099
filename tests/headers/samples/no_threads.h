/* no Threads: */
/**
 * Adds.
 *
 * @param a  the first
 * @param b  the second
 * @return the sum
 *
 * Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_add(int a,
                                                 int b);
