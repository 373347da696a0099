/* A queue's descriptor, for poll, select and epoll. */
#include "check_queue.h"
/* It goes first: check.h sets the feature macros. */
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>

static int readable(int fd) {
  struct pollfd one;
  one.fd = fd;
  one.events = POLLIN;
  one.revents = 0;
  CHECK_LE(0, poll(&one, 1, 0));
  return one.revents == POLLIN;
}

/* Fails when it does not become readable in time. */
static void await_readable(int fd) {
  struct pollfd one;
  one.fd = fd;
  one.events = POLLIN;
  one.revents = 0;
  CHECK_EQ(poll(&one, 1, CHECK_DEADLINE_S * 1000), 1);
}

static int fd_of(libsched_queue *queue) {
  int fd = -1;
  CHECK_OK(libsched_queue_poll_fd(&fd, queue));
  CHECK_LE(0, fd);
  return fd;
}

static void check_arm(libsched_queue *queue, uint32_t want) {
  uint32_t state = 77;
  CHECK_OK(libsched_queue_poll_arm(&state, queue));
  CHECK_EQ(state, want);
}

static void check_arm_fails(libsched_queue *queue, int want) {
  uint32_t state = 77;
  CHECK_STATUS(libsched_queue_poll_arm(&state, queue), want);
}

CASE(arm_needs_a_descriptor) {
  libsched_queue *queue = check_queue_new(0);
  check_arm_fails(queue, LIBSCHED_E_STATE);
  check_queue_push(queue, 1, 1);
  check_arm_fails(queue, LIBSCHED_E_STATE);
  CHECK_OK(libsched_queue_close(queue));
  check_arm_fails(queue, LIBSCHED_E_STATE);
  fd_of(queue);
  check_arm(queue, LIBSCHED_QUEUE_NONEMPTY);
  CHECK_EQ(check_queue_pop(queue), 1);
  check_arm_fails(queue, LIBSCHED_E_CLOSED);
  libsched_queue_unref(queue);
}

