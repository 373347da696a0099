/* What a pool can be told at its creation, and how it says no. */
#include "check_pool.h"
/* It goes first: check.h sets the feature macros. */
#include <sys/prctl.h>

/* Creates with these options, and gives back the status; on failure looks at the error too. */
static int create_and_drop(const void *options) {
  libsched_pool *pool = (libsched_pool *)UNTOUCHED;
  libsched_error *error = (libsched_error *)UNTOUCHED;
  int status = libsched_pool_create(&pool, (const libsched_pool_options *)options, &error);
  CHECK((status == LIBSCHED_OK) == (pool != 0));
  CHECK((status == LIBSCHED_OK) == (error == 0));
  CHECK_STATUS(libsched_error_status(error), status);
  CHECK_EQ(libsched_error_message(error)[0] == 0, status == LIBSCHED_OK);
  libsched_error_free(error);
  libsched_pool_unref(pool);
  return status;
}

CASE(options_struct_may_be_longer_not_shorter) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.workers = 2;
  check_options_struct(create_and_drop, &options, sizeof(options));
}

/* A refusal names the field and the value that it had. */
static void check_refused(const libsched_pool_options *options, int want, const char *field,
                          const char *value) {
  libsched_pool *pool = (libsched_pool *)UNTOUCHED;
  libsched_error *error = 0;
  CHECK_STATUS(libsched_pool_create(&pool, options, &error), want);
  CHECK(pool == 0);
  CHECK_STATUS(libsched_error_status(error), want);
  CHECK_EQ(libsched_error_errno(error), 0);
  if (strstr(libsched_error_message(error), field) == 0 ||
      strstr(libsched_error_message(error), value) == 0) {
    printf("the message: %s\nshould hold: %s, %s\n", libsched_error_message(error), field, value);
    check_fail(__FILE__, __LINE__, "the message says what was wrong, and with which value");
  }
  libsched_error_free(error);
  /* The same without anybody asking for details. */
  CHECK_STATUS(libsched_pool_create(&pool, options, 0), want);
  CHECK_EQ(check_live(LIBSCHED_KIND_POOL), 0);
}

CASE(wrong_workers) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.workers = LIBSCHED_MAX_WORKERS + 1;
  check_refused(&options, LIBSCHED_E_RANGE, "workers", "1025");
  options.workers = 0xfffffffeu;
  check_refused(&options, LIBSCHED_E_RANGE, "workers", "4294967294");
}

CASE(wrong_flags) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.flags = 2;
  check_refused(&options, LIBSCHED_E_FLAGS, "flags", "2");
  options.flags = 0x80000001u;
  check_refused(&options, LIBSCHED_E_FLAGS, "flags", "");
}

CASE(wrong_bounds) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.low_bound = 1;
  check_refused(&options, LIBSCHED_E_RANGE, "low_bound", "1");
  options.low_bound = 2;
  options.normal_bound = 1;
  CHECK_OK(create_and_drop(&options));
  options.low_bound = LIBSCHED_NO_BOUND;
  options.normal_bound = LIBSCHED_NO_BOUND;
  CHECK_OK(create_and_drop(&options));
}

CASE(wrong_stack_size) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.stack_size = 65535;
  check_refused(&options, LIBSCHED_E_RANGE, "stack_size", "65535");
  options.stack_size = 1;
  check_refused(&options, LIBSCHED_E_RANGE, "stack_size", "1");
  options.stack_size = 65536;
  CHECK_OK(create_and_drop(&options));
}

/* The lowest two CPUs that this process may use; the same one twice where there is only one. */
static void allowed_cpus(uint32_t out[2]) {
  unsigned long allowed[128];
  uint32_t cpu;
  int n = 0;
  memset(allowed, 0, sizeof(allowed));
  CHECK(syscall(SYS_sched_getaffinity, 0, sizeof(allowed), allowed) > 0);
  for (cpu = 0; cpu < 128 * 64 && n < 2; ++cpu) {
    if ((allowed[cpu / 64] >> (cpu % 64)) & 1) out[n++] = cpu;
  }
  CHECK_LE(1, n);
  if (n == 1) out[1] = out[0];
}

CASE(wrong_cpu) {
  uint32_t cpus[3];
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool = 0;
  libsched_error *error = 0;
  allowed_cpus(cpus);
  cpus[2] = 4000000000u;
  options.affinity = cpus;
  options.affinity_count = 3;
  check_refused(&options, LIBSCHED_E_RANGE, "affinity", "4000000000");
  CHECK_STATUS(libsched_pool_create(&pool, &options, &error), LIBSCHED_E_RANGE);
  CHECK_EQ(libsched_error_offset(error), 2);
  libsched_error_free(error);
}

