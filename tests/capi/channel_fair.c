/*
 * Who is served when: with one worker, or with none and calls of run_one, tasks start in an order that can be counted.
 */
#include "check_fair.h"

enum { MOST = 4000, CHANNELS = 8 };

/* The channels' numbers in the order in which their tasks ran. */
static int order[MOST];
static int ran;

static int note(libsched_task *task, void *data) {
  (void)task;
  CHECK_LE(ran + 1, MOST);
  order[ran++] = (int)VALUE(data);
  return 0;
}

static libsched_pool *pool;
static libsched_dispatcher *dispatcher;
static libsched_channel *channels[CHANNELS];

static void start(uint32_t workers, int n, const uint32_t *weights) {
  int i;
  ran = 0;
  pool = check_pool_new(workers, 0);
  dispatcher = check_dispatcher_new(pool, note, 1);
  for (i = 0; i < n; ++i)
    channels[i] = check_channel_prior(dispatcher, LIBSCHED_NORMAL, weights == 0 ? 0 : weights[i]);
}

static void end(int n) {
  int i;
  for (i = 0; i < n; ++i) libsched_channel_unref(channels[i]);
  check_dispatcher_end(dispatcher, LIBSCHED_DRAIN);
  check_pool_end(pool, LIBSCHED_DRAIN);
  check_fair_gone();
}

static void fill(int channel, int n) {
  int i;
  for (i = 0; i < n; ++i) check_send(channels[channel], ITEM(channel));
}

/* How often a channel was served in a part of the order. */
static int services(int channel, int from, int to) {
  int n = 0;
  int i;
  for (i = from; i < to; ++i) n += order[i] == channel;
  return n;
}

/* The place of the nth service of a channel, from 0 on. */
static int place_of(int channel, int nth) {
  int i;
  for (i = 0; i < ran; ++i) {
    if (order[i] == channel && nth-- == 0) return i;
  }
  check_fail(__FILE__, __LINE__, "the channel was served as often");
  return 0;
}

/* Between two services of a channel that waits, no other one is served more than `most` times. */
static void check_gaps(int n, const int *waits_until, int most) {
  int a;
  int b;
  for (a = 0; a < n; ++a) {
    int from = 0;
    int i;
    for (i = 0; i < waits_until[a]; ++i) {
      int to = place_of(a, i);
      for (b = 0; b < n; ++b) CHECK_LE(services(b, from, to) - (b == a), most);
      from = to;
    }
  }
}

static void equal_weights(uint32_t workers, uint32_t weight) {
  static const int sent[CHANNELS] = {20, 2, 7, 50, 1, 13, 20, 31};
  uint32_t weights[CHANNELS];
  int i;
  for (i = 0; i < CHANNELS; ++i) weights[i] = weight;
  start(workers, CHANNELS, weights);
  CHECK_OK(libsched_dispatcher_pause(dispatcher));
  for (i = 0; i < CHANNELS; ++i) fill(i, sent[i]);
  CHECK_OK(libsched_dispatcher_resume(dispatcher));
  check_pool_idle(pool);
  CHECK_EQ(ran, 144);
  check_gaps(CHANNELS, sent, 1);
  end(CHANNELS);
}

CASE(equal_weights_with_one_worker) { equal_weights(1, 1); }
CASE(equal_weights_without_workers) { equal_weights(LIBSCHED_NO_WORKERS, 1); }
CASE(equal_weights_above_one) {
  equal_weights(1, 5);
  equal_weights(LIBSCHED_NO_WORKERS, 5);
  equal_weights(1, LIBSCHED_MAX_WEIGHT);
}

/* The same with channels that are paused and resumed in between: what a channel has missed is no credit. */
CASE(a_pause_saves_no_turns) {
  static const uint32_t weights[2] = {5, 5};
  int i;
  start(LIBSCHED_NO_WORKERS, 2, weights);
  fill(0, 20);
  fill(1, 20);
  for (i = 0; i < 4; ++i) CHECK_OK(libsched_pool_run_one(pool));
  CHECK_OK(libsched_channel_pause(channels[1]));
  for (i = 0; i < 3; ++i) CHECK_OK(libsched_pool_run_one(pool));
  CHECK_EQ(services(0, 4, 7), 3);
  CHECK_OK(libsched_channel_resume(channels[1]));
  for (i = 0; i < 8; ++i) CHECK_OK(libsched_pool_run_one(pool));
  for (i = 7; i + 1 < 15; ++i) CHECK(order[i] != order[i + 1]);
  end(2);
}