CASE(the_descriptor_is_the_same_at_every_call) {
  int before = check_fds();
  libsched_queue *queue = check_queue_new(0);
  libsched_queue *other = check_queue_bytes(0, 0);
  int fd;
  CHECK_EQ(check_fds(), before);
  fd = fd_of(queue);
  CHECK_EQ(fd_of(queue), fd);
  CHECK(fd_of(other) != fd);
  CHECK_EQ(check_fds(), before + 2);
  CHECK_EQ(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  libsched_queue_unref(queue);
  libsched_queue_unref(other);
  CHECK_EQ(check_fds(), before);
}

/* It is the queue's until the last sender is gone too. */
CASE(the_descriptor_dies_with_the_queue) {
  int before = check_fds();
  libsched_queue *queue = check_queue_new(0);
  libsched_sender *sender = check_sender_new(queue);
  fd_of(queue);
  CHECK_EQ(check_fds(), before + 1);
  libsched_queue_unref(queue);
  libsched_sender_unref(sender);
  CHECK_EQ(check_fds(), before);
}

CASE(armed_while_nothing_is_there) {
  libsched_queue *queue = check_queue_new(0);
  int fd = fd_of(queue);
  int i;
  for (i = 0; i < 3; ++i) {
    check_arm(queue, LIBSCHED_QUEUE_ARMED);
    CHECK(!readable(fd));
  }
  libsched_queue_unref(queue);
}

/* One round after the other: each arm is followed by a push that makes it readable. */
CASE(readable_after_a_push_each_time) {
  libsched_queue *queue = check_queue_new(0);
  int fd = fd_of(queue);
  int i;
  for (i = 1; i <= 100; ++i) {
    check_arm(queue, LIBSCHED_QUEUE_ARMED);
    CHECK(!readable(fd));
    check_queue_push(queue, i, i);
    CHECK(readable(fd));
    CHECK_EQ(check_queue_pop(queue), i);
  }
  libsched_queue_unref(queue);
}

/* Every kind of push does it. */
CASE(every_push_tells) {
  libsched_queue *queue = check_queue_new(5);
  libsched_queue *bytes = check_queue_bytes(5, 5);
  libsched_sender *sender = check_sender_new(queue);
  libsched_sender *byte_sender = check_sender_new(bytes);
  int fd = fd_of(queue);
  int byte_fd = fd_of(bytes);
#define CHECK_TELLS(call, q, f)              \
  do {                                       \
    check_arm(q, LIBSCHED_QUEUE_ARMED);      \
    CHECK(!readable(f));                     \
    CHECK_OK(call);                          \
    CHECK(readable(f));                      \
    if (q == queue)                          \
      CHECK_EQ(check_queue_pop(q), 9);       \
    else                                     \
      CHECK_EQ(check_queue_pop_bytes(q), 2); \
  } while (0)
  CHECK_TELLS(libsched_queue_push(queue, ITEM(9)), queue, fd);
  CHECK_TELLS(libsched_queue_try_push(queue, ITEM(9)), queue, fd);
  CHECK_TELLS(libsched_queue_push_bounded(queue, ITEM(9), 0, 0), queue, fd);
  CHECK_TELLS(libsched_sender_push(sender, ITEM(9)), queue, fd);
  CHECK_TELLS(libsched_sender_try_push(sender, ITEM(9)), queue, fd);
  CHECK_TELLS(libsched_sender_push_bounded(sender, ITEM(9), LIBSCHED_FOREVER, 0), queue, fd);
  CHECK_TELLS(libsched_queue_push_bytes(bytes, "ab", 2), bytes, byte_fd);
  CHECK_TELLS(libsched_queue_try_push_bytes(bytes, "ab", 2), bytes, byte_fd);
  CHECK_TELLS(libsched_queue_push_bytes_bounded(bytes, "ab", 2, 0, 0), bytes, byte_fd);
  CHECK_TELLS(libsched_sender_push_bytes(byte_sender, "ab", 2), bytes, byte_fd);
  CHECK_TELLS(libsched_sender_try_push_bytes(byte_sender, "ab", 2), bytes, byte_fd);
  CHECK_TELLS(libsched_sender_push_bytes_bounded(byte_sender, "ab", 2, 0, 0), bytes, byte_fd);
  libsched_sender_unref(sender);
  libsched_sender_unref(byte_sender);
  libsched_queue_unref(queue);
  libsched_queue_unref(bytes);
}

/* The descriptor counts how often it was written to; a read takes the count. */
CASE(written_once_for_each_arm) {
  libsched_queue *queue = check_queue_new(0);
  int fd = fd_of(queue);
  uint64_t count = 0;
  check_arm(queue, LIBSCHED_QUEUE_ARMED);
  check_queue_push(queue, 1, 1000);
  CHECK_EQ(read(fd, &count, sizeof(count)), sizeof(count));
  CHECK_EQ(count, 1);
  check_queue_push(queue, 1001, 2000);
  CHECK(!readable(fd));
  libsched_queue_unref(queue);
}

CASE(not_armed_when_something_is_there) {
  libsched_queue *queue = check_queue_new(0);
  int fd = fd_of(queue);
  check_queue_push(queue, 1, 2);
  check_arm(queue, LIBSCHED_QUEUE_NONEMPTY);
  check_queue_push(queue, 3, 3);
  CHECK(!readable(fd));
  CHECK_EQ(check_queue_pop(queue), 1);
  check_arm(queue, LIBSCHED_QUEUE_NONEMPTY);
  CHECK_EQ(check_queue_pop(queue), 2);
  CHECK_EQ(check_queue_pop(queue), 3);
  check_arm(queue, LIBSCHED_QUEUE_ARMED);
  CHECK(!readable(fd));
  check_queue_push(queue, 4, 4);
  CHECK(readable(fd));
  libsched_queue_unref(queue);
}

/* An arm takes back what an earlier one has led to. */
CASE(arm_makes_it_unreadable_again) {
  libsched_queue *queue = check_queue_new(0);
  int fd = fd_of(queue);
  check_arm(queue, LIBSCHED_QUEUE_ARMED);
  check_queue_push(queue, 1, 1);
  CHECK(readable(fd));
  check_arm(queue, LIBSCHED_QUEUE_NONEMPTY);
  CHECK(!readable(fd));
  CHECK_EQ(check_queue_pop(queue), 1);
  check_arm(queue, LIBSCHED_QUEUE_ARMED);
  CHECK(!readable(fd));
  libsched_queue_unref(queue);
}

static void check_readable_for_ever(libsched_queue *queue, int fd) {
  int i;
  CHECK(readable(fd));
  for (i = 0; i < 3; ++i) {
    check_arm_fails(queue, LIBSCHED_E_CLOSED);
    CHECK(readable(fd));
  }
}

CASE(readable_for_ever_after_close) {
  libsched_queue *queue = check_queue_new(0);
  int fd = fd_of(queue);
  check_arm(queue, LIBSCHED_QUEUE_ARMED);
  CHECK_OK(libsched_queue_close(queue));
  check_readable_for_ever(queue, fd);
  libsched_queue_unref(queue);
}

CASE(readable_after_close_without_an_arm) {
  libsched_queue *queue = check_queue_new(0);
  int fd = fd_of(queue);
  CHECK_OK(libsched_queue_close(queue));
  check_readable_for_ever(queue, fd);
  libsched_queue_unref(queue);
}

CASE(readable_when_asked_for_after_close) {
  libsched_queue *queue = check_queue_new(0);
  CHECK_OK(libsched_queue_close(queue));
  check_readable_for_ever(queue, fd_of(queue));
  libsched_queue_unref(queue);
}

CASE(readable_after_the_last_sender) {
  libsched_queue *queue = check_queue_new(0);
  libsched_sender *sender = check_sender_new(queue);
  int fd = fd_of(queue);
  check_arm(queue, LIBSCHED_QUEUE_ARMED);
  libsched_sender_unref(sender);
  check_readable_for_ever(queue, fd);
  libsched_queue_unref(queue);
}

/* What is left after close is there to take, before it is said that nothing is. */
CASE(closed_with_messages_left) {
  libsched_queue *queue = check_queue_new(0);
  int fd = fd_of(queue);
  check_queue_push(queue, 1, 2);
  CHECK_OK(libsched_queue_close(queue));
  check_arm(queue, LIBSCHED_QUEUE_NONEMPTY);
  CHECK(readable(fd));
  CHECK_EQ(check_queue_pop(queue), 1);
  check_arm(queue, LIBSCHED_QUEUE_NONEMPTY);
  CHECK_EQ(check_queue_pop(queue), 2);
  check_readable_for_ever(queue, fd);
  libsched_queue_unref(queue);
}

/* A consumer that blocks and the descriptor are told of the same push. */
CASE(beside_a_consumer_that_blocks) {
  libsched_queue *queue = check_queue_new(0);
  int fd = fd_of(queue);
  int i;
  for (i = 1; i <= 20; ++i) {
    check_caller consumer;
    check_block_pop(&consumer, queue);
    check_arm(queue, LIBSCHED_QUEUE_ARMED);
    check_queue_push(queue, i, i);
    CHECK_OK(check_caller_end(&consumer));
    CHECK_EQ(VALUE(consumer.message), i);
    await_readable(fd);
  }
  libsched_queue_unref(queue);
}

/* The loop of the documentation, over several queues at once, with producers that come and go. */
enum { QUEUES = 3, EACH = 2 };

typedef struct flow {
  libsched_sender *sender;
  int64_t first;
  int64_t n;
} flow;

static void *send_all(void *data) {
  flow *f = (flow *)data;
  int64_t i;
  uint64_t seed = (uint64_t)f->first;
  for (i = 0; i < f->n; ++i) {
    CHECK_OK(i % 3 == 0 ? libsched_sender_push(f->sender, ITEM(f->first + i))
                        : libsched_sender_push_bounded(f->sender, ITEM(f->first + i),
                                                       LIBSCHED_FOREVER, 0));
    if (check_random(&seed) % 16 == 0) sched_yield();
  }
  libsched_sender_unref(f->sender);
  return 0;
}

static libsched_queue *queues[QUEUES];
static flow flows[QUEUES * EACH];
static pthread_t senders[QUEUES * EACH];
static int64_t flow_length;

static void flows_start(void) {
  int i;
  flow_length = CHECK_SCALE(20000, 2000);
  check_tally_start((size_t)(QUEUES * EACH * flow_length));
  for (i = 0; i < QUEUES; ++i) queues[i] = check_queue_new(7);
  for (i = 0; i < QUEUES * EACH; ++i) {
    flows[i].sender = check_sender_new(queues[i % QUEUES]);
    flows[i].first = i * flow_length + 1;
    flows[i].n = flow_length;
  }
  for (i = 0; i < QUEUES * EACH; ++i) senders[i] = check_spawn(send_all, &flows[i]);
}

static void flows_end(void) {
  int i;
  for (i = 0; i < QUEUES * EACH; ++i) check_join(senders[i]);
  for (i = 0; i < QUEUES; ++i) libsched_queue_unref(queues[i]);
  CHECK_TALLY();
}

/* Takes what is there and arms: whether it is closed and empty. */
static int serve(libsched_queue *queue) {
  void *message = 0;
  uint32_t state = LIBSCHED_QUEUE_NONEMPTY;
  while (state == LIBSCHED_QUEUE_NONEMPTY) {
    int status;
    while (libsched_queue_try_pop(&message, queue) == LIBSCHED_OK) check_tally_see(message);
    status = libsched_queue_poll_arm(&state, queue);
    if (status == LIBSCHED_E_CLOSED) return 1;
    CHECK_OK(status);
  }
  return 0;
}

CASE(a_loop_with_poll) {
  struct pollfd fds[QUEUES];
  int open = QUEUES;
  int i;
  flows_start();
  for (i = 0; i < QUEUES; ++i) {
    fds[i].fd = fd_of(queues[i]);
    fds[i].events = POLLIN;
    fds[i].revents = POLLIN;
  }
  for (;;) {
    for (i = 0; i < QUEUES; ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0 || !serve(queues[i])) continue;
      fds[i].fd = -1; /* poll passes over it */
      --open;
    }
    if (open == 0) break;
    CHECK_LE(1, poll(fds, QUEUES, CHECK_DEADLINE_S * 1000));
  }
  flows_end();
}

