/**
 * Channel: a queue of tasks of one dispatcher (<libsched/dispatcher.h>), for one host, tenant, player or file. Its tasks start in
 * the order in which they were sent, by turns with those of the other channels.
 *
 *     libsched_channel_options options = LIBSCHED_CHANNEL_OPTIONS_INIT;
 *     options.name = "example.org";
 *     options.bound = 1024;
 *     options.limit = 4;
 *     libsched_channel_create(&channel, dispatcher, &options, NULL);
 *     libsched_channel_send(channel, request, LIBSCHED_FOREVER, NULL);
 *
 * A channel is open until it is closed, its last reference is gone, or its dispatcher or pool is shut down. What is queued
 * then still runs, and with its end the channel is gone from the dispatcher, its name is free again.
 */
#ifndef LIBSCHED_CHANNEL_H
#define LIBSCHED_CHANNEL_H

#include <libsched/base.h>
#include <libsched/cancel.h>
#include <libsched/dispatcher.h>
#include <libsched/error.h>

LIBSCHED_BEGIN_DECLS

/** A channel. */
typedef struct libsched_channel libsched_channel;

/** The largest weight of a channel. */
#define LIBSCHED_MAX_WEIGHT 65536u

/** Options of a channel. */
typedef struct libsched_channel_options {
  size_t struct_size; /**< set by the initialiser */
  uint64_t flags;     /**< none is defined: must be 0 */
  const char *name;   /**< copied; no two channels of a dispatcher have the same one; NULL = none */
  uint64_t bound;     /**< tasks that may wait to start, any number; 0 = no bound */
  uint32_t weight;    /**< turns a round, up to LIBSCHED_MAX_WEIGHT; 0 = 1 */
  uint32_t limit;     /**< most of its tasks that run at a time; 0 = only the dispatcher's limit */
  uint32_t priority;  /**< LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW, of all its tasks */
  uint32_t reserved;  /**< must be 0 */
} libsched_channel_options;

/** Initial value of libsched_channel_options: all defaults. */
#define LIBSCHED_CHANNEL_OPTIONS_INIT \
  { sizeof(libsched_channel_options), 0, 0, 0, 0, 0, 0, 0 }

