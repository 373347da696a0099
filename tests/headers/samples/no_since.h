/* no Since: */
/**
 * Adds.
 *
 * @param a  the first
 * @param b  the second
 * @return the sum
 *
 * Threads: any.  Blocks: never.
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_add(int a,
                                                 int b);
