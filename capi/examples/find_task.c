/*
 * find_task: the classic loop of a work-stealing worker, on the raw objects, with threads of one's
 * own. It counts in how many ways N queens can stand on an N x N board without attacking each
 * other.
 *
 *     cc -O2 -o find_task find_task.c $(pkg-config --cflags --libs sched) -pthread
 *     ./find_task 14 4
 *
 * Each worker owns a LIFO deque. It looks for a task there, then takes a batch from the injector,
 * which holds what came from outside, then a batch from another worker.
 */
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <libsched.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { MIN_QUEENS = 4, MAX_QUEENS = 16, SERIAL_ROWS = 8 };

/* The known answers, from MIN_QUEENS on. */
static const uint64_t known[] = {2,    10,    4,     40,     92,      352,     724,
                                 2680, 14200, 73712, 365596, 2279184, 14772512};

struct worker {
  pthread_t thread;
  libsched_deque *deque;
  libsched_stealer *stealer; /* for the others */
  uint64_t solutions;
  uint64_t own, injected, stolen; /* where its tasks came from */
  char padding[64];               /* two workers never write to the same cache line */
};

static struct worker worker[LIBSCHED_MAX_WORKERS];
static uint32_t workers;
static libsched_injector *injector;
static int queens;
static uint64_t pending; /* tasks that exist and are not done; atomic */

static void check(int status, const char *what) {
  if (status == LIBSCHED_OK) return;
  fprintf(stderr, "find_task: %s: %s (%s)\n", what, libsched_status_message(status),
          libsched_status_name(status));
  exit(1);
}

/* A board with queens in its first rows: which squares of the next row they attack. */
struct board {
  uint32_t columns, left, right; /* along columns and along the two diagonals */
  int row;
};

/* An element is any pointer: a board fits into one, so a task needs no memory of its own. */
static void *pack(struct board b) {
  return (void *)(uintptr_t)(b.columns | (uint64_t)b.left << 16 | (uint64_t)b.right << 32 |
                             (uint64_t)b.row << 48);
}

static struct board unpack(void *item) {
  uint64_t bits = (uintptr_t)item;
  struct board b = {bits & 0xffff, bits >> 16 & 0xffff, bits >> 32 & 0xffff, (int)(bits >> 48)};
  return b;
}

/* The squares of the next row that are free, one bit each. */
static uint32_t free_squares(struct board b) {
  return ~(b.columns | b.left | b.right) & ((1u << queens) - 1);
}

static struct board place(struct board b, uint32_t square) {
  uint32_t all = (1u << queens) - 1;
  struct board next = {b.columns | square, (b.left | square) << 1 & all, (b.right | square) >> 1,
                       b.row + 1};
  return next;
}

static uint64_t count_solutions(struct board b) {
  uint64_t solutions = 0;
  if (b.row == queens) return 1;
  for (uint32_t squares = free_squares(b); squares != 0; squares &= squares - 1) {
    solutions += count_solutions(place(b, squares & -squares));
  }
  return solutions;
}

/*
 * Finds the next task: LIBSCHED_OK, or LIBSCHED_E_EMPTY when there was nowhere anything to take.
 * LIBSCHED_E_RETRY is not that: a task was there and another thread interfered, so look again.
 */
static int find_task(void **item, struct worker *self) {
  uint32_t index = (uint32_t)(self - worker);
  int status = libsched_deque_pop(item, self->deque);
  int retry;

  if (status == LIBSCHED_OK) self->own++;
  if (status != LIBSCHED_E_EMPTY) return status;
  do {
    /* Each time a batch: what is more than one task is in the own deque then. */
    status = libsched_injector_steal_batch_and_pop(item, injector, self->deque, 0);
    if (status == LIBSCHED_OK) self->injected++;
    retry = status == LIBSCHED_E_RETRY;
    if (status != LIBSCHED_E_EMPTY && !retry) return status;
    for (uint32_t i = 1; i < workers; i++) {
      libsched_stealer *victim = worker[(index + i) % workers].stealer;
      status = libsched_stealer_steal_batch_and_pop(item, victim, self->deque, 0);
      if (status == LIBSCHED_OK) self->stolen++;
      if (status == LIBSCHED_E_RETRY) retry = 1;
      if (status != LIBSCHED_E_EMPTY && status != LIBSCHED_E_RETRY) return status;
    }
  } while (retry);
  return LIBSCHED_E_EMPTY;
}

