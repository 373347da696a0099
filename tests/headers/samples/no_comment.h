/* no /** comment before it */
/**
 * Adds.
 *
 * @param a  the first
 * @param b  the second
 * @return the sum
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
int other;
LIBSCHED_API LIBSCHED_NODISCARD int libsched_add(int a,
                                                 int b);
