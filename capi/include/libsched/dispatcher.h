/**
 * Dispatcher: runs the tasks of any number of channels (<libsched/channel.h>) on a pool, so that no channel starves another.
 *
 * It takes tasks from the channels by turns, and runs no more of them at a time than its limit says, which may change while it
 * runs. Channels of one priority take turns in weighted round robin, one task at a time: as long as it has tasks that may
 * start, a channel of weight w gets w turns a round. So with equal weights, between two turns of such a channel every
 * other one has at most one, and with any weights it waits for its next turn no longer than one round, that is the
 * sum of the others' weights. The turns are interleaved (interleaved weighted round robin, after Katevenis, Sidiropoulos
 * and Courcoubetis 1991), and finding the next one takes the same time however many channels there are. A priority is that
 * of the pool: more urgent channels go first, within the pool's starvation bounds.
 *
 * A task is run by `work`, then `finalize` is told the result. Every task that was accepted ends in one of these ways:
 *
 *  - it is run: work, then finalize if there is one;
 *  - it is run, and its channel is cleared before finalize was begun: work, then discard in place of finalize; without a
 *    finalize function there is nothing left to decide;
 *  - it never runs, since the channel is cleared or the dispatcher cancelled: discard alone.
 *  - its work ends the thread, which counts as a failure: work, then discard if there is a finalize function.
 *
 * The tasks are tasks of the pool: they are counted in its statistics, its idleness and its shutdown, but not in its capacity.
 * Shutting the pool down shuts down its dispatchers in the same mode.
 */
#ifndef LIBSCHED_DISPATCHER_H
#define LIBSCHED_DISPATCHER_H

#include <libsched/base.h>
#include <libsched/cancel.h>
#include <libsched/error.h>
#include <libsched/pool.h>

LIBSCHED_BEGIN_DECLS

/** A dispatcher. */
typedef struct libsched_dispatcher libsched_dispatcher;

/**
 * Is told a task's result.
 *
 * @param task       the run, as its work function has had it
 * @param result     what work returned, or LIBSCHED_E_EXCEPTION
 * @param user_data  as it was sent
 */
typedef void (*libsched_finalize_fn)(libsched_task *task, int result, void *user_data);

/** Options of a dispatcher. */
typedef struct libsched_dispatcher_options {
  size_t struct_size;            /**< set by the initialiser */
  uint64_t flags;                /**< none is defined: must be 0 */
  libsched_task_fn work;         /**< runs the tasks that bring no function of their own; NULL = all must */
  libsched_finalize_fn finalize; /**< of those; NULL = none */
  libsched_discard_fn discard;   /**< of those; NULL = none */
  uint32_t limit;                /**< most tasks that run at a time; 0 = as many as the pool has workers, at least 1 */
  uint32_t reserved;             /**< must be 0 */
} libsched_dispatcher_options;

/** Initial value of libsched_dispatcher_options: all defaults. */
#define LIBSCHED_DISPATCHER_OPTIONS_INIT \
  { sizeof(libsched_dispatcher_options), 0, 0, 0, 0, 0, 0 }

/**
 * Sets all defaults, the same bytes as LIBSCHED_DISPATCHER_OPTIONS_INIT.
 *
 * @param options  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_dispatcher_options_init(libsched_dispatcher_options *options);

/**
 * Creates a dispatcher without channels.
 *
 * @param out      receives the handle with one reference (not NULL)
 * @param pool     the pool that runs the tasks (not NULL); the dispatcher keeps its memory, but not its threads
 * @param options  NULL for all defaults
 * @param error    details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED (the pool was shut down), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED,
 *         LIBSCHED_E_FLAGS (also for reserved), LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_dispatcher_create(
    libsched_dispatcher **out, libsched_pool *pool, const libsched_dispatcher_options *options,
    libsched_error **error);

/**
 * Adds a reference.
 *
 * @param dispatcher  the dispatcher, or NULL (nothing happens)
 * @return dispatcher
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_dispatcher *libsched_dispatcher_ref(libsched_dispatcher *dispatcher);

/**
 * Drops a reference. With the last one all channels are closed and cleared, as by libsched_dispatcher_shutdown with
 * LIBSCHED_CANCEL, but without waiting for what runs.
 *
 * @param dispatcher  the dispatcher, or NULL (nothing happens)
 *
 * Threads: any, one that runs its tasks too.  Blocks: never, apart from discard.  Since: 0.1
 */
