/**
 * Pool: worker threads that run tasks of three priorities and steal work from each other.
 *
 * Priorities: a High task anywhere in the pool is looked at before any local work, Normal before Low. No priority
 * starves: of consecutive selections of one worker at most `normal_bound` (8) pass over waiting Normal tasks and at
 * most `low_bound` (64) pass over waiting Low ones. Tasks that one thread outside the pool submits at one priority are
 * taken over by workers in that order; with one worker they start in it. Tasks that a worker submits go to its own queue,
 * the last Normal one next to run. Tasks of groups and batches take their turns with these (<libsched/group.h>).
 *
 * Every accepted task is given to exactly one of `fn` and `discard`, exactly once. A task that fails, by code or by a
 * C++ exception, ends nothing but itself. Callbacks written in C that an exception may cross need -fexceptions.
 * A task that forks should leave the child by exec or _exit; if it returns there, the child's only thread ends.
 *
 * Sources: the local ring and the run-next slot are those of Go's and Tokio's schedulers, the limit on searching workers
 * is Go's; the queue behind it is <libsched/stealing_queue.h>'s.
 */
#ifndef LIBSCHED_POOL_H
#define LIBSCHED_POOL_H

#include <libsched/base.h>
#include <libsched/cancel.h>
#include <libsched/error.h>
#include <libsched/stealing_queue.h>

LIBSCHED_BEGIN_DECLS

/** A pool. */
typedef struct libsched_pool libsched_pool;

/** The task that is running; valid during the call of its function, on that thread. */
typedef struct libsched_task libsched_task;

/**
 * A task's function.
 *
 * @param task       this run of the task, for libsched_task_cancelled and the like
 * @param user_data  what was submitted with it
 * @return 0 when done; anything else: the task failed with that code
 */
typedef int (*libsched_task_fn)(libsched_task *task, void *user_data);

/**
 * Runs on each worker thread, first or last of all it does. A thread that a task has ended runs its stop hook too, which
 * then must not end it a second time. A start hook that ends its thread leaves the pool with a worker less.
 *
 * @param worker     the worker's index
 * @param user_data  hook_data of the options
 */
typedef void (*libsched_worker_hook_fn)(uint32_t worker, void *user_data);

/**
 * Told of each failed task, on the worker that ran it, right after the task's function has ended. It must not end
 * its thread when it is told of LIBSCHED_E_UNWOUND, for then that is under way already.
 *
 * @param code       what the function returned, LIBSCHED_E_EXCEPTION or LIBSCHED_E_UNWOUND
 * @param message    the exception's what(), else ""; valid during the call
 * @param task_data  the failed task's user_data
 * @param user_data  hook_data of the options
 */
typedef void (*libsched_failure_fn)(int code, const char *message, void *task_data, void *user_data);

/** As `workers`: no threads at all; the host runs tasks by libsched_pool_run_one. */
#define LIBSCHED_NO_WORKERS 0xffffffffu

/** As `max_spare`: no worker stands in for one that blocks. */
#define LIBSCHED_NO_SPARE 0xffffffffu

/** Flag: at full capacity a submit from the pool's own worker says LIBSCHED_E_FULL, rather than exceed it. */
#define LIBSCHED_POOL_WORKER_FULL 1u

/** How a pool is shut down: run everything that was accepted. */
#define LIBSCHED_DRAIN 0u
/** How a pool is shut down: discard what has not started; running tasks see libsched_task_cancelled. */
#define LIBSCHED_CANCEL 1u

