/**
 * Message queue: first in, first out, for any number of producers and consumers, with two ways in. push never waits and may
 * pass the bound, for messages that must get through (a token, "finished"); push_bounded waits while the queue is full,
 * for those that may come faster than they are read (output). The two ways are those of Cargo's job queue; the storage is that
 * of <libsched/injector.h>.
 *
 * Messages of one producer are taken in the order in which it pushed them, and one whose push ended before another's began
 * is taken before that. They are pointers, or bytes that the queue copies in and out (LIBSCHED_QUEUE_BYTES).
 *
 * A queue ends by libsched_queue_close, or when the last sender is gone (libsched_sender), or when the last reference to the
 * queue itself is gone. Then pushes fail with LIBSCHED_E_CLOSED, and consumers take what is left before they get
 * LIBSCHED_E_CLOSED too.
 *
 * A worker of a pool that waits here hands its place to a spare worker, as between libsched_blocking_begin and _end.
 */
#ifndef LIBSCHED_QUEUE_H
#define LIBSCHED_QUEUE_H

#include <libsched/base.h>
#include <libsched/cancel.h>

LIBSCHED_BEGIN_DECLS

/** A message queue: its receiving side, which may push as well. */
typedef struct libsched_queue libsched_queue;

/** A producer of a queue, of which the queue knows: the last one's end closes it. */
typedef struct libsched_sender libsched_sender;

/** The messages are bytes of any length, which the queue keeps copies of. */
#define LIBSCHED_QUEUE_BYTES 1u

/** How often those that come later may pass the producer that waits first; see libsched_queue_push_bounded. */
#define LIBSCHED_QUEUE_MAX_PASSES 1024u

/** Options of a queue. */
typedef struct libsched_queue_options {
  size_t struct_size;          /**< set by the initialiser */
  uint64_t flags;              /**< 0 or LIBSCHED_QUEUE_BYTES */
  uint64_t bound;              /**< messages that push_bounded and try_push fill it to, any number; 0 = no bound */
  uint64_t byte_bound;         /**< the same in bytes, with LIBSCHED_QUEUE_BYTES; 0 = no bound */
  libsched_discard_fn discard; /**< gets each pointer left when the queue dies; NULL = they are forgotten */
} libsched_queue_options;

/** Initial value of libsched_queue_options: all defaults. */
#define LIBSCHED_QUEUE_OPTIONS_INIT \
  { sizeof(libsched_queue_options), 0, 0, 0, 0 }

/**
 * Sets all defaults, the same bytes as LIBSCHED_QUEUE_OPTIONS_INIT.
 *
 * @param options  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_queue_options_init(libsched_queue_options *options);

/**
 * Creates an empty queue.
 *
 * @param out      receives the handle with one reference (not NULL)
 * @param options  NULL for all defaults: pointers, without a bound
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_FLAGS, LIBSCHED_E_RANGE (byte_bound or discard, and pointers or bytes are
 *         the messages that it is not for), LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_create(libsched_queue **out,
                                                          const libsched_queue_options *options);

/**
 * Adds a reference.
 *
 * @param queue  the queue, or NULL (nothing happens)
 * @return queue
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_queue *libsched_queue_ref(libsched_queue *queue);

/**
 * Drops a reference. With the last one the receivers are gone: the queue is closed and what is left goes to `discard`. A
 * message whose push by a sender is under way meanwhile goes there when the last sender is gone.
 *
 * @param queue  the queue, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never, apart from discard.  Since: 0.1
 */
LIBSCHED_API void libsched_queue_unref(libsched_queue *queue);