CASE(wrong_struct_sizes_are_named) {
  struct {
    libsched_pool_options options;
    uint64_t tail[2];
  } longer;
  memset(&longer, 0, sizeof(longer));
  libsched_pool_options_init(&longer.options);
  longer.options.struct_size = 4;
  check_refused(&longer.options, LIBSCHED_E_STRUCT_SHORT, "struct_size", "4");
  longer.options.struct_size = sizeof(longer);
  longer.tail[1] = 1;
  check_refused(&longer.options, LIBSCHED_E_STRUCT_LONG, "struct_size", "");
}

/* Sizes that no machine has are refused at once, or by the first submit: in no case a crash or a lost task. */
CASE(absurd_stack_size) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool = 0;
  check_job job = {0, 0};
  int status;
  options.workers = 1;
  options.stack_size = (uint64_t)1 << 60;
  status = libsched_pool_create(&pool, &options, 0);
  if (status == LIBSCHED_OK) {
    status = libsched_pool_submit(pool, LIBSCHED_NORMAL, check_job_run, &job, check_job_discard);
    CHECK(status == -EAGAIN || status == -ENOMEM);
    check_pool_end(pool, LIBSCHED_CANCEL);
  } else {
    CHECK_STATUS(status, LIBSCHED_E_RANGE);
  }
  CHECK_EQ(job.runs + job.discards, 0);
}

CASE(wrong_spares) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  options.max_spare = LIBSCHED_MAX_WORKERS + 1;
  check_refused(&options, LIBSCHED_E_RANGE, "max_spare", "1025");
  options.max_spare = 0xfffffffeu;
  check_refused(&options, LIBSCHED_E_RANGE, "max_spare", "4294967294");
  options.workers = LIBSCHED_NO_WORKERS;
  check_refused(&options, LIBSCHED_E_RANGE, "max_spare", "4294967294");
  options.max_spare = LIBSCHED_NO_SPARE;
  CHECK_OK(create_and_drop(&options));
}

/* Indices are those of the workers and of the spares. */
static void check_max_workers(uint32_t workers, uint32_t max_spare, uint32_t want) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_pool *pool;
  uint32_t n = 77;
  options.workers = workers;
  options.max_spare = max_spare;
  pool = check_pool_with(&options);
  CHECK_OK(libsched_pool_max_workers(&n, pool));
  CHECK_EQ(n, want);
  libsched_pool_unref(pool);
}

CASE(max_workers_is_what_was_asked) {
  static const uint32_t counts[] = {1, 2, 7, LIBSCHED_MAX_WORKERS};
  uint32_t cpus = libsched_usable_cpus();
  size_t i, k;
  for (i = 0; i < sizeof(counts) / sizeof(counts[0]); ++i) {
    for (k = 0; k < sizeof(counts) / sizeof(counts[0]); ++k)
      check_max_workers(counts[i], counts[k], counts[i] + counts[k]);
    check_max_workers(counts[i], LIBSCHED_NO_SPARE, counts[i]);
    check_max_workers(counts[i], 0, counts[i] + 128);
  }
  check_max_workers(LIBSCHED_NO_WORKERS, 0, 0);
  check_max_workers(LIBSCHED_NO_WORKERS, 5, 0);
  check_max_workers(0, 0, (cpus < 2 ? 2 : cpus) + 128);
}

/* The many tasks below note what their thread is called, and wait for each other so that each worker runs one. */
enum { WORKERS = 3 };
static char names[WORKERS][64];
static check_event arrived = CHECK_EVENT_INIT;

static int note_name(libsched_task *task, void *data) {
  char *name = names[libsched_task_worker(task)];
  (void)data;
  CHECK_LE(libsched_task_worker(task), WORKERS - 1);
  CHECK_EQ(prctl(PR_GET_NAME, name, 0, 0, 0), 0);
  check_event_add(&arrived, 1);
  CHECK_AWAIT(&arrived, WORKERS);
  return 0;
}

static void run_on_each(const libsched_pool_options *options, libsched_task_fn fn) {
  libsched_pool *pool = check_pool_with(options);
  int i;
  for (i = 0; i < WORKERS; ++i) CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, fn, 0, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
}

CASE(workers_have_the_default_name) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  int i;
  options.workers = WORKERS;
  run_on_each(&options, note_name);
  for (i = 0; i < WORKERS; ++i) {
    char want[32];
    sprintf(want, "sched-%d", i);
    CHECK_STR(names[i], want);
  }
}

