/* NULL, wrong and inherited handles of message queues: every call says so, takes nothing over and changes nothing. */
#include "check_queue.h"
/* It goes first: check.h sets the feature macros. */
#include "check_fork.h"

typedef struct ends {
  libsched_queue *queue;
  libsched_queue *bytes;
  libsched_sender *sender;
  libsched_sender *byte_sender;
  libsched_cancel *cancel;
} ends;

static void never_discard(void *message) {
  (void)message;
  check_fail(__FILE__, __LINE__, "a message of a call that failed was discarded");
}

static void never_called(void *message, void *data) {
  (void)message;
  (void)data;
  check_fail(__FILE__, __LINE__, "a call that failed handed a message over");
}

/* With a message in each queue. */
static ends ends_new(void) {
  libsched_queue_options options = LIBSCHED_QUEUE_OPTIONS_INIT;
  ends e;
  options.discard = never_discard;
  options.bound = 5;
  CHECK_OK(libsched_queue_create(&e.queue, &options));
  e.bytes = check_queue_bytes(5, 20);
  e.sender = check_sender_new(e.queue);
  e.byte_sender = check_sender_new(e.bytes);
  CHECK_OK(libsched_cancel_create(&e.cancel));
  check_queue_push(e.queue, 1, 1);
  CHECK_OK(libsched_queue_push_bytes(e.bytes, "abc", 3));
  return e;
}

static void ends_unref(ends e) {
  libsched_sender_unref(e.sender);
  libsched_sender_unref(e.byte_sender);
  libsched_queue_unref(e.queue);
  libsched_queue_unref(e.bytes);
  libsched_cancel_unref(e.cancel);
}

/* They are as ends_new made them. */
static void check_untouched(ends e) {
  uint32_t state = 77;
  CHECK_STATUS(libsched_queue_poll_arm(&state, e.queue), LIBSCHED_E_STATE);
  CHECK_EQ(check_queue_len(e.queue), 1);
  CHECK_EQ(check_queue_len(e.bytes), 1);
  CHECK_EQ(check_queue_byte_len(e.bytes), 3);
  CHECK_OK(libsched_sender_push(e.sender, ITEM(2)));
  CHECK_EQ(check_queue_pop(e.queue), 1);
  CHECK_EQ(check_queue_pop(e.queue), 2);
  CHECK_OK(libsched_sender_push_bytes(e.byte_sender, "ab", 2));
  CHECK_EQ(check_queue_pop_bytes(e.bytes), 3);
  CHECK_EQ(check_queue_pop_bytes(e.bytes), 2);
}

static void calls_of_any_queue(libsched_queue *queue, int want) {
  libsched_sender *sender = (libsched_sender *)UNTOUCHED;
  uint64_t n = 77;
  uint32_t state = 77;
  int fd = -77;
  CHECK_STATUS(libsched_queue_close(queue), want);
  CHECK_STATUS(libsched_queue_len(&n, queue), want);
  CHECK_STATUS(libsched_queue_byte_len(&n, queue), want);
  CHECK_STATUS(libsched_queue_poll_fd(&fd, queue), want);
  CHECK_STATUS(libsched_queue_poll_arm(&state, queue), want);
  CHECK_STATUS(libsched_sender_create(&sender, queue), want);
  CHECK_EQ(n, 77);
  CHECK_EQ(fd, -77);
  CHECK_PTR(sender, 0);
}

static void calls_with_cancel(libsched_queue *queue, libsched_queue *bytes, libsched_cancel *cancel,
                              int want) {
  void *out = UNTOUCHED;
  size_t taken = 77;
  char buffer[4];
  CHECK_STATUS(libsched_queue_push_bounded(queue, ITEM(9), LIBSCHED_FOREVER, cancel), want);
  CHECK_STATUS(libsched_queue_pop(&out, queue, LIBSCHED_FOREVER, cancel), want);
  CHECK_STATUS(libsched_queue_pop_n(&out, &taken, queue, 1, LIBSCHED_FOREVER, cancel), want);
  CHECK_EQ(taken, 0);
  CHECK_STATUS(libsched_queue_push_bytes_bounded(bytes, "a", 1, LIBSCHED_FOREVER, cancel), want);
  CHECK_STATUS(libsched_queue_pop_bytes(buffer, &taken, bytes, 4, LIBSCHED_FOREVER, cancel), want);
  CHECK_PTR(out, UNTOUCHED);
}

