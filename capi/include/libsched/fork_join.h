/**
 * Fork and join: two branches of a computation at the same time, without an allocation. libsched_fork offers a branch
 * to the other workers, the caller goes on with the other branch, and libsched_join waits for the first one, which it
 * runs itself if nobody has taken it:
 *
 *     libsched_frame frame;
 *     libsched_fork(&frame, sort_half, &left);
 *     sort_half(task, &right);
 *     libsched_join(&frame);
 *
 * Each fork must be joined, by the function that forked, on every way out of it, and the last fork first: a frame lies in
 * the caller's own storage and must not end before. A function that ends its thread between the two, or that is left by
 * an exception there, is undefined.
 *
 * A worker that waits in a join does other work meanwhile: branches of other workers, and tasks of the branch's priority
 * or a higher one, up to 256 of them inside one another and as long as 128 KiB of its stack are left. Then, or when
 * there is nothing to do, it sleeps. Do not hold a lock across a join that such work may want.
 *
 * Branches are no tasks: they are not counted in the pool's statistics and have no discard; a pool that is shut down runs
 * them to the end, as parts of the task that forked them. Idle workers take them, oldest first.
 *
 * Sources: Cilk's work stealing (Frigo, Leiserson, Randall 1998), the deque of Chase and Lev (2005), rayon's join.
 */
#ifndef LIBSCHED_FORK_JOIN_H
#define LIBSCHED_FORK_JOIN_H

#include <libsched/base.h>
#include <libsched/cancel.h>
#include <libsched/error.h>
#include <libsched/pool.h>

LIBSCHED_BEGIN_DECLS

/** Storage for one fork. No need to initialise it; all but `code` belongs to the library. */
typedef struct libsched_frame {
  int32_t code;       /**< after the join: what the branch returned, LIBSCHED_E_EXCEPTION or LIBSCHED_E_UNWOUND */
  uint32_t reserved0; /**< the library's */
  void *reserved[7];  /**< the library's */
} libsched_frame;

/**
 * A part of a loop.
 *
 * @param task       the task that the part runs in
 * @param begin      the part's first index
 * @param end        one more than its last; more than `begin`
 * @param user_data  what was given to the loop
 * @return 0 when done; anything else: the loop ends with that code
 */
typedef int (*libsched_chunk_fn)(libsched_task *task, uint64_t begin, uint64_t end, void *user_data);

/**
 * One index of a loop.
 *
 * @param task       the task that the index is run in
 * @param index      the index
 * @param user_data  what was given to the loop
 * @return 0 when done; anything else: the loop ends with that code
 */
typedef int (*libsched_index_fn)(libsched_task *task, uint64_t index, void *user_data);

/**
 * Offers a branch to the other workers of the pool whose worker calls. On a thread that is no worker the branch runs in
 * the join.
 *
 * @param frame      the caller's storage, unused until it is joined (not NULL)
 * @param fn         called once, by another worker or in the join (not NULL)
 * @param user_data  passed to fn; may be NULL
 * @return LIBSCHED_OK or LIBSCHED_E_NULL
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_fork(libsched_frame *frame, libsched_task_fn fn,
                                                  void *user_data);

/**
 * Returns when the branch has ended; runs it if no other worker has begun it.
 *
 * @param frame  what was forked last by this thread and not yet joined (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_FAILED (frame->code says what the branch returned), LIBSCHED_E_NULL
 *
 * Threads: the one that forked.  Blocks: until the branch has ended; runs other work meanwhile.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_join(libsched_frame *frame);

/**
 * Calls fn for each index of a range, on the pool's workers, and returns when all calls have ended. On a worker of the pool
 * the caller takes part; elsewhere it waits. A pool without workers has the caller do it all. Loops may be nested.
 *
 * @param code       receives the code of the first index that failed, LIBSCHED_E_EXCEPTION for an exception, else 0; may
 *                   be NULL
 * @param pool       the pool (not NULL)
 * @param priority   LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW; of the loop's task, when no worker calls
 * @param begin      first index
 * @param end        one more than the last; not above `begin`: nothing is called
 * @param grain      most indices that one worker takes at a time; 0 = chosen, about a 32nd of a worker's share
 * @param fn         called once for each index, in any order, on any worker, until one fails (not NULL)
 * @param user_data  passed to fn; may be NULL
 * @param cancel     ends the loop: no further index begins; or NULL
 * @param error      details of a failure, or NULL
 * @return LIBSCHED_OK; LIBSCHED_E_FAILED (a call failed; others may not have been made), LIBSCHED_E_CANCELLED,
 *         LIBSCHED_E_CLOSED (the pool was shut down before the loop began), and what libsched_pool_submit returns
 *
 * Threads: any.  Blocks: until every call that was begun has ended.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_parallel_for(int *code, libsched_pool *pool,
                                                          uint32_t priority, uint64_t begin,
                                                          uint64_t end, uint64_t grain,
                                                          libsched_index_fn fn, void *user_data,
                                                          libsched_cancel *cancel,
                                                          libsched_error **error);

/**
 * The same with fn called for parts of the range, none empty and none longer than the grain, which together are the range.
 *
 * @param code       receives the code of the first part that failed, LIBSCHED_E_EXCEPTION for an exception, else 0; may
 *                   be NULL
 * @param pool       the pool (not NULL)
 * @param priority   LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW; of the loop's task, when no worker calls
 * @param begin      first index
 * @param end        one more than the last; not above `begin`: nothing is called
 * @param grain      most indices of a part; 0 = chosen, about a 32nd of a worker's share
 * @param fn         called once for each part, in any order, on any worker, until one fails (not NULL)
 * @param user_data  passed to fn; may be NULL
 * @param cancel     ends the loop: no further part begins; or NULL
 * @param error      details of a failure, or NULL
 * @return as libsched_parallel_for
 *
 * Threads: any.  Blocks: until every call that was begun has ended.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_parallel_for_each_chunk(
    int *code, libsched_pool *pool, uint32_t priority, uint64_t begin, uint64_t end, uint64_t grain,
    libsched_chunk_fn fn, void *user_data, libsched_cancel *cancel, libsched_error **error);

LIBSCHED_END_DECLS

#endif
