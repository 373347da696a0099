/* @param and parameters differ in number */
/**
 * Adds.
 *
 * @param a  the first
 * @param b  the second
 * @param c  the third
 * @return the sum
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_add(int a,
                                                 int b);