/* And at random: channels of one weight that come and go, and one that waits all the time. */
CASE(coming_and_going_gains_nothing) {
  static const uint32_t weight_of[3] = {1, 5, 12};
  uint64_t seed = 7;
  int k;
  for (k = 0; k < 3; ++k) {
    uint32_t weights[4];
    int last;
    int i;
    for (i = 0; i < 4; ++i) weights[i] = weight_of[k];
    start(LIBSCHED_NO_WORKERS, 4, weights);
    fill(0, 1000);
    while (ran < 600) {
      uint32_t other = 1 + check_random(&seed) % 3;
      switch (check_random(&seed) % 4) {
        case 0:
          fill((int)other, (int)(check_random(&seed) % 4));
          break;
        case 1:
          CHECK_OK(libsched_channel_pause(channels[other]));
          break;
        case 2:
          CHECK_OK(libsched_channel_resume(channels[other]));
          break;
        default:
          CHECK_OK(libsched_pool_run_one(pool));
          break;
      }
    }
    last = place_of(0, 0);
    for (i = 1; i < 100; ++i) {
      int next = place_of(0, i);
      int b;
      for (b = 1; b < 4; ++b) CHECK_LE(services(b, last, next), 1);
      last = next;
    }
    end(4);
  }
}

/* In every round exactly as many as the weights say. */
static void by_weight(uint32_t workers) {
  static const uint32_t weights[3] = {1, 2, 7};
  int round;
  int i;
  start(workers, 3, weights);
  CHECK_OK(libsched_dispatcher_pause(dispatcher));
  for (i = 0; i < 3; ++i) fill(i, 20 * (int)weights[i]);
  CHECK_OK(libsched_dispatcher_resume(dispatcher));
  check_pool_idle(pool);
  CHECK_EQ(ran, 200);
  for (round = 0; round < 20; ++round) {
    for (i = 0; i < 3; ++i) CHECK_EQ(services(i, 10 * round, 10 * round + 10), weights[i]);
  }
  /* Never longer than a round, and the turns of the heavy one do not come in a row. */
  for (i = 1; i < 20; ++i) CHECK_LE(place_of(0, i) - place_of(0, i - 1), 10);
  for (i = 1; i < 40; ++i) CHECK_LE(place_of(1, i) - place_of(1, i - 1) - 1, 8);
  end(3);
}

CASE(weights_with_one_worker) { by_weight(1); }
CASE(weights_without_workers) { by_weight(LIBSCHED_NO_WORKERS); }

CASE(a_short_channel_is_done_soon) {
  start(1, 2, 0);
  CHECK_OK(libsched_dispatcher_pause(dispatcher));
  fill(0, 20);
  fill(1, 2);
  CHECK_OK(libsched_dispatcher_resume(dispatcher));
  check_pool_idle(pool);
  CHECK_EQ(ran, 22);
  CHECK_EQ(place_of(1, 0), 1);
  CHECK_EQ(place_of(1, 1), 3);
  end(2);
}

/* However many the others have sent, a task that comes to an empty channel waits for one round of them at most. */
static void flood(uint32_t workers, const uint32_t *weights, int round) {
  int i;
  int k;
  start(workers, 4, weights);
  for (i = 0; i < 3; ++i) fill(i, 600);
  for (k = 0; k < 20; ++k) {
    int before;
    CHECK_OK(libsched_dispatcher_pause(dispatcher));
    CHECK_UNTIL(check_dispatcher_stats(dispatcher).running == 0);
    before = ran;
    fill(3, 1);
    CHECK_OK(libsched_dispatcher_resume(dispatcher));
    if (workers == 1) {
      CHECK_UNTIL(check_channel_stats(channels[3]).done == (uint64_t)k + 1);
      CHECK_OK(libsched_dispatcher_pause(dispatcher));
      CHECK_UNTIL(check_dispatcher_stats(dispatcher).running == 0);
    } else {
      while (check_channel_len(channels[3]) != 0) CHECK_OK(libsched_pool_run_one(pool));
    }
    CHECK_LE(place_of(3, k) - before, round);
  }
  CHECK_OK(libsched_dispatcher_resume(dispatcher));
  end(4);
}