LIBSCHED_API void libsched_dispatcher_unref(libsched_dispatcher *dispatcher);

/**
 * Changes the limit. When the call has returned no task starts while that many run. Those that run beyond a lower limit
 * are not stopped: only their ends bring the number down.
 *
 * @param dispatcher  the dispatcher (not NULL)
 * @param limit       most tasks that run at a time; 0 = the default
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_dispatcher_set_limit(libsched_dispatcher *dispatcher,
                                                                  uint32_t limit);

/**
 * Starts no task of any channel any more, until libsched_dispatcher_resume. Channels still take tasks, and what runs goes on.
 *
 * @param dispatcher  the dispatcher (not NULL)
 * @return LIBSCHED_OK (also when it was paused already), LIBSCHED_E_CLOSED (it is being shut down), LIBSCHED_E_NULL,
 *         LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_dispatcher_pause(libsched_dispatcher *dispatcher);

/**
 * Lets tasks start again. Channels that were paused by themselves remain so.
 *
 * @param dispatcher  the dispatcher (not NULL)
 * @return LIBSCHED_OK (also when it was not paused), -ENOMEM (it stays paused), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_dispatcher_resume(libsched_dispatcher *dispatcher);

/**
 * Waits until every channel is closed and all of its tasks have ended. A pool without workers is driven meanwhile, as by
 * libsched_pool_run_one.
 *
 * @param dispatcher  the dispatcher (not NULL)
 * @param timeout_ns  longest wait, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @param error       details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, LIBSCHED_E_DEADLOCK (called by a task of the dispatcher, or,
 *         without timeout and cancel, by a worker of its pool for which no spare one can stand in), LIBSCHED_E_NULL,
 *         LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: yes; a worker of a pool hands its place to a spare one.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_dispatcher_wait(libsched_dispatcher *dispatcher,
                                                             int64_t timeout_ns, libsched_cancel *cancel,
                                                             libsched_error **error);

/**
 * Closes all channels, takes no new ones, and waits until all tasks have ended. With LIBSCHED_DRAIN what is queued runs, in
 * paused channels too; with LIBSCHED_CANCEL each channel is cleared. It may be called again, with the other mode too.
 *
 * @param dispatcher  the dispatcher (not NULL)
 * @param mode        LIBSCHED_DRAIN or LIBSCHED_CANCEL
 * @param timeout_ns  longest wait for the end, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @param error       details of a failure, or NULL
 * @return LIBSCHED_OK; LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED: the channels are closed, tasks still run or wait;
 *         LIBSCHED_E_DEADLOCK (called by a task of the dispatcher: nothing has happened; or as libsched_dispatcher_wait, and the
 *         channels are closed), LIBSCHED_E_RANGE (mode),
 *         LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: yes; a worker of a pool hands its place to a spare one.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_dispatcher_shutdown(libsched_dispatcher *dispatcher,
                                                                 uint32_t mode, int64_t timeout_ns,
                                                                 libsched_cancel *cancel,
                                                                 libsched_error **error);

/** What a dispatcher has done, at one moment. */
typedef struct libsched_dispatcher_stats {
  size_t struct_size; /**< set by the initialiser */
  uint64_t channels;  /**< that are open, or have tasks left */
  uint64_t queued;    /**< tasks that wait in channels */
  uint64_t running;   /**< tasks that have started and not ended */
  uint64_t done;      /**< tasks whose work returned 0 and that were not cancelled */
  uint64_t failed;    /**< tasks whose work failed and that were not cancelled */
  uint64_t cancelled; /**< tasks that were discarded, before or after their work */
  uint32_t limit;     /**< in force */
  uint32_t paused;    /**< 1 or 0 */
} libsched_dispatcher_stats;

/** Initial value of libsched_dispatcher_stats. */
#define LIBSCHED_DISPATCHER_STATS_INIT \
  { sizeof(libsched_dispatcher_stats), 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * Makes a struct for libsched_dispatcher_get_stats, the same bytes as LIBSCHED_DISPATCHER_STATS_INIT.
 *
 * @param stats  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_dispatcher_stats_init(libsched_dispatcher_stats *stats);

/**
 * Reads the statistics.
 *
 * @param out         a struct with its struct_size set (not NULL)
 * @param dispatcher  the dispatcher (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_dispatcher_get_stats(libsched_dispatcher_stats *out,
                                                                  libsched_dispatcher *dispatcher);

LIBSCHED_END_DECLS

#endif