/* A task: one more queen in every possible place, each as a task; near the end, all the rest. */
static void run_task(struct worker *self, struct board b) {
  if (queens - b.row <= SERIAL_ROWS) {
    self->solutions += count_solutions(b);
    return;
  }
  for (uint32_t squares = free_squares(b); squares != 0; squares &= squares - 1) {
    /* Counted before it can be taken: else `pending` might be 0 while a task exists. */
    __atomic_fetch_add(&pending, 1, __ATOMIC_RELAXED);
    check(libsched_deque_push(self->deque, pack(place(b, squares & -squares))), "push");
  }
}

static void *work(void *argument) {
  struct worker *self = argument;
  /* ACQUIRE: who sees the end also sees what the other workers did. */
  while (__atomic_load_n(&pending, __ATOMIC_ACQUIRE) != 0) {
    void *item;
    int status = find_task(&item, self);
    if (status == LIBSCHED_E_EMPTY) {
      sched_yield(); /* somebody is at work and may push more; a pool would sleep here */
      continue;
    }
    check(status, "find a task");
    run_task(self, unpack(item));
    __atomic_fetch_sub(&pending, 1, __ATOMIC_RELEASE);
  }
  return NULL;
}

static long number(const char *what, const char *text, long least, long most) {
  char *end;
  long value = strtol(text, &end, 10);
  if (end == text || *end != 0 || value < least || value > most) {
    fprintf(stderr, "find_task: %s '%s' is not a number from %ld to %ld\n", what, text, least,
            most);
    fputs("usage: find_task [QUEENS [WORKERS]]\n", stderr);
    exit(2);
  }
  return value;
}

int main(int argc, char **argv) {
  libsched_deque_options options = LIBSCHED_DEQUE_OPTIONS_INIT;
  struct board empty = {0, 0, 0, 0};
  uint64_t solutions = 0, own = 0, injected = 0, stolen = 0;

  queens = argc > 1 ? (int)number("QUEENS", argv[1], MIN_QUEENS, MAX_QUEENS) : 14;
  workers = argc > 2 ? (uint32_t)number("WORKERS", argv[2], 1, LIBSCHED_MAX_WORKERS)
                     : libsched_usable_cpus();
  if (workers > LIBSCHED_MAX_WORKERS) workers = LIBSCHED_MAX_WORKERS;

  options.flavor = LIBSCHED_LIFO;
  check(libsched_injector_create(&injector, NULL), "create an injector");
  for (uint32_t i = 0; i < workers; i++) {
    check(libsched_deque_create(&worker[i].deque, &options), "create a deque");
    check(libsched_stealer_create(&worker[i].stealer, worker[i].deque), "create a stealer");
  }

  /* What comes from outside goes to the injector: the boards with one queen. */
  for (uint32_t squares = free_squares(empty); squares != 0; squares &= squares - 1) {
    pending++;
    check(libsched_injector_push(injector, pack(place(empty, squares & -squares))), "push");
  }
  for (uint32_t i = 0; i < workers; i++) {
    check(-pthread_create(&worker[i].thread, NULL, work, &worker[i]), "start a thread");
  }
  for (uint32_t i = 0; i < workers; i++) {
    check(-pthread_join(worker[i].thread, NULL), "wait for a thread");
  }
  /* Only now: a worker may steal from the others until it ends. */
  for (uint32_t i = 0; i < workers; i++) {
    solutions += worker[i].solutions;
    own += worker[i].own;
    injected += worker[i].injected;
    stolen += worker[i].stolen;
    libsched_stealer_unref(worker[i].stealer);
    libsched_deque_unref(worker[i].deque);
  }
  libsched_injector_unref(injector);

  printf("%d queens: %" PRIu64 " solutions, with %" PRIu32 " workers\n", queens, solutions,
         workers);
  printf("tasks: %" PRIu64 " from the own deque, %" PRIu64 " from the injector, %" PRIu64
         " from another worker\n",
         own, injected, stolen);
  if (solutions != known[queens - MIN_QUEENS]) {
    printf("WRONG: there are %" PRIu64 "\n", known[queens - MIN_QUEENS]);
    return 1;
  }
  puts("correct");
  return 0;
}
