/**
 * Blocking inside a task: for a call that waits for something the pool knows nothing of, such as a read from a socket, a
 * foreign lock, or a child process.
 *
 *     libsched_blocking_begin();
 *     read(socket, buffer, size);
 *     libsched_blocking_end();
 *
 * Between the two the worker does not count as one: a spare worker stands in for it, so that the pool runs as many tasks as
 * it was made for. What the worker had queued moves to where the others see it. The blocked task keeps its place under a cap of
 * its priority.
 *
 * A pool has up to `max_spare` such workers (libsched_pool_options). Their threads start when they are first needed, run the
 * same hooks, sleep when they are not needed, and have indices of their own below libsched_pool_max_workers. A begin that finds
 * none left looks like a spare until it is refused: another one in that moment may be let in without a spare, though never the
 * last worker, and the pool has one worker less until that section ends.
 */
#ifndef LIBSCHED_BLOCKING_H
#define LIBSCHED_BLOCKING_H

#include <libsched/base.h>

LIBSCHED_BEGIN_DECLS

/**
 * Says that the running task is about to block. May be nested: the outermost pair counts. A task that returns without its
 * end is ended as if it had called it. A wait for a group or a join inside interrupts the section: who waits works.
 *
 * @return LIBSCHED_OK; LIBSCHED_E_NOT_WORKER (called by no task on a pool's worker: nothing to do);
 *         LIBSCHED_E_NO_SPARE (all spare workers are in use, or no thread can be started: the pool has one worker less for
 *         as long as the task blocks). After an error no libsched_blocking_end is due, and calling it does no harm
 *
 * Threads: any.  Blocks: never, apart from the start of a thread.  Since: 0.1
 */
LIBSCHED_API int libsched_blocking_begin(void);

/**
 * Says that the running task goes on. It does so at once; if that makes one worker too many, the next one that ends its task
 * goes to sleep.
 *
 * @return LIBSCHED_OK; LIBSCHED_E_UNBALANCED (no libsched_blocking_begin of this task, on this thread, awaits its end)
 *
 * Threads: the one that began.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API int libsched_blocking_end(void);

LIBSCHED_END_DECLS

#endif
