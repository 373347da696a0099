/**
 * Batches: many small tasks of one kind, carried out by one call of a function. For tasks whose call is dear, such as a
 * callback into another language.
 *
 *     libsched_batch *batch;
 *     libsched_batch_create(&batch, pool, run_many, NULL, 64, NULL);
 *     libsched_batch_submit(batch, NULL, LIBSCHED_NORMAL, &request);
 *
 * Each item stays a task, with its own result, discard and place in the statistics. Of one priority, the items of a batch
 * (or the tasks of the group that they are submitted to) are started oldest first; other tasks take their turns with them.
 * A worker hands consecutive items of one priority to one call: as many as its share of what is queued, at most `max`, no
 * more than the pool's starvation bounds let it take in a row, no more than take about 50 us, judged by the calls before,
 * and a single one while more urgent work waits.
 */
#ifndef LIBSCHED_BATCH_H
#define LIBSCHED_BATCH_H

#include <libsched/base.h>
#include <libsched/cancel.h>
#include <libsched/error.h>
#include <libsched/group.h>
#include <libsched/pool.h>

LIBSCHED_BEGIN_DECLS

/** A kind of tasks that are run many at a time. */
typedef struct libsched_batch libsched_batch;

/** The most items that one call is given. */
#define LIBSCHED_MAX_BATCH_ITEMS 256u

/**
 * Runs items, in order. Between items it should ask libsched_should_yield and libsched_task_cancelled, and return early if one
 * is true: the items that it did not run go back to the head of the queue, in order, or are discarded if they were cancelled.
 * They wait to start again then, even beyond the pool's capacity. An exception, or an end of the thread, counts as the
 * failure of every item of the call.
 *
 * @param task       the call; for libsched_task_worker, libsched_should_yield and libsched_task_cancelled
 * @param user_data  n pointers, one for each item
 * @param n          how many, at least 1
 * @param results    n results, all 0: 0 for an item that is done, LIBSCHED_E_CANCELLED for one that was found to be no
 *                   longer wanted (it counts as cancelled, not as a failure; discard is not called), anything else
 *                   for a failure
 * @return how many items were run, the first ones; more than n counts as n
 */
typedef size_t (*libsched_batch_fn)(libsched_task *task, void *const *user_data, size_t n, int *results);

/**
 * Creates a kind of batched tasks.
 *
 * @param out       receives the handle with one reference (not NULL)
 * @param pool      the pool that runs them (not NULL)
 * @param run_many  runs items (not NULL)
 * @param discard   called for an item that will never run; may be NULL
 * @param max       most items of one call, 1 to LIBSCHED_MAX_BATCH_ITEMS; 0 = 64
 * @param error     details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_RANGE (max), -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_batch_create(libsched_batch **out, libsched_pool *pool,
                                                          libsched_batch_fn run_many,
                                                          libsched_discard_fn discard, uint32_t max,
                                                          libsched_error **error);

/**
 * Adds a reference.
 *
 * @param batch  the batch, or NULL (nothing happens)
 * @return batch
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_batch *libsched_batch_ref(libsched_batch *batch);

/**
 * Drops a reference. Items that were submitted run all the same.
 *
 * @param batch  the batch, or NULL (nothing happens)
 *
 * Threads: any, one that runs items too.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_batch_unref(libsched_batch *batch);

/**
 * Submits one item.
 *
 * @param batch      the batch (not NULL)
 * @param group      the group that the item becomes a member of, on the same pool; NULL = none
 * @param priority   LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW
 * @param user_data  passed to run_many, or to discard
 * @return LIBSCHED_OK; LIBSCHED_E_RANGE (the priority, or the group is of another pool); else as libsched_group_submit_timed
 *
 * Threads: any.  Blocks: while the pool's capacity is reached, but not on the pool's workers.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_batch_submit(libsched_batch *batch, libsched_group *group,
                                                          uint32_t priority, void *user_data);

/**
 * Submits n items, in order.
 *
 * @param accepted    receives how many items were accepted, the first ones (not NULL)
 * @param batch       the batch (not NULL)
 * @param group       the group that the items become members of, on the same pool; NULL = none
 * @param priority    LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW
 * @param user_data   n pointers, one for each item (not NULL unless n is 0)
 * @param n           how many; 0 does nothing
 * @param timeout_ns  longest wait for room in the pool, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @param error       details of a failure, or NULL
 * @return LIBSCHED_OK when at least one was accepted or n is 0; else as libsched_batch_submit, LIBSCHED_E_TIMEOUT,
 *         LIBSCHED_E_CANCELLED
 *
 * Threads: any.  Blocks: while the pool's capacity is reached, but not on the pool's workers.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_batch_submit_n(size_t *accepted, libsched_batch *batch,
                                                            libsched_group *group, uint32_t priority,
                                                            void *const *user_data, size_t n,
                                                            int64_t timeout_ns, libsched_cancel *cancel,
                                                            libsched_error **error);

/**
 * Gives back items that a call of run_many has not begun, before that returns: they go back to the head of the queue, in order,
 * and other workers run them. For a call that may be held up by an item, which may even wait for one of those behind it. It
 * can do so in a pool that was shut down, too: its items are still to be run, or discarded.
 *
 * From here on the call must not begin an item from `first` on; what it returns counts as `first` if it is more. Both are
 * up to the caller, who must also see to it that the call has not returned, and does not before this has.
 *
 * @param task   the call, as run_many was given it
 * @param first  the first item that it gives back, from 1: the one at 0 it cannot; n or more: nothing happens
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_RANGE (first is 0), LIBSCHED_E_STATE (the task is no call of a run_many)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_batch_give_back(libsched_task *task, size_t first);

/**
 * Lets a spare worker stand in for the one that is held up in a call of run_many, until that returns: what
 * libsched_blocking_begin does, for a call that does not say itself that it blocks. One more task of the pool runs meanwhile.
 * The caller must see to it that the call has not returned, and does not before this has. A second time nothing happens.
 *
 * @param task  the call, as run_many was given it
 * @return LIBSCHED_OK, LIBSCHED_E_NO_SPARE (all spare workers are in use), LIBSCHED_E_NULL, LIBSCHED_E_STATE (the task is no
 *         call of a run_many)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_batch_stand_in(libsched_task *task);

LIBSCHED_END_DECLS

#endif