/**
 * Adds a message, however many there are.
 *
 * @param queue    the queue, of pointers (not NULL)
 * @param message  any pointer, NULL too
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STATE (a queue of bytes),
 *         LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_push(libsched_queue *queue, void *message);

/**
 * Adds a message once there are fewer than the bound. Producers that wait do so in line. One that comes later may pass them
 * while there is room, but the first in line is passed at most LIBSCHED_QUEUE_MAX_PASSES times, and by calls that were
 * under way; libsched_queue_push passes without limit. In a queue without a bound it is libsched_queue_push.
 *
 * @param queue       the queue, of pointers (not NULL)
 * @param message     any pointer, NULL too
 * @param timeout_ns  longest wait, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED, LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE,
 *         LIBSCHED_E_STATE (a queue of bytes), LIBSCHED_E_FORKED, -ENOMEM; the message stays the caller's then
 *
 * Threads: any.  Blocks: while the queue is full.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_push_bounded(libsched_queue *queue, void *message,
                                                                int64_t timeout_ns,
                                                                libsched_cancel *cancel);

/**
 * Adds a message if there are fewer than the bound, and no producer waits that has been passed too often.
 *
 * @param queue    the queue, of pointers (not NULL)
 * @param message  any pointer, NULL too
 * @return LIBSCHED_OK, LIBSCHED_E_FULL, LIBSCHED_E_CLOSED, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STATE (a queue of
 *         bytes), LIBSCHED_E_FORKED, -ENOMEM; the message stays the caller's then
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_try_push(libsched_queue *queue, void *message);

/**
 * Takes the oldest message, once there is one.
 *
 * @param out         receives the message; unchanged on failure (not NULL)
 * @param queue       the queue, of pointers (not NULL)
 * @param timeout_ns  longest wait, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED (and nothing is left), LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, LIBSCHED_E_NULL,
 *         LIBSCHED_E_HANDLE, LIBSCHED_E_STATE (a queue of bytes), LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: while the queue is empty.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_pop(void **out, libsched_queue *queue,
                                                       int64_t timeout_ns, libsched_cancel *cancel);

/**
 * Takes the oldest message if there is one. If its push is just being finished, the call lasts until it is.
 *
 * @param out    receives the message; unchanged on failure (not NULL)
 * @param queue  the queue, of pointers (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_EMPTY, LIBSCHED_E_CLOSED (and nothing is left), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE,
 *         LIBSCHED_E_STATE (a queue of bytes), LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_try_pop(void **out, libsched_queue *queue);

/**
 * Takes up to n of the oldest messages, in order; waits for the first one only.
 *
 * @param out         receives the messages, room for n (not NULL unless n is 0)
 * @param taken       receives how many were taken (not NULL)
 * @param queue       the queue, of pointers (not NULL)
 * @param n           the most to take; 0 does nothing
 * @param timeout_ns  longest wait, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @return LIBSCHED_OK when at least one was taken or n is 0; else as libsched_queue_pop
 *
 * Threads: any.  Blocks: while the queue is empty.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_pop_n(void **out, size_t *taken, libsched_queue *queue,
                                                         size_t n, int64_t timeout_ns,
                                                         libsched_cancel *cancel);

/**
 * Receives a message from libsched_queue_pop_all.
 *
 * @param message    the message, which is the callee's from now on
 * @param user_data  as given to libsched_queue_pop_all
 */
typedef void (*libsched_message_fn)(void *message, void *user_data);

