/**
 * Groups: tasks that belong together, and whose end one waits for (structured concurrency).
 *
 *     libsched_group *group;
 *     libsched_group_create(&group, pool, NULL, NULL);
 *     libsched_group_submit(group, LIBSCHED_NORMAL, load, &level, NULL);
 *     libsched_group_submit(group, LIBSCHED_NORMAL, load, &sounds, NULL);
 *     libsched_group_wait(NULL, group, 0, LIBSCHED_FOREVER, NULL, NULL);
 *     libsched_group_unref(group);
 *
 * A group has *members*: its tasks that have not ended, what has entered and not left, and groups made with it as parent
 * that have not completed. It *completes* once, when it is closed and its last member has gone. libsched_group_close and
 * libsched_group_wait close it, and so does the last unref. A closed group still takes new members as long as it has
 * some, so its tasks may submit more. After its completion it takes none, until libsched_group_reset.
 *
 * Waiting on a worker. A worker of the pool that waits for a group works meanwhile, on the stack of the waiting task: on
 * tasks of that group first and of groups inside it, as long as 128 KiB of its stack are left; then on branches and tasks of
 * the waiting task's priority or above, whosever they are, up to 256 such waits inside one another. When there is nothing
 * it may do it sleeps, and if that leaves no worker that could do everything, a spare one stands in (see
 * libsched_blocking_begin). So tasks may wait as deeply nested as they like. Tasks that run on the waiting task's stack must
 * not need a lock that it holds, and must not wait for what cannot end before it: LIBSCHED_ISOLATED keeps others away.
 * While a worker waits for a group, tasks of the group have at least the priority of the waiting task.
 *
 * Of one priority, a group's tasks are started oldest first; tasks of other groups and of none take their turns with them.
 * They are tasks of the pool: its capacity, its starvation bounds, its caps and its statistics count them, and its shutdown
 * runs or discards them. A task that blocks keeps its place under the cap of its priority. One that waits keeps it as long as
 * its worker can run other tasks of that priority meanwhile; else, which is when the wait is isolated, has a timeout or a cancel
 * switch, is above that priority, or has no stack left, other workers may have the place while it sleeps, and it goes on without
 * regard to the cap.
 *
 * A task that ends its thread takes with it the tasks that wait below it on the same stack. First it waits for what these wait
 * for without a timeout or cancel switch, unless no worker would be left to run that.
 *
 * Sources: structured concurrency as in Cilk's sync and Trio's nurseries; enter and leave as in libdispatch's groups; the
 * order of helping after Leapfrogging (Wagner, Calder 1993).
 */
#ifndef LIBSCHED_GROUP_H
#define LIBSCHED_GROUP_H

#include <libsched/base.h>
#include <libsched/cancel.h>
#include <libsched/error.h>
#include <libsched/pool.h>

LIBSCHED_BEGIN_DECLS

/** A group. */
typedef struct libsched_group libsched_group;

/**
 * A group has completed. Called once per completion, before the waits return, by the thread that ended the last member or
 * closed the group, with no lock held; at that time the group takes no members and cannot be reset. It must not end its
 * thread.
 *
 * @param status     LIBSCHED_OK or LIBSCHED_E_FAILED
 * @param code       as libsched_group_wait gives it
 * @param user_data  as given in the options
 */
typedef void (*libsched_group_complete_fn)(int status, int code, void *user_data);

/** Flag of a group: its first failure cancels it. */
#define LIBSCHED_GROUP_CANCEL_ON_FAILURE 1u

/** Flag of a wait: on a worker, nothing but tasks of this group and of groups inside it is run meanwhile. */
#define LIBSCHED_ISOLATED 1u

/** Options of a group. */
typedef struct libsched_group_options {
  size_t struct_size;     /**< set by the initialiser */
  uint32_t flags;         /**< LIBSCHED_GROUP_CANCEL_ON_FAILURE or 0 */
  uint32_t reserved;      /**< 0 */
  libsched_group *parent; /**< a group of the same pool that this one becomes a member of; NULL = none */
  libsched_group_complete_fn on_complete; /**< may be NULL */
  void *user_data;                        /**< passed to on_complete */
} libsched_group_options;

/** Initial value of libsched_group_options: all defaults. */
#define LIBSCHED_GROUP_OPTIONS_INIT { sizeof(libsched_group_options), 0, 0, 0, 0, 0 }