/* The name is copied: the caller's may change before the threads start. */
CASE(workers_have_the_given_name) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  char name[] = "count";
  libsched_pool *pool;
  int i;
  options.workers = WORKERS;
  options.name = name;
  pool = check_pool_with(&options);
  memset(name, 'x', 5);
  for (i = 0; i < WORKERS; ++i)
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, note_name, 0, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
  for (i = 0; i < WORKERS; ++i) {
    char want[32];
    sprintf(want, "count-%d", i);
    CHECK_STR(names[i], want);
  }
}

/* A long name is cut, not the number: workers stay apart. */
CASE(long_names_are_cut) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  int i;
  options.workers = WORKERS;
  options.name = "abcdefghijklmnopqrstuvwxyz";
  run_on_each(&options, note_name);
  for (i = 0; i < WORKERS; ++i) {
    char want[32];
    sprintf(want, "abcdefghijklm-%d", i);
    CHECK_STR(names[i], want);
  }
}

static unsigned long masks[WORKERS][128];

static int note_affinity(libsched_task *task, void *data) {
  (void)data;
  CHECK(syscall(SYS_sched_getaffinity, 0, sizeof(masks[0]), masks[libsched_task_worker(task)]) > 0);
  check_event_add(&arrived, 1);
  CHECK_AWAIT(&arrived, WORKERS);
  return 0;
}

/* Worker i is pinned to CPU affinity[i % affinity_count]; the array is copied. */
CASE(workers_are_pinned) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  uint32_t cpus[2];
  uint32_t want[2];
  libsched_pool *pool;
  int i;
  allowed_cpus(want);
  memcpy(cpus, want, sizeof(cpus));
  options.workers = WORKERS;
  options.affinity = cpus;
  options.affinity_count = 2;
  pool = check_pool_with(&options);
  cpus[0] = cpus[1] = 0xffffffffu;
  for (i = 0; i < WORKERS; ++i) {
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, note_affinity, 0, 0));
  }
  check_pool_end(pool, LIBSCHED_DRAIN);
  for (i = 0; i < WORKERS; ++i) {
    uint32_t cpu = want[i % 2];
    size_t word;
    for (word = 0; word < 128; ++word) {
      CHECK_EQ(masks[i][word], word == cpu / 64 ? (unsigned long)1 << (cpu % 64) : 0);
    }
  }
}

/* 12 MiB of stack in use: beyond the 8 MiB (or less) that a thread has by default. */
static int use_stack(libsched_task *task, void *data) {
  volatile char deep[12 << 20];
  size_t i;
  (void)task;
  for (i = 0; i < sizeof(deep); i += 4096) deep[i] = (char)i;
  *(int64_t *)data = deep[4096];
  return 0;
}

CASE(stacks_are_as_large_as_asked) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  int64_t out = -1;
  libsched_pool *pool;
  options.workers = 1;
  options.stack_size = 16 << 20;
  pool = check_pool_with(&options);
  CHECK_OK(libsched_pool_submit(pool, LIBSCHED_NORMAL, use_stack, &out, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(out, 0);
}

CASE(smallest_stack_and_any_seed) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  int64_t count = 0;
  libsched_pool *pool;
  int i;
  /* A sanitizer's own frames do not fit into so little. */
  options.stack_size = CHECK_SANITIZED ? 0 : 65536;
  options.workers = 2;
  options.seed = (uint64_t)-1;
  pool = check_pool_with(&options);
  for (i = 0; i < 1000; ++i)
    CHECK_OK(libsched_pool_submit(pool, LIBSCHED_LOW, check_count_run, &count, 0));
  check_pool_end(pool, LIBSCHED_DRAIN);
  CHECK_EQ(count, 1000);
}

CASES = {RUN(options_struct_may_be_longer_not_shorter),
         RUN(wrong_workers),
         RUN(wrong_flags),
         RUN(wrong_bounds),
         RUN(wrong_spares),
         RUN(wrong_stack_size),
         RUN(wrong_cpu),
         RUN(wrong_struct_sizes_are_named),
         RUN(absurd_stack_size),
         RUN(max_workers_is_what_was_asked),
         RUN(workers_have_the_default_name),
         RUN(workers_have_the_given_name),
         RUN(long_names_are_cut),
         RUN(workers_are_pinned),
         RUN(stacks_are_as_large_as_asked),
         RUN(smallest_stack_and_any_seed),
         CASES_END};
