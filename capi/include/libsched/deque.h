/**
 * Work-stealing deque: one owner pushes and pops, any number of stealers take from the other end.
 *
 * The algorithm is Chase and Lev's ("Dynamic Circular Work-Stealing Deque", SPAA 2005) with the C11
 * memory orders of Le, Pop, Cohen and Zappa Nardelli (PPoPP 2013) made free of fences; the contract
 * (flavours, batches, limits, EMPTY and RETRY) is that of crossbeam-deque.
 *
 * The owner's calls (push, pop, and being the destination of a batch) may move between threads, but may not
 * overlap: a call that finds another one at work returns LIBSCHED_E_BUSY and has done nothing.
 */
#ifndef LIBSCHED_DEQUE_H
#define LIBSCHED_DEQUE_H

#include <libsched/base.h>

LIBSCHED_BEGIN_DECLS

/** The owner's side of a deque. */
typedef struct libsched_deque libsched_deque;

/** The taking side of a deque. */
typedef struct libsched_stealer libsched_stealer;

/** The owner pops what it pushed first. */
#define LIBSCHED_FIFO 0u
/** The owner pops what it pushed last. Stealers take the oldest in both flavours. */
#define LIBSCHED_LIFO 1u

/** The most elements one batch moves when no lower limit is given. */
#define LIBSCHED_MAX_BATCH 32u

/** Options of a deque. */
typedef struct libsched_deque_options {
  size_t struct_size;          /**< set by the initialiser */
  uint32_t flavor;             /**< LIBSCHED_FIFO (0, the default) or LIBSCHED_LIFO */
  uint32_t flags;              /**< none is defined: must be 0 */
  uint64_t max_capacity;       /**< most elements held, any number up to 2^40; 0 = only memory limits it */
  libsched_discard_fn discard; /**< gets each element left when the deque dies; NULL = they are forgotten */
} libsched_deque_options;

/** Initial value of libsched_deque_options: all defaults. */
#define LIBSCHED_DEQUE_OPTIONS_INIT \
  { sizeof(libsched_deque_options), 0, 0, 0, 0 }

/**
 * Sets all defaults, the same bytes as LIBSCHED_DEQUE_OPTIONS_INIT.
 *
 * @param options  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_deque_options_init(libsched_deque_options *options);

/**
 * Creates an empty deque.
 *
 * @param out      receives the handle with one reference (not NULL)
 * @param options  NULL for all defaults
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_RANGE (flavor or max_capacity), LIBSCHED_E_FLAGS,
 *         LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_deque_create(libsched_deque **out,
                                                          const libsched_deque_options *options);

/**
 * Adds a reference.
 *
 * @param deque  the deque, or NULL (nothing happens)
 * @return deque
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_deque *libsched_deque_ref(libsched_deque *deque);

/**
 * Drops a reference. Elements stay takeable while a stealer lives; the last of deque and stealers to go
 * hands what is left to `discard`.
 *
 * @param deque  the deque, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never, apart from discard.  Since: 0.1
 */
LIBSCHED_API void libsched_deque_unref(libsched_deque *deque);

/**
 * Adds an element at the owner's end.
 *
 * @param deque  the deque (not NULL)
 * @param item   any pointer, NULL too
 * @return LIBSCHED_OK, LIBSCHED_E_FULL (max_capacity elements are held), LIBSCHED_E_BUSY, LIBSCHED_E_NULL,
 *         LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: one at a time (the owner).  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_deque_push(libsched_deque *deque, void *item);

/**
 * Takes an element as the owner: the newest of a LIFO deque, the oldest of a FIFO one.
 *
 * @param out    receives the element; unchanged on failure (not NULL)
 * @param deque  the deque (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_EMPTY, LIBSCHED_E_BUSY, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: one at a time (the owner).  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_deque_pop(void **out, libsched_deque *deque);

/**
 * Gives memory back that the present elements do not need.
 *
 * @param deque  the deque (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_BUSY, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: one at a time (the owner).  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_deque_shrink(libsched_deque *deque);

/**
 * How many elements are held; exact when no other call is at work.
 *
 * @param out    receives the count (not NULL)
 * @param deque  the deque (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_deque_len(uint64_t *out, libsched_deque *deque);

/**
 * Creates a stealer of a deque.
 *
 * @param out    receives the handle with one reference (not NULL)
 * @param deque  the deque to take from; the stealer keeps its contents alive (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_stealer_create(libsched_stealer **out,
                                                            libsched_deque *deque);

/**
 * Adds a reference.
 *
 * @param stealer  the stealer, or NULL (nothing happens)
 * @return stealer
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_stealer *libsched_stealer_ref(libsched_stealer *stealer);

/**
 * Drops a reference.
 *
 * @param stealer  the stealer, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never, apart from the deque's discard.  Since: 0.1
 */
LIBSCHED_API void libsched_stealer_unref(libsched_stealer *stealer);

/**
 * Takes the oldest element.
 *
 * @param out      receives the element; unchanged on failure (not NULL)
 * @param stealer  the stealer (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_EMPTY, LIBSCHED_E_RETRY (lost a race: not the same as empty),
 *         LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_stealer_steal(void **out, libsched_stealer *stealer);

/**
 * Moves up to half of the elements, rounded up, into another deque, whose owner then pops them in the order
 * in which the source's owner would have. Into the stealer's own deque: nothing moves, OK if it is not empty.
 *
 * @param stealer      the stealer (not NULL)
 * @param destination  a deque that the caller owns (not NULL)
 * @param limit        most elements to move; 0 = LIBSCHED_MAX_BATCH, more than that counts as that
 * @return LIBSCHED_OK (at least one moved), LIBSCHED_E_EMPTY, LIBSCHED_E_RETRY, LIBSCHED_E_FULL (no room in the
 *         destination, and the source not empty), LIBSCHED_E_BUSY (the destination's owner side is in use), LIBSCHED_E_NULL,
 *         LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any for the stealer, the owner for the destination.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_stealer_steal_batch(libsched_stealer *stealer,
                                                                 libsched_deque *destination,
                                                                 uint32_t limit);

/**
 * Like libsched_stealer_steal_batch, and returns one of the batch at once: the one the source's owner would have
 * popped first. Into the stealer's own deque: an owner's pop.
 *
 * @param out          receives the element; unchanged on failure (not NULL)
 * @param stealer      the stealer (not NULL)
 * @param destination  a deque that the caller owns; full is no error, then one element is taken (not NULL)
 * @param limit        most elements to take, the returned one included; 0 = LIBSCHED_MAX_BATCH + 1, more than that
 *                     counts as that
 * @return LIBSCHED_OK, LIBSCHED_E_EMPTY, LIBSCHED_E_RETRY, LIBSCHED_E_BUSY, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE,
 *         LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any for the stealer, the owner for the destination.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_stealer_steal_batch_and_pop(void **out,
                                                                         libsched_stealer *stealer,
                                                                         libsched_deque *destination,
                                                                         uint32_t limit);

/**
 * How many elements the deque holds; exact when no other call is at work.
 *
 * @param out      receives the count (not NULL)
 * @param stealer  the stealer (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_stealer_len(uint64_t *out, libsched_stealer *stealer);

LIBSCHED_END_DECLS

#endif
