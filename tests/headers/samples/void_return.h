/* @return, but it returns nothing */
/**
 * Adds.
 *
 * @param a  the first
 * @param b  the second
 * @return the sum
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_add(int a,
                                                 int b);