static void sender_calls_with_cancel(libsched_sender *sender, libsched_sender *byte_sender,
                                     libsched_cancel *cancel, int want) {
  CHECK_STATUS(libsched_sender_push_bounded(sender, ITEM(9), LIBSCHED_FOREVER, cancel), want);
  CHECK_STATUS(libsched_sender_push_bytes_bounded(byte_sender, "a", 1, LIBSCHED_FOREVER, cancel),
               want);
}

/* Every call with every handle bad in the same way, and a good switch. */
static void check_all(ends bad, libsched_cancel *cancel, int want) {
  void *out = UNTOUCHED;
  size_t taken = 77;
  char buffer[4];
  calls_of_any_queue(bad.queue, want);
  calls_of_any_queue(bad.bytes, want);
  calls_with_cancel(bad.queue, bad.bytes, 0, want);
  calls_with_cancel(bad.queue, bad.bytes, cancel, want);
  sender_calls_with_cancel(bad.sender, bad.byte_sender, 0, want);
  sender_calls_with_cancel(bad.sender, bad.byte_sender, cancel, want);
  CHECK_STATUS(libsched_queue_push(bad.queue, ITEM(9)), want);
  CHECK_STATUS(libsched_queue_try_push(bad.queue, ITEM(9)), want);
  CHECK_STATUS(libsched_queue_try_pop(&out, bad.queue), want);
  CHECK_STATUS(libsched_queue_pop_all(&taken, bad.queue, never_called, 0), want);
  CHECK_STATUS(libsched_queue_push_bytes(bad.bytes, "a", 1), want);
  CHECK_STATUS(libsched_queue_try_push_bytes(bad.bytes, "a", 1), want);
  CHECK_STATUS(libsched_queue_try_pop_bytes(buffer, &taken, bad.bytes, 4), want);
  CHECK_STATUS(libsched_sender_push(bad.sender, ITEM(9)), want);
  CHECK_STATUS(libsched_sender_try_push(bad.sender, ITEM(9)), want);
  CHECK_STATUS(libsched_sender_push_bytes(bad.byte_sender, "a", 1), want);
  CHECK_STATUS(libsched_sender_try_push_bytes(bad.byte_sender, "a", 1), want);
  CHECK_PTR(out, UNTOUCHED);
}

static ends same(void *pointer) {
  ends e;
  e.queue = (libsched_queue *)pointer;
  e.bytes = (libsched_queue *)pointer;
  e.sender = (libsched_sender *)pointer;
  e.byte_sender = (libsched_sender *)pointer;
  e.cancel = (libsched_cancel *)pointer;
  return e;
}

CASE(null_handles) {
  check_all(same(0), 0, LIBSCHED_E_NULL);
  CHECK_PTR(libsched_queue_ref(0), 0);
  CHECK_PTR(libsched_sender_ref(0), 0);
  ends_unref(same(0));
}

