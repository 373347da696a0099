/**
 * Stealing queue: what a pool schedules with, without the threads. N contexts, one for each of the caller's
 * threads, share elements of three priorities; each context has local queues of its own, and takes from the
 * shared ones and from other contexts when they are empty. The shape is that of Echo's StealingQueue.
 *
 * Order: High wherever it is goes before Normal, and Normal before Low, up to the starvation bound: of consecutive
 * `next` calls on one context at most `normal_bound` pass over waiting Normal elements and at most `low_bound` pass
 * over waiting Low ones. Elements that one thread submits at one priority from outside are taken over by contexts in
 * that order; with one context they come out in it.
 *
 * A context is used by one thread at a time; a call that finds another one at work returns LIBSCHED_E_BUSY.
 */
#ifndef LIBSCHED_STEALING_QUEUE_H
#define LIBSCHED_STEALING_QUEUE_H

#include <libsched/base.h>

LIBSCHED_BEGIN_DECLS

/** A stealing queue. */
typedef struct libsched_stealing_queue libsched_stealing_queue;

/** As a starvation bound: this priority is only served when nothing higher waits. */
#define LIBSCHED_NO_BOUND 0xffffffffu

/** Options of a stealing queue. */
typedef struct libsched_stealing_queue_options {
  size_t struct_size;          /**< set by the initialiser */
  uint32_t contexts;           /**< 1 to LIBSCHED_MAX_WORKERS; 0 = one per usable CPU */
  uint32_t flags;              /**< none is defined: must be 0 */
  uint32_t normal_bound;       /**< most selections in a row that pass over Normal; 0 = 8, or LIBSCHED_NO_BOUND */
  uint32_t low_bound;          /**< most selections in a row that pass over Low, 2 or more; 0 = 64, or LIBSCHED_NO_BOUND */
  uint64_t seed;               /**< for the choice of victims; 0 = a fixed default */
  libsched_discard_fn discard; /**< gets each element left when the queue dies; NULL = they are forgotten */
} libsched_stealing_queue_options;

/** Initial value of libsched_stealing_queue_options: all defaults. */
#define LIBSCHED_STEALING_QUEUE_OPTIONS_INIT \
  { sizeof(libsched_stealing_queue_options), 0, 0, 0, 0, 0, 0 }

/**
 * Sets all defaults, the same bytes as LIBSCHED_STEALING_QUEUE_OPTIONS_INIT.
 *
 * @param options  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_stealing_queue_options_init(libsched_stealing_queue_options *options);

/**
 * Creates an empty queue.
 *
 * @param out      receives the handle with one reference (not NULL)
 * @param options  NULL for all defaults
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_RANGE (contexts or a bound), LIBSCHED_E_FLAGS,
 *         LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_stealing_queue_create(
    libsched_stealing_queue **out, const libsched_stealing_queue_options *options);

/**
 * Adds a reference.
 *
 * @param queue  the queue, or NULL (nothing happens)
 * @return queue
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_stealing_queue *libsched_stealing_queue_ref(libsched_stealing_queue *queue);

/**
 * Drops a reference. The last one hands the elements left to `discard`.
 *
 * @param queue  the queue, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never, apart from discard.  Since: 0.1
 */
LIBSCHED_API void libsched_stealing_queue_unref(libsched_stealing_queue *queue);

/**
 * How many contexts the queue has.
 *
 * @param out    receives the count (not NULL)
 * @param queue  the queue (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_stealing_queue_contexts(uint32_t *out,
                                                                     libsched_stealing_queue *queue);

/**
 * Adds an element from outside; any context may take it.
 *
 * @param queue     the queue (not NULL)
 * @param priority  LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW
 * @param item      any pointer, NULL too
 * @return LIBSCHED_OK, LIBSCHED_E_RANGE (priority), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_stealing_queue_submit(libsched_stealing_queue *queue,
                                                                   uint32_t priority, void *item);

/**
 * Adds an element to a context's own queue, where its next call finds it first within the priority; other
 * contexts take it when they have nothing else. What does not fit locally goes to the shared queue.
 *
 * @param queue     the queue (not NULL)
 * @param context   0 to contexts - 1
 * @param priority  LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW
 * @param item      any pointer, NULL too
 * @return LIBSCHED_OK, LIBSCHED_E_RANGE (context or priority), LIBSCHED_E_BUSY, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE,
 *         LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: one at a time for each context.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_stealing_queue_submit_local(
    libsched_stealing_queue *queue, uint32_t context, uint32_t priority, void *item);

/**
 * Takes the element that the context should work on next.
 *
 * @param out       receives the element; unchanged on failure (not NULL)
 * @param priority  receives the element's priority; may be NULL
 * @param queue     the queue (not NULL)
 * @param context   0 to contexts - 1
 * @return LIBSCHED_OK, LIBSCHED_E_EMPTY, LIBSCHED_E_RETRY (something is there, but another thread was faster),
 *         LIBSCHED_E_RANGE (context), LIBSCHED_E_BUSY, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: one at a time for each context.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_stealing_queue_next(void **out, uint32_t *priority,
                                                                 libsched_stealing_queue *queue,
                                                                 uint32_t context);

/**
 * How many elements of a priority are held; exact when no other call is at work.
 *
 * @param out       receives the count (not NULL)
 * @param queue     the queue (not NULL)
 * @param priority  LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW
 * @return LIBSCHED_OK, LIBSCHED_E_RANGE (priority), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_stealing_queue_len(uint64_t *out,
                                                                libsched_stealing_queue *queue,
                                                                uint32_t priority);

LIBSCHED_END_DECLS

#endif
