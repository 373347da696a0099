/**
 * Message queues, and calls of theirs that block on threads of their own.
 */
#ifndef CHECK_QUEUE_H
#define CHECK_QUEUE_H

#include "check_sched.h"

/** A queue of pointers, with a bound (0 = none). */
CHECK_HELPER libsched_queue *check_queue_new(uint64_t bound) {
  libsched_queue_options options = LIBSCHED_QUEUE_OPTIONS_INIT;
  libsched_queue *queue = 0;
  options.bound = bound;
  CHECK_OK(libsched_queue_create(&queue, &options));
  CHECK(queue != 0);
  return queue;
}

/** A queue of bytes. */
CHECK_HELPER libsched_queue *check_queue_bytes(uint64_t bound, uint64_t byte_bound) {
  libsched_queue_options options = LIBSCHED_QUEUE_OPTIONS_INIT;
  libsched_queue *queue = 0;
  options.flags = LIBSCHED_QUEUE_BYTES;
  options.bound = bound;
  options.byte_bound = byte_bound;
  CHECK_OK(libsched_queue_create(&queue, &options));
  CHECK(queue != 0);
  return queue;
}

CHECK_HELPER libsched_sender *check_sender_new(libsched_queue *queue) {
  libsched_sender *sender = 0;
  CHECK_OK(libsched_sender_create(&sender, queue));
  CHECK(sender != 0);
  return sender;
}

CHECK_HELPER int64_t check_queue_len(libsched_queue *queue) {
  uint64_t n = 77;
  CHECK_OK(libsched_queue_len(&n, queue));
  return (int64_t)n;
}

CHECK_HELPER int64_t check_queue_byte_len(libsched_queue *queue) {
  uint64_t n = 77;
  CHECK_OK(libsched_queue_byte_len(&n, queue));
  return (int64_t)n;
}

/** Pushes the messages from `first` to `last`, past the bound if need be. */
CHECK_HELPER void check_queue_push(libsched_queue *queue, int64_t first, int64_t last) {
  int64_t i;
  for (i = first; i <= last; ++i) CHECK_OK(libsched_queue_push(queue, ITEM(i)));
}

/** The oldest message, which must be there. */
CHECK_HELPER int64_t check_queue_pop(libsched_queue *queue) {
  void *out = UNTOUCHED;
  CHECK_OK(libsched_queue_try_pop(&out, queue));
  return VALUE(out);
}

/** The length of the oldest message, which must be there and at most 64 bytes long. */
CHECK_HELPER int64_t check_queue_pop_bytes(libsched_queue *queue) {
  char buffer[64];
  size_t size = 77;
  CHECK_OK(libsched_queue_try_pop_bytes(buffer, &size, queue, sizeof(buffer)));
  return (int64_t)size;
}

/** Nothing is left, and nothing will come. */
CHECK_HELPER void check_queue_is_over(libsched_queue *queue) {
  void *out = UNTOUCHED;
  size_t taken = 77;
  CHECK_STATUS(libsched_queue_try_pop(&out, queue), LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_queue_pop(&out, queue, LIBSCHED_FOREVER, 0), LIBSCHED_E_CLOSED);
  CHECK_STATUS(libsched_queue_pop_n(&out, &taken, queue, 1, LIBSCHED_FOREVER, 0),
               LIBSCHED_E_CLOSED);
  CHECK_PTR(out, UNTOUCHED);
}

enum { CHECK_PUSH, CHECK_POP, CHECK_POP_N, CHECK_PUSH_BYTES, CHECK_POP_BYTES };

/** A call that may block, and what came of it. */
typedef struct check_caller {
  int kind;
  libsched_queue *queue;
  libsched_sender *sender; /* pushes, in the place of the queue */
  int64_t timeout_ns;
  libsched_cancel *cancel;
  void *message; /* to push, or popped; UNTOUCHED until then */
  size_t size;   /* of bytes, which are all zero */
  int64_t *returned;
  int status;
  int done;
  long thread_id;
  pthread_t thread;
} check_caller;

CHECK_HELPER int check_caller_push(check_caller *c) {
  static const char zeros[256] = {0};
  if (c->kind == CHECK_PUSH) {
    return c->sender != 0
               ? libsched_sender_push_bounded(c->sender, c->message, c->timeout_ns, c->cancel)
               : libsched_queue_push_bounded(c->queue, c->message, c->timeout_ns, c->cancel);
  }
  CHECK_LE(c->size, sizeof(zeros));
  return c->sender != 0 ? libsched_sender_push_bytes_bounded(c->sender, zeros, c->size,
                                                             c->timeout_ns, c->cancel)
                        : libsched_queue_push_bytes_bounded(c->queue, zeros, c->size, c->timeout_ns,
                                                            c->cancel);
}

CHECK_HELPER int check_caller_pop(check_caller *c) {
  char buffer[256];
  size_t taken = 77;
  int status;
  if (c->kind == CHECK_POP) {
    return libsched_queue_pop(&c->message, c->queue, c->timeout_ns, c->cancel);
  }
  if (c->kind == CHECK_POP_N) {
    status = libsched_queue_pop_n(&c->message, &taken, c->queue, 1, c->timeout_ns, c->cancel);
    CHECK_EQ(taken, status == LIBSCHED_OK);
    return status;
  }
  return libsched_queue_pop_bytes(buffer, &c->size, c->queue, sizeof(buffer), c->timeout_ns,
                                  c->cancel);
}

CHECK_HELPER void *check_caller_run(void *data) {
  check_caller *c = (check_caller *)data;
  CHECK_SET(c->thread_id, check_thread_id());
  c->status = c->kind == CHECK_PUSH || c->kind == CHECK_PUSH_BYTES ? check_caller_push(c)
                                                                   : check_caller_pop(c);
  if (c->returned != 0) CHECK_ADD(*c->returned, 1);
  CHECK_SET(c->done, 1);
  return 0;
}

/** A call without a timeout and a cancel switch, unless they are set before it starts. */
CHECK_HELPER void check_caller_init(check_caller *c, int kind, libsched_queue *queue) {
  memset(c, 0, sizeof(*c));
  c->kind = kind;
  c->queue = queue;
  c->timeout_ns = LIBSCHED_FOREVER;
  c->message = UNTOUCHED;
}

CHECK_HELPER void check_caller_start(check_caller *c) {
  c->thread = check_spawn(check_caller_run, c);
}

/** Starts the call and waits until it most likely blocks. */
CHECK_HELPER void check_caller_block(check_caller *c) {
  check_caller_start(c);
  check_until_asleep(&c->thread_id);
}

/** A producer of that message that most likely blocks. */
CHECK_HELPER void check_block_push(check_caller *c, libsched_queue *queue, int64_t message) {
  check_caller_init(c, CHECK_PUSH, queue);
  c->message = ITEM(message);
  check_caller_block(c);
}

/** A consumer that most likely blocks. */
CHECK_HELPER void check_block_pop(check_caller *c, libsched_queue *queue) {
  check_caller_init(c, CHECK_POP, queue);
  check_caller_block(c);
}

/** What the call returned, once it has. */
CHECK_HELPER int check_caller_end(check_caller *c) {
  CHECK_UNTIL(CHECK_GET(c->done));
  check_join(c->thread);
  return c->status;
}

#endif