/**
 * Takes as many messages as there are now, one after the other, and hands each one over; waits for none.
 *
 * @param taken      receives how many were handed over (not NULL)
 * @param queue      the queue, of pointers (not NULL)
 * @param fn         called for each one, oldest first (not NULL); it may use the queue
 * @param user_data  passed to fn
 * @return LIBSCHED_OK when at least one was taken; LIBSCHED_E_EMPTY, LIBSCHED_E_CLOSED (and nothing is left);
 *         LIBSCHED_E_EXCEPTION (fn was left by one, those after stay in the queue), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE,
 *         LIBSCHED_E_STATE (a queue of bytes), LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never, apart from fn.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_pop_all(size_t *taken, libsched_queue *queue,
                                                           libsched_message_fn fn, void *user_data);

/**
 * Adds a copy of some bytes, however many there are.
 *
 * @param queue  the queue, of bytes (not NULL)
 * @param bytes  the message (not NULL unless size is 0)
 * @param size   its length in bytes; an empty message is a message
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STATE (a queue of pointers),
 *         LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_push_bytes(libsched_queue *queue, const void *bytes,
                                                              size_t size);

/**
 * Adds a copy of some bytes once the bounds leave room for it: fewer messages than `bound`, and with this one no more than
 * `byte_bound` bytes. Waiting is as for libsched_queue_push_bounded.
 *
 * @param queue       the queue, of bytes (not NULL)
 * @param bytes       the message (not NULL unless size is 0)
 * @param size        its length in bytes
 * @param timeout_ns  longest wait, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED, LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, LIBSCHED_E_RANGE (size is above
 *         byte_bound), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STATE (a queue of pointers), LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any.  Blocks: while the queue is full.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_push_bytes_bounded(libsched_queue *queue,
                                                                      const void *bytes, size_t size,
                                                                      int64_t timeout_ns,
                                                                      libsched_cancel *cancel);

/**
 * Adds a copy of some bytes if the bounds leave room for it, and no producer waits that has been passed too often.
 *
 * @param queue  the queue, of bytes (not NULL)
 * @param bytes  the message (not NULL unless size is 0)
 * @param size   its length in bytes
 * @return LIBSCHED_OK, LIBSCHED_E_FULL, LIBSCHED_E_CLOSED, LIBSCHED_E_RANGE (size is above byte_bound), LIBSCHED_E_NULL,
 *         LIBSCHED_E_HANDLE, LIBSCHED_E_STATE (a queue of pointers), LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_try_push_bytes(libsched_queue *queue,
                                                                  const void *bytes, size_t size);

/**
 * Takes the oldest message, once there is one, and copies it out.
 *
 * @param buffer      receives the message (not NULL unless capacity is 0)
 * @param size        receives its length in bytes; also that of a message that does not fit (not NULL)
 * @param queue       the queue, of bytes (not NULL)
 * @param capacity    room in the buffer, in bytes
 * @param timeout_ns  longest wait, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @return LIBSCHED_OK; LIBSCHED_E_RANGE: the oldest message is longer than capacity, and stays; LIBSCHED_E_CLOSED (and
 *         nothing is left), LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STATE (a
 *         queue of pointers), LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: while the queue is empty.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_pop_bytes(void *buffer, size_t *size,
                                                             libsched_queue *queue, size_t capacity,
                                                             int64_t timeout_ns, libsched_cancel *cancel);

/**
 * Takes the oldest message if there is one, and copies it out. As libsched_queue_try_pop.
 *
 * @param buffer    receives the message (not NULL unless capacity is 0)
 * @param size      receives its length in bytes; also that of a message that does not fit (not NULL)
 * @param queue     the queue, of bytes (not NULL)
 * @param capacity  room in the buffer, in bytes
 * @return LIBSCHED_OK, LIBSCHED_E_EMPTY; LIBSCHED_E_RANGE: the oldest message is longer than capacity, and stays;
 *         LIBSCHED_E_CLOSED (and nothing is left), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STATE (a queue of
 *         pointers), LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_try_pop_bytes(void *buffer, size_t *size,
                                                                 libsched_queue *queue, size_t capacity);

/**
 * Ends the intake: all pushes fail from now on, those that wait return LIBSCHED_E_CLOSED, and consumers that wait return
 * with what is left or with LIBSCHED_E_CLOSED. Closing once more does nothing.
 *
 * @param queue  the queue (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_close(libsched_queue *queue);

/**
 * How many messages are held; exact when no other call is at work.
 *
 * @param out    receives the count (not NULL)
 * @param queue  the queue (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_len(uint64_t *out, libsched_queue *queue);

/**
 * How many bytes the messages hold; exact when no other call is at work.
 *
 * @param out    receives the count (not NULL)
 * @param queue  the queue, of bytes (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STATE (a queue of pointers), LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_byte_len(uint64_t *out, libsched_queue *queue);

/** Nothing is there; the descriptor becomes readable when there is. */
#define LIBSCHED_QUEUE_ARMED 0u
/** Something is there to take. */
#define LIBSCHED_QUEUE_NONEMPTY 1u