CASE(null_results_and_arguments) {
  ends e = ends_new();
  size_t taken = 77;
  void *out = UNTOUCHED;
  CHECK_STATUS(libsched_queue_create(0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_pop(0, e.queue, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_try_pop(0, e.queue), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_pop_n(0, &taken, e.queue, 1, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_pop_n(&out, 0, e.queue, 1, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_pop_all(0, e.queue, never_called, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_pop_all(&taken, e.queue, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_len(0, e.queue), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_byte_len(0, e.bytes), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_poll_fd(0, e.queue), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_poll_arm(0, e.queue), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_sender_create(0, e.queue), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_push_bytes(e.bytes, 0, 1), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_try_push_bytes(e.bytes, 0, 1), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_push_bytes_bounded(e.bytes, 0, 1, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_sender_push_bytes(e.byte_sender, 0, 1), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_sender_try_push_bytes(e.byte_sender, 0, 1), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_sender_push_bytes_bounded(e.byte_sender, 0, 1, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_pop_bytes(0, &taken, e.bytes, 1, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_pop_bytes(&out, 0, e.bytes, 1, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_try_pop_bytes(0, &taken, e.bytes, 1), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_queue_try_pop_bytes(&out, 0, e.bytes, 1), LIBSCHED_E_NULL);
  CHECK_PTR(out, UNTOUCHED);
  check_untouched(e);
  ends_unref(e);
}

/* A queue where its sender belongs and the other way round, other kinds, and no handles at all. */
CASE(handles_of_another_kind) {
  static uint64_t memory[1024];
  ends e = ends_new();
  ends bad = same(e.cancel);
  check_all(bad, e.cancel, LIBSCHED_E_HANDLE);
  bad.queue = (libsched_queue *)(void *)e.sender;
  bad.bytes = (libsched_queue *)(void *)e.byte_sender;
  bad.sender = (libsched_sender *)(void *)e.queue;
  bad.byte_sender = (libsched_sender *)(void *)e.bytes;
  check_all(bad, e.cancel, LIBSCHED_E_HANDLE);
  calls_with_cancel(e.queue, e.bytes, (libsched_cancel *)(void *)e.queue, LIBSCHED_E_HANDLE);
  sender_calls_with_cancel(e.sender, e.byte_sender, (libsched_cancel *)(void *)e.sender,
                           LIBSCHED_E_HANDLE);
  check_all(same(memory), 0, LIBSCHED_E_HANDLE);
  memset(memory, 0xff, sizeof(memory));
  check_all(same(memory), 0, LIBSCHED_E_HANDLE);
  check_untouched(e);
  ends_unref(e);
}

CASE(references_keep_them_alive) {
  ends e = ends_new();
  CHECK_PTR(libsched_queue_ref(e.queue), e.queue);
  CHECK_PTR(libsched_queue_ref(e.bytes), e.bytes);
  CHECK_PTR(libsched_sender_ref(e.sender), e.sender);
  CHECK_PTR(libsched_sender_ref(e.byte_sender), e.byte_sender);
  CHECK_PTR(libsched_cancel_ref(e.cancel), e.cancel);
  ends_unref(e);
  CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 2);
  CHECK_EQ(check_live(LIBSCHED_KIND_SENDER), 2);
  check_untouched(e);
  ends_unref(e);
  CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_SENDER), 0);
}

/* --- in a child --- */

static void be_dead(void *data) {
  ends e = *(ends *)data;
  libsched_cancel *cancel = 0;
  int i;
  CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 0);
  CHECK_EQ(check_live(LIBSCHED_KIND_SENDER), 0);
  check_all(e, 0, LIBSCHED_E_FORKED);
  CHECK_PTR(libsched_queue_ref(e.queue), e.queue);
  CHECK_PTR(libsched_sender_ref(e.sender), e.sender);
  for (i = 0; i < 5; ++i) ends_unref(e);
  check_all(e, 0, LIBSCHED_E_FORKED);
  /* The child may make its own, also with a switch that is not dead. */
  CHECK_OK(libsched_cancel_create(&cancel));
  {
    ends own = ends_new();
    calls_with_cancel(own.queue, own.bytes, e.cancel, LIBSCHED_E_FORKED);
    sender_calls_with_cancel(own.sender, own.byte_sender, e.cancel, LIBSCHED_E_FORKED);
    check_all(e, cancel, LIBSCHED_E_FORKED);
    CHECK_EQ(check_live(LIBSCHED_KIND_QUEUE), 2);
    check_untouched(own);
    ends_unref(own);
  }
  libsched_cancel_unref(cancel);
}

/* While calls of the parent block in other queues. */
static void check_child(int how) {
  ends e = ends_new();
  libsched_queue *empty = check_queue_new(0);
  libsched_queue *full = check_queue_new(1);
  check_caller consumer;
  check_caller producer;
  check_queue_push(full, 1, 1);
  check_block_pop(&consumer, empty);
  check_block_push(&producer, full, 2);
  in_child(how, be_dead, &e);
  check_untouched(e);
  ends_unref(e);
  check_queue_push(empty, 7, 7);
  CHECK_OK(check_caller_end(&consumer));
  CHECK_EQ(check_queue_pop(full), 1);
  CHECK_OK(check_caller_end(&producer));
  libsched_queue_unref(empty);
  libsched_queue_unref(full);
}

CASE(fork_kills_the_handles) { check_child(BY_FORK); }
CASE(clone_kills_the_handles) { check_child(BY_CLONE); }

CASES = {RUN(null_handles),
         RUN(null_results_and_arguments),
         RUN(handles_of_another_kind),
         RUN(references_keep_them_alive),
         RUN(fork_kills_the_handles),
         RUN(clone_kills_the_handles),
         CASES_END};