/** A picture of a group, all of one moment. submitted = started + cancelled + queued, started = completed + failed + active. */
typedef struct libsched_group_stats {
  size_t struct_size; /**< set by the initialiser */
  uint64_t submitted; /**< tasks accepted since the group was made */
  uint64_t started;   /**< tasks whose function was called */
  uint64_t completed; /**< tasks that returned 0 */
  uint64_t failed;    /**< tasks that returned another code, threw, or ended their thread */
  uint64_t cancelled; /**< tasks that were discarded */
  uint64_t queued;    /**< tasks that wait to start */
  uint64_t active;    /**< tasks that run */
  uint64_t entered;   /**< enters without their leave */
  uint64_t groups;    /**< groups inside this one that have not completed */
} libsched_group_stats;

/** Initial value of libsched_group_stats. */
#define LIBSCHED_GROUP_STATS_INIT { sizeof(libsched_group_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * Sets all defaults, the same bytes as LIBSCHED_GROUP_OPTIONS_INIT.
 *
 * @param options  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_group_options_init(libsched_group_options *options);

/**
 * Makes a stats struct ready for libsched_group_get_stats, the same bytes as LIBSCHED_GROUP_STATS_INIT.
 *
 * @param stats  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_group_stats_init(libsched_group_stats *stats);

/**
 * Creates a group on a pool. It keeps the pool's memory, but not its workers: a pool that is shut down discards or runs the
 * group's tasks.
 *
 * @param out      receives the handle with one reference (not NULL)
 * @param pool     the pool that runs the tasks (not NULL)
 * @param options  NULL for all defaults
 * @param error    details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_FLAGS, LIBSCHED_E_RANGE (the parent is of another pool),
 *         LIBSCHED_E_CLOSED (the parent has completed), LIBSCHED_E_CANCELLED (the parent was cancelled),
 *         LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_group_create(libsched_group **out, libsched_pool *pool,
                                                          const libsched_group_options *options,
                                                          libsched_error **error);

/**
 * Adds a reference.
 *
 * @param group  the group, or NULL (nothing happens)
 * @return group
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_group *libsched_group_ref(libsched_group *group);

/**
 * Drops a reference. The last one closes the group; its tasks go on.
 *
 * @param group  the group, or NULL (nothing happens)
 *
 * Threads: any, a task of the group too.  Blocks: never, apart from on_complete if the group has no members.  Since: 0.1
 */
LIBSCHED_API void libsched_group_unref(libsched_group *group);