/* Level-triggered or not: each arm is followed by one change from unreadable to readable. */
static void loop_with_epoll(uint32_t flags) {
  int set = epoll_create1(EPOLL_CLOEXEC);
  int open = QUEUES;
  int i;
  CHECK_LE(0, set);
  flows_start();
  for (i = 0; i < QUEUES; ++i) {
    struct epoll_event event;
    memset(&event, 0, sizeof(event));
    event.events = EPOLLIN | flags;
    event.data.u32 = (uint32_t)i;
    CHECK_EQ(epoll_ctl(set, EPOLL_CTL_ADD, fd_of(queues[i]), &event), 0);
    if (serve(queues[i])) {
      CHECK_EQ(epoll_ctl(set, EPOLL_CTL_DEL, fd_of(queues[i]), 0), 0);
      --open;
    }
  }
  while (open > 0) {
    struct epoll_event event;
    CHECK_EQ(epoll_wait(set, &event, 1, CHECK_DEADLINE_S * 1000), 1);
    i = (int)event.data.u32;
    if (!serve(queues[i])) continue;
    CHECK_EQ(epoll_ctl(set, EPOLL_CTL_DEL, fd_of(queues[i]), 0), 0);
    --open;
  }
  CHECK_EQ(close(set), 0);
  flows_end();
}

CASE(a_loop_with_epoll) { loop_with_epoll(0); }
CASE(a_loop_with_edge_triggered_epoll) { loop_with_epoll(EPOLLET); }

CASES = {RUN(arm_needs_a_descriptor),
         RUN(the_descriptor_is_the_same_at_every_call),
         RUN(the_descriptor_dies_with_the_queue),
         RUN(armed_while_nothing_is_there),
         RUN(readable_after_a_push_each_time),
         RUN(every_push_tells),
         RUN(written_once_for_each_arm),
         RUN(not_armed_when_something_is_there),
         RUN(arm_makes_it_unreadable_again),
         RUN(readable_for_ever_after_close),
         RUN(readable_after_close_without_an_arm),
         RUN(readable_when_asked_for_after_close),
         RUN(readable_after_the_last_sender),
         RUN(closed_with_messages_left),
         RUN(beside_a_consumer_that_blocks),
         RUN(a_loop_with_poll),
         RUN(a_loop_with_epoll),
         RUN(a_loop_with_edge_triggered_epoll),
         CASES_END};