/** Options of a pool. */
typedef struct libsched_pool_options {
  size_t struct_size;    /**< set by the initialiser */
  uint32_t workers;      /**< 1 to LIBSCHED_MAX_WORKERS, or LIBSCHED_NO_WORKERS; 0 = usable CPUs, at least 2 */
  uint32_t flags;        /**< LIBSCHED_POOL_WORKER_FULL or 0 */
  uint64_t capacity;     /**< most tasks that wait to start, 1 or more; 0 = only memory limits them */
  uint32_t normal_bound; /**< as in libsched_stealing_queue_options; 0 = 8 */
  uint32_t low_bound;    /**< as in libsched_stealing_queue_options; 0 = 64 */
  uint32_t normal_cap;   /**< most workers that run Normal tasks at a time; 0 = all */
  uint32_t high_cap;     /**< most workers that run High tasks at a time; 0 = all */
  uint32_t low_cap;      /**< most workers that run Low tasks at a time; 0 = all. A cap goes before a bound */
  uint32_t affinity_count;     /**< length of `affinity` */
  const uint32_t *affinity;    /**< worker i is pinned to CPU affinity[i % affinity_count]; NULL = not pinned */
  uint64_t stack_size;         /**< bytes of each worker's stack, 64 KiB or the system's least or more; 0 = the system's default */
  uint64_t seed;               /**< for the choice of victims; 0 = a fixed default */
  const char *name;            /**< workers are named name-0, name-1, ... (15 bytes in all); NULL = "sched" */
  libsched_worker_hook_fn on_start; /**< may be NULL */
  libsched_worker_hook_fn on_stop;  /**< may be NULL */
  libsched_failure_fn on_failure;   /**< may be NULL */
  void *hook_data;                  /**< passed to the three hooks; must outlive the workers */
  uint32_t max_spare; /**< most spare workers, for those that block: 1 to LIBSCHED_MAX_WORKERS, or LIBSCHED_NO_SPARE; 0 = 128 */
  uint32_t reserved;  /**< 0 */
} libsched_pool_options;