/**
 * Sets all defaults, the same bytes as LIBSCHED_CHANNEL_OPTIONS_INIT.
 *
 * @param options  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_channel_options_init(libsched_channel_options *options);

/**
 * Creates an empty channel.
 *
 * @param out         receives the handle with one reference (not NULL)
 * @param dispatcher  the dispatcher (not NULL)
 * @param options     NULL for all defaults
 * @param error       details of a failure, or NULL
 * @return LIBSCHED_OK, -EEXIST (a channel of that name is there), LIBSCHED_E_CLOSED (the dispatcher or its pool was shut
 *         down), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, LIBSCHED_E_FLAGS (also for reserved), LIBSCHED_E_RANGE
 *         (weight or priority), LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_channel_create(libsched_channel **out,
                                                            libsched_dispatcher *dispatcher,
                                                            const libsched_channel_options *options,
                                                            libsched_error **error);

/**
 * Adds a reference.
 *
 * @param channel  the channel, or NULL (nothing happens)
 * @return channel
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_channel *libsched_channel_ref(libsched_channel *channel);

/**
 * Drops a reference. The last one closes the channel, and resumes it if it is paused, since nobody could any more.
 *
 * @param channel  the channel, or NULL (nothing happens)
 *
 * Threads: any, one that runs its tasks too.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_channel_unref(libsched_channel *channel);

/**
 * The name it was created with.
 *
 * @param channel  the channel (not NULL)
 * @return the name, valid as long as the handle is; NULL if it has none, or the handle is not valid
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD const char *libsched_channel_name(libsched_channel *channel);

/**
 * Sends a task for the dispatcher's functions, once there is room. Senders that wait do so in line, as those of
 * libsched_queue_push_bounded.
 *
 * @param channel     the channel, of a dispatcher with a work function (not NULL)
 * @param user_data   passed to work, and then to finalize or discard
 * @param timeout_ns  longest wait for room, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED, LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, LIBSCHED_E_STATE (the dispatcher has no work
 *         function), LIBSCHED_E_DEADLOCK (called by a task of the dispatcher, when all that run wait so as this wait
 *         begins, or no spare worker can stand in), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -EAGAIN (no thread can be started), -ENOMEM; the
 *         task stays the caller's then
 *
 * Threads: any.  Blocks: while as many tasks wait as the bound says; a worker of a pool hands its place to a spare one.
 * Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_channel_send(libsched_channel *channel, void *user_data,
                                                          int64_t timeout_ns, libsched_cancel *cancel);

/**
 * Sends a task for the dispatcher's functions if there is room.
 *
 * @param channel    the channel, of a dispatcher with a work function (not NULL)
 * @param user_data  passed to work, and then to finalize or discard
 * @return LIBSCHED_OK, LIBSCHED_E_FULL, LIBSCHED_E_CLOSED, LIBSCHED_E_STATE (the dispatcher has no work function),
 *         LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -EAGAIN (no thread can be started), -ENOMEM; the task stays the
 *         caller's then
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_channel_try_send(libsched_channel *channel, void *user_data);

/**
 * Sends tasks for the dispatcher's functions, in order; waits for room for the next one until the timeout.
 *
 * @param accepted    receives how many were accepted, the first ones (not NULL)
 * @param channel     the channel, of a dispatcher with a work function (not NULL)
 * @param user_data   n pointers (not NULL unless n is 0)
 * @param n           how many; 0 does nothing
 * @param timeout_ns  longest wait for room in all, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @return LIBSCHED_OK when at least one was accepted or n is 0; else as libsched_channel_send
 *
 * Threads: any.  Blocks: as libsched_channel_send.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_channel_send_n(size_t *accepted, libsched_channel *channel,
                                                            void *const *user_data, size_t n,
                                                            int64_t timeout_ns, libsched_cancel *cancel);

/**
 * Sends a task with functions of its own.
 *
 * @param channel     the channel (not NULL)
 * @param work        runs it (not NULL)
 * @param finalize    is told the result; NULL = none
 * @param user_data   passed to work, and then to finalize or discard
 * @param discard     called in place of work, or in place of finalize; NULL = none
 * @param timeout_ns  longest wait for room, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @return as libsched_channel_send, without LIBSCHED_E_STATE
 *
 * Threads: any.  Blocks: as libsched_channel_send.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_channel_send_task(libsched_channel *channel,
                                                               libsched_task_fn work,
                                                               libsched_finalize_fn finalize,
                                                               void *user_data,
                                                               libsched_discard_fn discard,
                                                               int64_t timeout_ns,
                                                               libsched_cancel *cancel);

/**
 * How many tasks wait to start.
 *
 * @param out      receives the count (not NULL)
 * @param channel  the channel (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_channel_len(uint64_t *out, libsched_channel *channel);

/**
 * How many tasks have started and not ended.
 *
 * @param out      receives the count (not NULL)
 * @param channel  the channel (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_channel_in_flight(uint64_t *out, libsched_channel *channel);

/**
 * Takes no more tasks; senders that wait return LIBSCHED_E_CLOSED. What is queued runs, once the channel is not paused.
 * Closing once more does nothing.
 *
 * @param channel  the channel (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_channel_close(libsched_channel *channel);

/**
 * Drops all that is queued and cancels what runs: for them libsched_task_cancelled is true, and finalize will not be called,
 * unless it had begun. The channel stays as it is otherwise, and tasks that are sent after the call are not concerned.
 * The discard functions of what was queued have returned when this does.
 *
 * @param dropped    receives how many tasks were discarded before they ran, or NULL
 * @param cancelled  receives how many running tasks were cancelled: exactly those whose finalize (or end, without one)
 *                   will not come; or NULL
 * @param channel    the channel (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any, one that runs its tasks too, which may cancel itself.  Blocks: never, apart from discard.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_channel_clear(uint64_t *dropped, uint64_t *cancelled,
                                                           libsched_channel *channel);

/**
 * Starts no task of the channel any more, until libsched_channel_resume. It still takes tasks, and what runs goes on.
 *
 * @param channel  the channel (not NULL)
 * @return LIBSCHED_OK (also when it was paused already), LIBSCHED_E_CLOSED (the dispatcher is being shut down),
 *         LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_channel_pause(libsched_channel *channel);

/**
 * Lets tasks of the channel start again.
 *
 * @param channel  the channel (not NULL)
 * @return LIBSCHED_OK (also when it was not paused), -ENOMEM (it stays paused), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_channel_resume(libsched_channel *channel);

/**
 * Changes how many of the channel's tasks run at a time. As libsched_dispatcher_set_limit, for this channel.
 *
 * @param channel  the channel (not NULL)
 * @param limit    most tasks that run at a time; 0 = only the dispatcher's limit
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_channel_set_limit(libsched_channel *channel, uint32_t limit);

/** What a channel has done, at one moment. */
typedef struct libsched_channel_stats {
  size_t struct_size;       /**< set by the initialiser */
  uint64_t queued;          /**< tasks that wait to start */
  uint64_t running;         /**< tasks that have started and not ended */
  uint64_t done;            /**< tasks whose work returned 0 and that were not cancelled */
  uint64_t failed;          /**< tasks whose work failed and that were not cancelled */
  uint64_t cancelled;       /**< tasks that were cleared, before or after their work */
  uint64_t longest_wait_ns; /**< from a task's send to its start, or till now, in ns, to about 4 ms */
  uint64_t turns;           /**< tasks that have started */
  uint32_t limit;           /**< in force; 0 = only the dispatcher's */
  uint32_t paused;          /**< 1 or 0 */
} libsched_channel_stats;

/** Initial value of libsched_channel_stats. */
#define LIBSCHED_CHANNEL_STATS_INIT \
  { sizeof(libsched_channel_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * Makes a struct for libsched_channel_get_stats, the same bytes as LIBSCHED_CHANNEL_STATS_INIT.
 *
 * @param stats  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_channel_stats_init(libsched_channel_stats *stats);

/**
 * Reads the statistics.
 *
 * @param out      a struct with its struct_size set (not NULL)
 * @param channel  the channel (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_channel_get_stats(libsched_channel_stats *out,
                                                               libsched_channel *channel);

LIBSCHED_END_DECLS

#endif
