/**
 * Injector: an unbounded queue, first in first out, that any thread may push to and take from.
 *
 * Linked blocks after crossbeam's Injector and FAAArrayQueue (Correia and Ramalhete), with a published mark
 * per slot after Vyukov's bounded queue. The blocks are type-stable: memory is reused in the steady
 * state without malloc, and pages go back to the system when a backlog is gone.
 */
#ifndef LIBSCHED_INJECTOR_H
#define LIBSCHED_INJECTOR_H

#include <libsched/base.h>
#include <libsched/deque.h>

LIBSCHED_BEGIN_DECLS

/** An injector. */
typedef struct libsched_injector libsched_injector;

/** Options of an injector. */
typedef struct libsched_injector_options {
  size_t struct_size;          /**< set by the initialiser */
  uint64_t flags;              /**< none is defined: must be 0 */
  libsched_discard_fn discard; /**< gets each element left when the injector dies; NULL = they are forgotten */
} libsched_injector_options;

/** Initial value of libsched_injector_options: all defaults. */
#define LIBSCHED_INJECTOR_OPTIONS_INIT \
  { sizeof(libsched_injector_options), 0, 0 }

/**
 * Sets all defaults, the same bytes as LIBSCHED_INJECTOR_OPTIONS_INIT.
 *
 * @param options  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_injector_options_init(libsched_injector_options *options);

/**
 * Creates an empty injector.
 *
 * @param out      receives the handle with one reference (not NULL)
 * @param options  NULL for all defaults
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_FLAGS, LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_injector_create(
    libsched_injector **out, const libsched_injector_options *options);

/**
 * Adds a reference.
 *
 * @param injector  the injector, or NULL (nothing happens)
 * @return injector
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_injector *libsched_injector_ref(libsched_injector *injector);

/**
 * Drops a reference. The last one hands the elements left to `discard`.
 *
 * @param injector  the injector, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never, apart from discard.  Since: 0.1
 */
LIBSCHED_API void libsched_injector_unref(libsched_injector *injector);

/**
 * Adds an element.
 *
 * @param injector  the injector (not NULL)
 * @param item      any pointer, NULL too
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_injector_push(libsched_injector *injector, void *item);

/**
 * Adds several elements, in order; elements of other threads may come between them.
 *
 * @param accepted  receives how many of the first elements were added (not NULL)
 * @param injector  the injector (not NULL)
 * @param items     the elements (not NULL unless n is 0)
 * @param n         how many
 * @return LIBSCHED_OK (all, or as many as memory allowed, at least one), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE,
 *         LIBSCHED_E_FORKED, -ENOMEM (none)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_injector_push_n(size_t *accepted,
                                                             libsched_injector *injector,
                                                             void *const *items, size_t n);

/**
 * Takes the oldest element.
 *
 * @param out       receives the element; unchanged on failure (not NULL)
 * @param injector  the injector (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_EMPTY, LIBSCHED_E_RETRY (lost a race, or the oldest push is not finished),
 *         LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_injector_steal(void **out, libsched_injector *injector);

/**
 * Moves up to half of the elements, rounded up, into a deque, whose owner then pops them oldest first.
 *
 * @param injector     the injector (not NULL)
 * @param destination  a deque that the caller owns (not NULL)
 * @param limit        most elements to move; 0 = LIBSCHED_MAX_BATCH, more than that counts as that
 * @return LIBSCHED_OK (at least one moved), LIBSCHED_E_EMPTY, LIBSCHED_E_RETRY, LIBSCHED_E_FULL (no room in the
 *         destination, and the source not empty), LIBSCHED_E_BUSY (the destination's owner side is in use), LIBSCHED_E_NULL,
 *         LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any for the injector, the owner for the destination.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_injector_steal_batch(libsched_injector *injector,
                                                                  libsched_deque *destination,
                                                                  uint32_t limit);

/**
 * Like libsched_injector_steal_batch, and returns the oldest element of the batch at once.
 *
 * @param out          receives the element; unchanged on failure (not NULL)
 * @param injector     the injector (not NULL)
 * @param destination  a deque that the caller owns; full is no error, then one element is taken (not NULL)
 * @param limit        most elements to take, the returned one included; 0 = LIBSCHED_MAX_BATCH + 1, more than that
 *                     counts as that
 * @return LIBSCHED_OK, LIBSCHED_E_EMPTY, LIBSCHED_E_RETRY, LIBSCHED_E_BUSY, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE,
 *         LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any for the injector, the owner for the destination.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_injector_steal_batch_and_pop(
    void **out, libsched_injector *injector, libsched_deque *destination, uint32_t limit);

/**
 * How many elements are held; exact when no other call is at work.
 *
 * @param out       receives the count (not NULL)
 * @param injector  the injector (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_injector_len(uint64_t *out,
                                                          libsched_injector *injector);

LIBSCHED_END_DECLS

#endif
