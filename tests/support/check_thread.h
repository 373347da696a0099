/**
 * Threads, events and a look at the process, for the C tests. Every wait has a deadline far beyond what a busy
 * machine needs and fails loudly when it passes; no test sleeps to let something happen.
 */
#ifndef CHECK_THREAD_H
#define CHECK_THREAD_H

#include "check.h"
/* check.h goes first: it sets the feature macros. */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

/** How long a wait for something that must happen lasts before the test fails. */
#define CHECK_DEADLINE_S 30

#define CHECK_ADD(counter, n) __atomic_add_fetch(&(counter), (n), __ATOMIC_SEQ_CST)
#define CHECK_GET(variable) __atomic_load_n(&(variable), __ATOMIC_SEQ_CST)
#define CHECK_SET(variable, value) __atomic_store_n(&(variable), (value), __ATOMIC_SEQ_CST)

CHECK_HELPER int64_t check_clock_ns(clockid_t clock) {
  struct timespec t;
  CHECK_EQ(clock_gettime(clock, &t), 0);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

CHECK_HELPER int64_t check_now_ns(void) { return check_clock_ns(CLOCK_MONOTONIC); }

CHECK_HELPER void check_pause_ms(int ms) {
  struct timespec t;
  t.tv_sec = ms / 1000;
  t.tv_nsec = (long)(ms % 1000) * 1000000;
  while (nanosleep(&t, &t) != 0) {
  }
}

/** A count that only grows and that threads wait for: a latch, a gate and a supply of tokens in one. */
typedef struct check_event {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int64_t count;
} check_event;

#define CHECK_EVENT_INIT \
  { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 }

CHECK_HELPER void check_event_add(check_event *event, int64_t n) {
  pthread_mutex_lock(&event->mutex);
  event->count += n;
  pthread_cond_broadcast(&event->changed);
  pthread_mutex_unlock(&event->mutex);
}

CHECK_HELPER int64_t check_event_count(check_event *event) {
  int64_t count;
  pthread_mutex_lock(&event->mutex);
  count = event->count;
  pthread_mutex_unlock(&event->mutex);
  return count;
}

CHECK_HELPER void check_event_await(const char *file, int line, check_event *event, int64_t n) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += CHECK_DEADLINE_S;
  pthread_mutex_lock(&event->mutex);
  while (event->count < n) {
    if (pthread_cond_timedwait(&event->changed, &event->mutex, &until) == ETIMEDOUT) {
      fprintf(stderr, "%s:%d: waited %d s for an event to reach %ld, it is at %ld\n", file, line,
              CHECK_DEADLINE_S, (long)n, (long)event->count);
      check_quit(1);
    }
  }
  pthread_mutex_unlock(&event->mutex);
}

/** Waits until the event's count is at least n. */
#define CHECK_AWAIT(event, n) check_event_await(__FILE__, __LINE__, (event), (n))

/** Waits until a condition holds that nothing signals, by looking at it every millisecond. */
#define CHECK_UNTIL(cond)                                                                \
  do {                                                                                   \
    int64_t check_end = check_now_ns() + (int64_t)CHECK_DEADLINE_S * 1000000000;         \
    while (!(cond)) {                                                                    \
      if (check_now_ns() > check_end) check_fail(__FILE__, __LINE__, "in time: " #cond); \
      check_pause_ms(1);                                                                 \
    }                                                                                    \
  } while (0)

CHECK_HELPER pthread_t check_spawn(void *(*run)(void *), void *data) {
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, 0, run, data), 0);
  return thread;
}

CHECK_HELPER void check_join(pthread_t thread) { CHECK_EQ(pthread_join(thread, 0), 0); }

CHECK_HELPER long check_thread_id(void) { return (long)syscall(SYS_gettid); }

/** Whether a thread of this process sleeps in the kernel; a thread that is gone does not. */
CHECK_HELPER int check_thread_sleeps(long id) {
  char path[64];
  char text[512];
  size_t n;
  const char *end;
  FILE *file;
  sprintf(path, "/proc/self/task/%ld/stat", id);
  file = fopen(path, "r");
  if (file == 0) return 0;
  n = fread(text, 1, sizeof(text) - 1, file);
  fclose(file);
  text[n] = 0;
  end = strrchr(text, ')');
  return end != 0 && end[1] == ' ' && end[2] == 'S';
}

/**
 * Waits until the thread whose id appears in *id is most likely inside the call that blocks it. Nothing is proved by
 * this: tests use it to make the interesting order of events the usual one, and hold for any other order too.
 */
CHECK_HELPER void check_until_asleep(long *id) {
  int in_a_row = 0;
  CHECK_UNTIL(CHECK_GET(*id) != 0);
  while (in_a_row < 3) {
    CHECK_UNTIL(check_thread_sleeps(CHECK_GET(*id)));
    check_pause_ms(1);
    in_a_row = check_thread_sleeps(CHECK_GET(*id)) ? in_a_row + 1 : 0;
  }
}

CHECK_HELPER int check_count_entries(const char *path) {
  int n = 0;
  struct dirent *entry;
  DIR *dir = opendir(path);
  CHECK(dir != 0);
  while ((entry = readdir(dir)) != 0) n += entry->d_name[0] != '.';
  closedir(dir);
  return n;
}

/** Threads of this process. One that has been joined may still be listed for a moment. */
CHECK_HELPER int check_threads(void) { return check_count_entries("/proc/self/task"); }

CHECK_HELPER void *check_note_thread_id(void *id) {
  *(long *)id = check_thread_id();
  return 0;
}

/**
 * Threads of this process while nothing is under way, for comparison later. A sanitizer's runtime starts a thread of
 * its own together with the first one that the program starts; so a first one comes and goes before the count.
 */
CHECK_HELPER int check_threads_at_rest(void) {
  char path[64];
  long id = 0;
  check_join(check_spawn(check_note_thread_id, &id));
  sprintf(path, "/proc/self/task/%ld", id);
  CHECK_UNTIL(access(path, F_OK) != 0);
  return check_threads();
}

/** Open file descriptors of this process, and one for the look itself. */
CHECK_HELPER int check_fds(void) { return check_count_entries("/proc/self/fd"); }

/** A field of /proc/self/statm, in bytes. */
CHECK_HELPER int64_t check_memory(int field) {
  long pages[2] = {0, 0};
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file != 0);
  CHECK_EQ(fscanf(file, "%ld %ld", &pages[0], &pages[1]), 2);
  fclose(file);
  return (int64_t)pages[field] * sysconf(_SC_PAGESIZE);
}

/** Address space that this process has mapped, in bytes. */
CHECK_HELPER int64_t check_mapped(void) { return check_memory(0); }

/** Resident memory of this process, in bytes. */
CHECK_HELPER int64_t check_resident(void) { return check_memory(1); }

/** A small generator of pseudo-random numbers, the same on every machine. */
CHECK_HELPER uint32_t check_random(uint64_t *state) {
  *state = *state * (uint64_t)6364136223846793005 + (uint64_t)1442695040888963407;
  return (uint32_t)(*state >> 33);
}

#endif