/** Initial value of libsched_pool_options: all defaults. */
#define LIBSCHED_POOL_OPTIONS_INIT \
  { sizeof(libsched_pool_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/** Counts of one priority. submitted = started + cancelled + queued, started = completed + failed + active. */
typedef struct libsched_priority_stats {
  uint64_t submitted;      /**< tasks accepted */
  uint64_t started;        /**< tasks whose function was called */
  uint64_t completed;      /**< tasks that returned 0 */
  uint64_t failed;         /**< tasks that returned another code, threw, or ended their thread */
  uint64_t cancelled;      /**< tasks that were discarded */
  uint64_t queued;         /**< tasks that wait to start */
  uint64_t active;         /**< tasks that run */
  uint64_t oldest_wait_ns; /**< how long the task that waits longest has waited, to about 5 ms; 0 = none waits */
} libsched_priority_stats;

/** A picture of a pool. The counts are exact when the pool is idle, else each is a recent value. */
typedef struct libsched_pool_stats {
  size_t struct_size;  /**< set by the initialiser */
  uint32_t workers;    /**< threads that run */
  uint32_t parked;     /**< of these, threads that sleep */
  libsched_priority_stats priority[LIBSCHED_PRIORITIES]; /**< indexed by LIBSCHED_NORMAL, _HIGH, _LOW */
  uint64_t steals;     /**< times that one worker took tasks from another's queue */
  uint64_t retries;    /**< times that a take lost a race */
  uint64_t parks;      /**< times that a worker went to sleep */
  uint64_t wakes;      /**< times that a sleeping worker was woken for work */
  uint64_t overflows;  /**< tasks that a full local queue handed to the shared one */
  uint64_t exceeded;   /**< tasks that workers submitted beyond the capacity */
} libsched_pool_stats;

/** Initial value of libsched_pool_stats. */
#define LIBSCHED_POOL_STATS_INIT                                                                        \
  {                                                                                                     \
    sizeof(libsched_pool_stats), 0, 0,                                                                  \
        {{0, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 0, 0}}, 0, 0, 0, 0, 0, 0 \
  }

/**
 * Sets all defaults, the same bytes as LIBSCHED_POOL_OPTIONS_INIT.
 *
 * @param options  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_pool_options_init(libsched_pool_options *options);

/**
 * Makes a stats struct ready for libsched_pool_get_stats, the same bytes as LIBSCHED_POOL_STATS_INIT.
 *
 * @param stats  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_pool_stats_init(libsched_pool_stats *stats);

/**
 * Creates a pool. No thread is started before the first submit. Strings and arrays of the options are copied.
 *
 * @param out      receives the handle with one reference (not NULL)
 * @param options  NULL for all defaults
 * @param error    details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_NULL (out, or affinity beside a count), LIBSCHED_E_RANGE (a count, bound, stack size
 *         or CPU number; a cap may be any),
 *         LIBSCHED_E_FLAGS, LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_pool_create(libsched_pool **out,
                                                         const libsched_pool_options *options,
                                                         libsched_error **error);

/**
 * Adds a reference.
 *
 * @param pool  the pool, or NULL (nothing happens)
 * @return pool
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_pool *libsched_pool_ref(libsched_pool *pool);

/**
 * Drops a reference. The last one, without a shutdown before it, cancels what is queued and does not wait:
 * running tasks finish, the workers discard the rest and free the pool.
 *
 * @param pool  the pool, or NULL (nothing happens)
 *
 * Threads: any, a worker too.  Blocks: never, apart from discard in a pool without workers.  Since: 0.1
 */
LIBSCHED_API void libsched_pool_unref(libsched_pool *pool);

/**
 * Submits one task; in a pool with a capacity waits for room. The same as libsched_pool_submit_timed with
 * LIBSCHED_FOREVER and no cancel switch.
 *
 * @param pool       the pool (not NULL)
 * @param priority   LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW
 * @param fn         called once on a worker, unless the task is discarded (not NULL)
 * @param user_data  passed to fn or discard; may be NULL
 * @param discard    called instead of fn when the task will never run; may be NULL
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED (shutdown has begun, for running tasks too), LIBSCHED_E_FULL (own
 *         worker, see flags),
 *         LIBSCHED_E_RANGE (priority), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM,
 *         -EAGAIN (no worker thread could be started)
 *
 * Threads: any.  Blocks: never without a capacity and never from the pool's own worker; else until there is room or
 * the pool is shut down.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_pool_submit(libsched_pool *pool, uint32_t priority,
                                                         libsched_task_fn fn, void *user_data,
                                                         libsched_discard_fn discard);

/**
 * Submits one task if there is room now.
 *
 * @param pool       the pool (not NULL)
 * @param priority   LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW
 * @param fn         called once on a worker, unless the task is discarded (not NULL)
 * @param user_data  passed to fn or discard; may be NULL
 * @param discard    called instead of fn when the task will never run; may be NULL
 * @return LIBSCHED_OK, LIBSCHED_E_FULL (from the pool's own worker too), LIBSCHED_E_CLOSED, LIBSCHED_E_RANGE,
 *         LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM, -EAGAIN
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_pool_try_submit(libsched_pool *pool, uint32_t priority,
                                                             libsched_task_fn fn, void *user_data,
                                                             libsched_discard_fn discard);

/**
 * Submits one task; in a pool with a capacity waits for room, for so long.
 *
 * @param pool        the pool (not NULL)
 * @param priority    LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW
 * @param fn          called once on a worker, unless the task is discarded (not NULL)
 * @param user_data   passed to fn or discard; may be NULL
 * @param discard     called instead of fn when the task will never run; may be NULL
 * @param timeout_ns  how long to wait for room, in ns; 0 = not at all, negative = for ever
 * @param cancel      ends the wait, or NULL
 * @param error       details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, and what libsched_pool_submit returns
 *
 * Threads: any.  Blocks: as libsched_pool_submit, at most timeout_ns.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_pool_submit_timed(
    libsched_pool *pool, uint32_t priority, libsched_task_fn fn, void *user_data,
    libsched_discard_fn discard, int64_t timeout_ns, libsched_cancel *cancel, libsched_error **error);

/**
 * Submits several tasks with the same function, each with its own user_data, in order. When room runs out part of the
 * way it waits for more, and an end of the wait (timeout, cancel, shutdown) then is no failure: the call returns OK
 * and says how many were taken.
 *
 * @param accepted    receives how many of the first tasks were taken, 0 on failure; the others stay the caller's (not NULL)
 * @param pool        the pool (not NULL)
 * @param priority    LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW
 * @param fn          called once for each task, unless it is discarded (not NULL)
 * @param user_data   n pointers, each passed to fn or discard (not NULL unless n is 0)
 * @param n           how many tasks
 * @param discard     called instead of fn for a task that will never run; may be NULL
 * @param timeout_ns  how long to wait for room in all, in ns; 0 = not at all, negative = for ever
 * @param cancel      ends the wait, or NULL
 * @param error       details of a failure, or NULL
 * @return LIBSCHED_OK (at least one was taken, or n is 0); when none was: what libsched_pool_submit_timed returns
 *
 * Threads: any.  Blocks: as libsched_pool_submit, at most timeout_ns.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_pool_submit_n(
    size_t *accepted, libsched_pool *pool, uint32_t priority, libsched_task_fn fn,
    void *const *user_data, size_t n, libsched_discard_fn discard, int64_t timeout_ns,
    libsched_cancel *cancel, libsched_error **error);

/**
 * Waits until every accepted task has ended. Tasks submitted meanwhile are waited for too. In a pool without
 * workers the call runs the tasks itself.
 *
 * @param pool        the pool (not NULL)
 * @param timeout_ns  in ns; 0 = only look, negative = for ever
 * @param cancel      ends the wait, or NULL
 * @param error       details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, LIBSCHED_E_DEADLOCK (from one of the pool's own
 *         tasks), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any but the pool's workers.  Blocks: until idle, at most timeout_ns.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_pool_wait_idle(libsched_pool *pool, int64_t timeout_ns,
                                                            libsched_cancel *cancel,
                                                            libsched_error **error);

/**
 * Closes the intake, then runs (DRAIN) or discards (CANCEL) what is queued, and waits until every worker has
 * ended. May be called again: after a timeout to wait on, or with CANCEL after DRAIN. In a pool without workers
 * the call runs or discards the tasks itself; with a timeout of 0 it runs none.
 *
 * @param pool        the pool (not NULL)
 * @param mode        LIBSCHED_DRAIN or LIBSCHED_CANCEL
 * @param timeout_ns  in ns; 0 = do not wait, negative = for ever
 * @param cancel      ends the wait, or NULL
 * @param error       details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_TIMEOUT or LIBSCHED_E_CANCELLED (the intake is closed all the same),
 *         LIBSCHED_E_DEADLOCK (from one of the pool's own tasks; nothing happened), LIBSCHED_E_RANGE (mode),
 *         LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any but the pool's workers.  Blocks: until the workers have ended, at most timeout_ns.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_pool_shutdown(libsched_pool *pool, uint32_t mode,
                                                           int64_t timeout_ns,
                                                           libsched_cancel *cancel,
                                                           libsched_error **error);

/**
 * Runs one task on the calling thread, in a pool without workers.
 *
 * @param pool  the pool (not NULL)
 * @return LIBSCHED_OK (one task was run), LIBSCHED_E_EMPTY, LIBSCHED_E_CLOSED (shut down and empty),
 *         LIBSCHED_E_RANGE (the pool has workers), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any, several at a time too.  Blocks: while the task runs.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_pool_run_one(libsched_pool *pool);

/**
 * Copies the pool's counts.
 *
 * @param out   struct with struct_size set, to that of release 0.1 or more; what is unknown of a longer one is
 *              filled with 0 (not NULL)
 * @param pool  the pool (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG (over 4096 bytes), LIBSCHED_E_NULL,
 *         LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_pool_get_stats(libsched_pool_stats *out,
                                                            libsched_pool *pool);

/**
 * How many workers the pool may have: their indices are 0 to this - 1.
 *
 * @param out   receives the count, 0 for a pool without workers (not NULL)
 * @param pool  the pool (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_pool_max_workers(uint32_t *out, libsched_pool *pool);

/**
 * The index of the calling thread among the pool's workers.
 *
 * @param out   receives the index (not NULL)
 * @param pool  the pool (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NOT_WORKER, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_pool_current_worker(uint32_t *out, libsched_pool *pool);

/**
 * The index of the worker that runs a task.
 *
 * @param task  the task, or NULL
 * @return the index; 0 in a pool without workers and for NULL
 *
 * Threads: the one that runs the task.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD uint32_t libsched_task_worker(const libsched_task *task);

/**
 * Says whether a running task should end early, since its pool or its group is being cancelled.
 *
 * @param task  the task, or NULL
 * @return 1 or 0, 0 for NULL
 *
 * Threads: the one that runs the task.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_task_cancelled(const libsched_task *task);

/**
 * Says whether a task of higher priority waits for a worker, so that a long task may submit its rest and return. In a call that
 * runs a batch also whether the call has taken 50 us while a worker sleeps, who could run the rest.
 *
 * @param task  the task, or NULL
 * @return 1 or 0, 0 for NULL
 *
 * Threads: the one that runs the task.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_should_yield(const libsched_task *task);

LIBSCHED_END_DECLS

#endif