/**
 * A file descriptor for poll, select or epoll (readable), so that a thread can wait for several queues and other things:
 *
 *     libsched_queue_poll_fd(&fd, queue);
 *     for (;;) {
 *       while (libsched_queue_try_pop(&message, queue) == LIBSCHED_OK) handle(message);
 *       if (libsched_queue_poll_arm(&state, queue) != LIBSCHED_OK) break;
 *       if (state == LIBSCHED_QUEUE_ARMED) poll on fd
 *     }
 *
 * It belongs to the queue, which closes it when it dies: only wait for it.
 *
 * @param out    receives the descriptor, the same one at every call; unchanged on failure (not NULL)
 * @param queue  the queue (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -EMFILE, -ENFILE, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_poll_fd(int *out, libsched_queue *queue);

/**
 * Arms the descriptor: it is not readable until the next push or until the queue is closed, and for ever after that. It may
 * become readable though another consumer took what was there.
 *
 * @param out    receives LIBSCHED_QUEUE_ARMED or LIBSCHED_QUEUE_NONEMPTY, which does not arm it (not NULL)
 * @param queue  the queue (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED (and nothing is left), LIBSCHED_E_STATE (libsched_queue_poll_fd was never called),
 *         LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any, one at a time.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_queue_poll_arm(uint32_t *out, libsched_queue *queue);

/**
 * Creates a sender of a queue. The queue is closed when the last sender is gone; one that never had a sender is not.
 *
 * @param out    receives the handle with one reference (not NULL)
 * @param queue  the queue (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED (it is closed already), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_sender_create(libsched_sender **out, libsched_queue *queue);

/**
 * Adds a reference. The sender counts once, however many references it has.
 *
 * @param sender  the sender, or NULL (nothing happens)
 * @return sender
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_sender *libsched_sender_ref(libsched_sender *sender);

/**
 * Drops a reference. With the last one the sender is gone.
 *
 * @param sender  the sender, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never, apart from the queue's discard.  Since: 0.1
 */
LIBSCHED_API void libsched_sender_unref(libsched_sender *sender);

/**
 * As libsched_queue_push.
 *
 * @param sender   the sender (not NULL)
 * @param message  any pointer, NULL too
 * @return as libsched_queue_push; LIBSCHED_E_CLOSED also when the last reference to the queue is gone
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_sender_push(libsched_sender *sender, void *message);

/**
 * As libsched_queue_push_bounded.
 *
 * @param sender      the sender (not NULL)
 * @param message     any pointer, NULL too
 * @param timeout_ns  longest wait, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @return as libsched_queue_push_bounded; LIBSCHED_E_CLOSED also when the last reference to the queue is gone
 *
 * Threads: any.  Blocks: while the queue is full.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_sender_push_bounded(libsched_sender *sender, void *message,
                                                                 int64_t timeout_ns,
                                                                 libsched_cancel *cancel);

/**
 * As libsched_queue_try_push.
 *
 * @param sender   the sender (not NULL)
 * @param message  any pointer, NULL too
 * @return as libsched_queue_try_push; LIBSCHED_E_CLOSED also when the last reference to the queue is gone
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_sender_try_push(libsched_sender *sender, void *message);

/**
 * As libsched_queue_push_bytes.
 *
 * @param sender  the sender (not NULL)
 * @param bytes   the message (not NULL unless size is 0)
 * @param size    its length in bytes
 * @return as libsched_queue_push_bytes; LIBSCHED_E_CLOSED also when the last reference to the queue is gone
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_sender_push_bytes(libsched_sender *sender, const void *bytes,
                                                               size_t size);

/**
 * As libsched_queue_push_bytes_bounded.
 *
 * @param sender      the sender (not NULL)
 * @param bytes       the message (not NULL unless size is 0)
 * @param size        its length in bytes
 * @param timeout_ns  longest wait, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @return as libsched_queue_push_bytes_bounded; LIBSCHED_E_CLOSED also when the last reference to the queue is gone
 *
 * Threads: any.  Blocks: while the queue is full.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_sender_push_bytes_bounded(libsched_sender *sender,
                                                                       const void *bytes, size_t size,
                                                                       int64_t timeout_ns,
                                                                       libsched_cancel *cancel);

/**
 * As libsched_queue_try_push_bytes.
 *
 * @param sender  the sender (not NULL)
 * @param bytes   the message (not NULL unless size is 0)
 * @param size    its length in bytes
 * @return as libsched_queue_try_push_bytes; LIBSCHED_E_CLOSED also when the last reference to the queue is gone
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_sender_try_push_bytes(libsched_sender *sender,
                                                                   const void *bytes, size_t size);

LIBSCHED_END_DECLS

#endif