/**
 * Submits a task as a member of the group; as libsched_group_submit_timed with LIBSCHED_FOREVER, without the details.
 *
 * @param group      the group (not NULL)
 * @param priority   LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW
 * @param fn         the task (not NULL)
 * @param user_data  passed to fn, or to discard
 * @param discard    called in place of fn if the task will never run; may be NULL
 * @return as libsched_group_submit_timed
 *
 * Threads: any.  Blocks: while the pool's capacity is reached, but not on the pool's workers.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_group_submit(libsched_group *group, uint32_t priority,
                                                          libsched_task_fn fn, void *user_data,
                                                          libsched_discard_fn discard);

/**
 * Submits a task as a member of the group.
 *
 * @param group       the group (not NULL)
 * @param priority    LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW
 * @param fn          the task (not NULL)
 * @param user_data   passed to fn, or to discard
 * @param discard     called in place of fn if the task will never run; may be NULL
 * @param timeout_ns  longest wait for room in the pool, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @param error       details of a failure, or NULL
 * @return LIBSCHED_OK; LIBSCHED_E_CLOSED (the group has completed, or the pool was shut down); LIBSCHED_E_CANCELLED (the
 *         group was cancelled, or the wait); LIBSCHED_E_TIMEOUT, LIBSCHED_E_FULL, LIBSCHED_E_RANGE (the priority),
 *         LIBSCHED_E_NULL, -ENOMEM, or what starting the pool's threads gave. After an error neither fn nor discard is called
 *
 * Threads: any.  Blocks: while the pool's capacity is reached, but not on the pool's workers.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_group_submit_timed(
    libsched_group *group, uint32_t priority, libsched_task_fn fn, void *user_data,
    libsched_discard_fn discard, int64_t timeout_ns, libsched_cancel *cancel, libsched_error **error);

/**
 * Submits n tasks with one function, in order.
 *
 * @param accepted    receives how many tasks were accepted, the first ones (not NULL)
 * @param group       the group (not NULL)
 * @param priority    LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW
 * @param fn          the task (not NULL)
 * @param user_data   n pointers, one for each task (not NULL unless n is 0)
 * @param n           how many; 0 does nothing
 * @param discard     called in place of fn for a task that will never run; may be NULL
 * @param timeout_ns  longest wait for room in the pool, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @param error       details of a failure, or NULL
 * @return LIBSCHED_OK when at least one was accepted or n is 0; else as libsched_group_submit_timed
 *
 * Threads: any.  Blocks: while the pool's capacity is reached, but not on the pool's workers.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_group_submit_n(
    size_t *accepted, libsched_group *group, uint32_t priority, libsched_task_fn fn,
    void *const *user_data, size_t n, libsched_discard_fn discard, int64_t timeout_ns,
    libsched_cancel *cancel, libsched_error **error);

/**
 * Adds a member that is no task: work that completes elsewhere, later. Each enter needs one libsched_group_leave.
 *
 * @param group  the group (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED (the group has completed), LIBSCHED_E_CANCELLED (it was cancelled), LIBSCHED_E_NULL
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_group_enter(libsched_group *group);

/**
 * Ends what libsched_group_enter began.
 *
 * @param group  the group (not NULL)
 * @param code   0, or the code with which that work has failed
 * @return LIBSCHED_OK, LIBSCHED_E_UNBALANCED (nothing has entered and not left), LIBSCHED_E_NULL
 *
 * Threads: any, not only the one that entered.  Blocks: never, apart from on_complete.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_group_leave(libsched_group *group, int code);

/**
 * Lets the group complete as soon as it has no members, without waiting. Nothing happens if it is closed.
 *
 * @param group  the group (not NULL)
 * @return LIBSCHED_OK or LIBSCHED_E_NULL
 *
 * Threads: any.  Blocks: never, apart from on_complete.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_group_close(libsched_group *group);

/**
 * Closes the group and returns when it has completed; at once if it had. Any number of threads may wait. On a worker of the
 * pool, see above; with a finite timeout or with `cancel` only tasks of the group are run meanwhile, and with a timeout of 0
 * nothing. In a pool without workers the caller runs the group's tasks, and others, itself.
 *
 * @param code        receives the code of the first failure (of a task, a leave, or a group inside), LIBSCHED_E_EXCEPTION
 *                    or LIBSCHED_E_UNWOUND for a task left in such a way, LIBSCHED_E_CANCELLED when none failed but the group
 *                    was cancelled or some of its own tasks were discarded (not those of a group inside, which may be
 *                    cancelled on its own), else 0; may be NULL
 * @param group       the group (not NULL)
 * @param flags       LIBSCHED_ISOLATED or 0
 * @param timeout_ns  longest wait in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, not the group; or NULL
 * @param error       details of a failure, or NULL
 * @return LIBSCHED_OK; LIBSCHED_E_FAILED (the group has completed, and not everything in it went well: see code);
 *         LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED (the wait has ended early; the group stays closed and goes on);
 *         LIBSCHED_E_DEADLOCK (called by a task or callback of this group, or of one inside it, or on the stack of one, or
 *         no worker would be left to run anything and no spare can stand in); LIBSCHED_E_FLAGS, LIBSCHED_E_NULL
 *
 * Threads: any.  Blocks: until the group has completed; runs other work meanwhile.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_group_wait(int *code, libsched_group *group,
                                                        uint32_t flags, int64_t timeout_ns,
                                                        libsched_cancel *cancel,
                                                        libsched_error **error);

/**
 * Cancels the group and all groups inside it: their queued tasks are discarded, here or by the next thread that meets them;
 * their running tasks see libsched_task_cancelled; they take no more members. They complete as usual, when what runs has ended
 * and what has entered has left.
 *
 * @param group  the group (not NULL)
 * @return LIBSCHED_OK (also when it was cancelled, or has completed) or LIBSCHED_E_NULL
 *
 * Threads: any, a task of the group too.  Blocks: never, apart from discard.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_group_cancel(libsched_group *group);

/**
 * Makes a completed group as new: open, not cancelled, without a failure, a member of its parent again. Its statistics go on.
 *
 * @param group  the group (not NULL)
 * @return LIBSCHED_OK (also when it is open and unused), LIBSCHED_E_STATE (it has not completed), LIBSCHED_E_CLOSED (its parent
 *         has completed), LIBSCHED_E_CANCELLED (its parent is cancelled), LIBSCHED_E_NULL
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_group_reset(libsched_group *group);

/**
 * Takes a picture of the group.
 *
 * @param out    struct_size must be set, as by LIBSCHED_GROUP_STATS_INIT (not NULL)
 * @param group  the group (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_group_get_stats(libsched_group_stats *out,
                                                             libsched_group *group);

LIBSCHED_END_DECLS

#endif