CASE(a_flood_delays_by_one_round) {
  static const uint32_t ones[4] = {1, 1, 1, 1};
  static const uint32_t mixed[4] = {3, 9, 1, 1};
  flood(1, ones, 3);
  flood(LIBSCHED_NO_WORKERS, ones, 3);
  flood(LIBSCHED_NO_WORKERS, mixed, 13);
}

/* A channel whose tasks are each sent by the one before: it is empty again and again, and has its share, no more. */
static int64_t chain_left;

static int send_the_next(libsched_task *task, void *data) {
  note(task, data);
  if (--chain_left > 0)
    CHECK_OK(libsched_channel_send_task(channels[VALUE(data)], send_the_next, 0, data, 0,
                                        LIBSCHED_FOREVER, 0));
  return 0;
}

static void chain(uint32_t workers, uint32_t weight) {
  uint32_t weights[2];
  int i;
  weights[0] = weights[1] = weight;
  start(workers, 2, weights);
  chain_left = 200;
  CHECK_OK(libsched_dispatcher_pause(dispatcher));
  fill(0, 200);
  CHECK_OK(
      libsched_channel_send_task(channels[1], send_the_next, 0, ITEM(1), 0, LIBSCHED_FOREVER, 0));
  CHECK_OK(libsched_dispatcher_resume(dispatcher));
  check_pool_idle(pool);
  CHECK_EQ(ran, 400);
  for (i = 2; i <= 400; i += 2) CHECK_LE(services(1, 0, i), i / 2);
  for (i = 2; i <= 390; i += 2) CHECK_LE(i / 2 - 1, services(1, 0, i));
  end(2);
}

CASE(channels_that_empty_all_the_time_have_their_share) {
  chain(1, 1);
  chain(LIBSCHED_NO_WORKERS, 1);
  chain(1, 5);
}

/* First in, first out within a channel, whatever the others do. */
static void *next_item[CHANNELS];

static int check_fifo(libsched_task *task, void *data) {
  int channel = (int)(VALUE(data) % CHANNELS);
  (void)task;
  CHECK_PTR(data, next_item[channel]);
  next_item[channel] = ITEM(VALUE(data) + CHANNELS);
  return 0;
}

static void fifo_on(uint32_t workers) {
  int i;
  libsched_dispatcher *other;
  start(workers, 0, 0);
  other = check_dispatcher_new(pool, check_fifo, 0);
  for (i = 0; i < CHANNELS; ++i) {
    channels[i] = check_channel_new(other, 0, 1);
    next_item[i] = ITEM(i);
  }
  for (i = 0; i < CHECK_SCALE(8000, 1600); ++i) check_send(channels[i % CHANNELS], ITEM(i));
  for (i = 0; i < CHANNELS; ++i) libsched_channel_unref(channels[i]);
  check_dispatcher_end(other, LIBSCHED_DRAIN);
  for (i = 0; i < CHANNELS; ++i) CHECK_EQ(VALUE(next_item[i]), CHECK_SCALE(8000, 1600) + i);
  end(0);
}

CASE(fifo_with_one_worker) { fifo_on(1); }
CASE(fifo_with_many_workers) { fifo_on(16); }
CASE(fifo_without_workers) { fifo_on(LIBSCHED_NO_WORKERS); }

CASES = {
    RUN(equal_weights_with_one_worker),  RUN(equal_weights_without_workers),
    RUN(equal_weights_above_one),        RUN(a_pause_saves_no_turns),
    RUN(coming_and_going_gains_nothing), RUN(weights_with_one_worker),
    RUN(weights_without_workers),        RUN(a_short_channel_is_done_soon),
    RUN(a_flood_delays_by_one_round),    RUN(channels_that_empty_all_the_time_have_their_share),
    RUN(fifo_with_one_worker),           RUN(fifo_with_many_workers),
    RUN(fifo_without_workers),           CASES_END};
