/* Status names and messages, versions, counts of live handles, usable CPUs, and the bytes of the initialisers. */
#include "check_sched.h"
/* It goes first: check.h sets the feature macros. */
#include <limits.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

typedef struct known_status {
  int value;
  const char *name;
} known_status;

/* Written out again, by hand: a value of the ABI is never given a new meaning. */
static const known_status library_codes[] = {
    {-10000, "LIBSCHED_E_CLOSED"},      {-10001, "LIBSCHED_E_CANCELLED"},
    {-10002, "LIBSCHED_E_TIMEOUT"},     {-10003, "LIBSCHED_E_FULL"},
    {-10004, "LIBSCHED_E_EMPTY"},       {-10005, "LIBSCHED_E_RETRY"},
    {-10010, "LIBSCHED_E_BUSY"},        {-10011, "LIBSCHED_E_DEADLOCK"},
    {-10012, "LIBSCHED_E_NOT_WORKER"},  {-10013, "LIBSCHED_E_FORKED"},
    {-10014, "LIBSCHED_E_UNBALANCED"},  {-10015, "LIBSCHED_E_NO_SPARE"},
    {-10016, "LIBSCHED_E_STATE"},       {-10017, "LIBSCHED_E_STALE"},
    {-10018, "LIBSCHED_E_CYCLE"},       {-10020, "LIBSCHED_E_NULL"},
    {-10021, "LIBSCHED_E_HANDLE"},      {-10022, "LIBSCHED_E_RANGE"},
    {-10023, "LIBSCHED_E_FLAGS"},       {-10024, "LIBSCHED_E_STRUCT_SHORT"},
    {-10025, "LIBSCHED_E_STRUCT_LONG"}, {-10026, "LIBSCHED_E_TOO_LARGE"},
    {-10030, "LIBSCHED_E_EXCEPTION"},   {-10031, "LIBSCHED_E_UNWOUND"},
    {-10032, "LIBSCHED_E_FAILED"},      {-10090, "LIBSCHED_E_INTERNAL"}};

static const known_status system_codes[] = {
    {-EPERM, "EPERM"},   {-ENOENT, "ENOENT"}, {-EINTR, "EINTR"},   {-EIO, "EIO"},
    {-EBADF, "EBADF"},   {-EAGAIN, "EAGAIN"}, {-ENOMEM, "ENOMEM"}, {-EACCES, "EACCES"},
    {-EFAULT, "EFAULT"}, {-EBUSY, "EBUSY"},   {-EEXIST, "EEXIST"}, {-EINVAL, "EINVAL"},
    {-EMFILE, "EMFILE"}, {-ENOSPC, "ENOSPC"}, {-EPIPE, "EPIPE"},   {-ETIMEDOUT, "ETIMEDOUT"}};

CASE(library_codes_have_their_names) {
  size_t i;
  for (i = 0; i < COUNT_OF(library_codes); ++i) {
    CHECK_STR(libsched_status_name(library_codes[i].value), library_codes[i].name);
  }
}

CASE(library_codes_have_their_messages) {
  size_t n = 0;
#define CHECK_ONE(name, value, message)                         \
  CHECK_EQ(LIBSCHED_##name, value);                             \
  CHECK_STR(libsched_status_name(value), "LIBSCHED_" #name);    \
  CHECK_STR(libsched_status_message(LIBSCHED_##name), message); \
  CHECK(strlen(message) > 0);                                   \
  ++n;
  LIBSCHED_STATUS_MAP(CHECK_ONE)
#undef CHECK_ONE
  CHECK_EQ(n, COUNT_OF(library_codes));
}

CASE(messages_differ) {
  size_t i;
  size_t k;
  for (i = 0; i < COUNT_OF(library_codes); ++i) {
    for (k = 0; k < i; ++k) {
      CHECK(strcmp(libsched_status_message(library_codes[i].value),
                   libsched_status_message(library_codes[k].value)) != 0);
    }
  }
}

CASE(success_has_a_name) {
  CHECK_EQ(LIBSCHED_OK, 0);
  CHECK_STR(libsched_status_name(LIBSCHED_OK), "LIBSCHED_OK");
  CHECK(libsched_status_message(LIBSCHED_OK)[0] != 0);
  CHECK(strcmp(libsched_status_message(LIBSCHED_OK), "unknown status") != 0);
}

CASE(errno_values_have_their_names) {
  size_t i;
  for (i = 0; i < COUNT_OF(system_codes); ++i) {
    CHECK_STR(libsched_status_name(system_codes[i].value), system_codes[i].name);
    CHECK(libsched_status_message(system_codes[i].value)[0] != 0);
    CHECK(strcmp(libsched_status_message(system_codes[i].value), "unknown status") != 0);
  }
}

CASE(other_values_are_unknown) {
  static const int values[] = {1,      2,      INT_MAX, INT_MIN, -4095,  -4096, -9999,
                               -10006, -10019, -10033,  -10089,  -10091, -20000};
  size_t i;
  for (i = 0; i < COUNT_OF(values); ++i) {
    CHECK_STR(libsched_status_name(values[i]), "unknown");
    CHECK_STR(libsched_status_message(values[i]), "unknown status");
  }
}

CASE(no_value_gives_null) {
  int status;
  for (status = -11000; status <= 200; ++status) {
    const char *name = libsched_status_name(status);
    const char *message = libsched_status_message(status);
    CHECK(name != 0 && name[0] != 0);
    CHECK(message != 0 && message[0] != 0);
    if (status < 0 && status >= -4095 && strcmp(name, "unknown") != 0) CHECK_EQ(name[0], 'E');
  }
}

CASE(names_stay_where_they_are) {
  const char *name = libsched_status_name(LIBSCHED_E_FULL);
  const char *message = libsched_status_message(-ENOMEM);
  char copy[256];
  int status;
  CHECK(strlen(message) < sizeof(copy));
  strcpy(copy, message);
  for (status = -11000; status <= 200; ++status) {
    CHECK(libsched_status_name(status) != 0);
    CHECK(libsched_status_message(status) != 0);
  }
  CHECK_STR(name, "LIBSCHED_E_FULL");
  CHECK_STR(message, copy);
}

CASE(version_is_that_of_the_headers) {
  char text[64];
  CHECK_EQ(libsched_version(), LIBSCHED_VERSION_NUMBER);
  CHECK_EQ(LIBSCHED_VERSION_NUMBER, LIBSCHED_VERSION_MAJOR * 1000000 +
                                        LIBSCHED_VERSION_MINOR * 1000 + LIBSCHED_VERSION_PATCH);
  sprintf(text, "%d.%d.%d", LIBSCHED_VERSION_MAJOR, LIBSCHED_VERSION_MINOR, LIBSCHED_VERSION_PATCH);
  CHECK_STR(LIBSCHED_VERSION_STRING, text);
  CHECK_STR(libsched_version_string(), text);
}

/* One object of each kind comes and goes; only its own count follows, and a second reference is no second handle. */
#define CHECK_COUNTED(type, kind, create, ref, unref) \
  do {                                                \
    type *one = 0;                                    \
    type *two = 0;                                    \
    CHECK_OK(create(&one));                           \
    CHECK_EQ(check_live(kind), 1);                    \
    CHECK_OK(create(&two));                           \
    CHECK_PTR(ref(one), one);                         \
    CHECK_EQ(check_live(kind), 2);                    \
    unref(one);                                       \
    CHECK_EQ(check_live(kind), 2);                    \
    unref(one);                                       \
    CHECK_EQ(check_live(kind), 1);                    \
    unref(two);                                       \
    CHECK_EQ(check_live(kind), 0);                    \
  } while (0)

static libsched_deque *a_deque;

static int make_deque(libsched_deque **out) { return libsched_deque_create(out, 0); }
static int make_stealer(libsched_stealer **out) { return libsched_stealer_create(out, a_deque); }
static int make_injector(libsched_injector **out) { return libsched_injector_create(out, 0); }
static int make_queue(libsched_stealing_queue **out) {
  return libsched_stealing_queue_create(out, 0);
}
static int make_pool(libsched_pool **out) { return libsched_pool_create(out, 0, 0); }

static libsched_pool *a_pool;

static int make_group(libsched_group **out) { return libsched_group_create(out, a_pool, 0, 0); }
static size_t no_items(libsched_task *task, void *const *data, size_t n, int *results) {
  (void)task;
  (void)data;
  (void)results;
  return n;
}
static int make_batch(libsched_batch **out) {
  return libsched_batch_create(out, a_pool, no_items, 0, 0, 0);
}
static int make_message_queue(libsched_queue **out) { return libsched_queue_create(out, 0); }

static libsched_queue *a_queue;

static int make_sender(libsched_sender **out) { return libsched_sender_create(out, a_queue); }

static libsched_dispatcher *a_dispatcher;

static int make_dispatcher(libsched_dispatcher **out) {
  return libsched_dispatcher_create(out, a_pool, 0, 0);
}
static int make_channel(libsched_channel **out) {
  return libsched_channel_create(out, a_dispatcher, 0, 0);
}

static int make_jobserver(libsched_jobserver **out) {
  return libsched_jobserver_serve(out, 2, LIBSCHED_JOBSERVER_PIPE, 0, 0);
}
static libsched_jobserver *a_jobserver;

static int make_broker(libsched_broker **out) {
  return libsched_broker_create(out, a_jobserver, 0);
}

static int make_process(libsched_process **out) {
  static const char *argv[] = {"/bin/true", 0};
  libsched_process_options options = LIBSCHED_PROCESS_OPTIONS_INIT;
  options.argv = argv;
  return libsched_process_spawn(out, &options, 0);
}

static int make_graph(libsched_graph **out) { return libsched_graph_create(out, 0, 0); }

static libsched_graph *a_graph;

static int make_result(libsched_result **out) {
  return libsched_graph_run(out, a_graph, 0, 0, 0, 0);
}

CASE(live_objects_are_counted_by_kind) {
  uint32_t kind;
  for (kind = LIBSCHED_KIND_CANCEL; kind <= LIBSCHED_KIND_RESULT; ++kind)
    CHECK_EQ(check_live(kind), 0);
  CHECK_COUNTED(libsched_cancel, LIBSCHED_KIND_CANCEL, libsched_cancel_create, libsched_cancel_ref,
                libsched_cancel_unref);
  CHECK_COUNTED(libsched_deque, LIBSCHED_KIND_DEQUE, make_deque, libsched_deque_ref,
                libsched_deque_unref);
  CHECK_COUNTED(libsched_injector, LIBSCHED_KIND_INJECTOR, make_injector, libsched_injector_ref,
                libsched_injector_unref);
  CHECK_COUNTED(libsched_stealing_queue, LIBSCHED_KIND_STEALING_QUEUE, make_queue,
                libsched_stealing_queue_ref, libsched_stealing_queue_unref);
  CHECK_COUNTED(libsched_pool, LIBSCHED_KIND_POOL, make_pool, libsched_pool_ref,
                libsched_pool_unref);
  CHECK_OK(libsched_deque_create(&a_deque, 0));
  CHECK_COUNTED(libsched_stealer, LIBSCHED_KIND_STEALER, make_stealer, libsched_stealer_ref,
                libsched_stealer_unref);
  libsched_deque_unref(a_deque);
  CHECK_OK(libsched_pool_create(&a_pool, 0, 0));
  CHECK_COUNTED(libsched_group, LIBSCHED_KIND_GROUP, make_group, libsched_group_ref,
                libsched_group_unref);
  CHECK_COUNTED(libsched_batch, LIBSCHED_KIND_BATCH, make_batch, libsched_batch_ref,
                libsched_batch_unref);
  CHECK_COUNTED(libsched_dispatcher, LIBSCHED_KIND_DISPATCHER, make_dispatcher,
                libsched_dispatcher_ref, libsched_dispatcher_unref);
  CHECK_OK(libsched_dispatcher_create(&a_dispatcher, a_pool, 0, 0));
  CHECK_COUNTED(libsched_channel, LIBSCHED_KIND_CHANNEL, make_channel, libsched_channel_ref,
                libsched_channel_unref);
  libsched_dispatcher_unref(a_dispatcher);
  libsched_pool_unref(a_pool);
  CHECK_COUNTED(libsched_queue, LIBSCHED_KIND_QUEUE, make_message_queue, libsched_queue_ref,
                libsched_queue_unref);
  CHECK_OK(libsched_queue_create(&a_queue, 0));
  CHECK_COUNTED(libsched_sender, LIBSCHED_KIND_SENDER, make_sender, libsched_sender_ref,
                libsched_sender_unref);
  libsched_queue_unref(a_queue);
  CHECK_COUNTED(libsched_jobserver, LIBSCHED_KIND_JOBSERVER, make_jobserver, libsched_jobserver_ref,
                libsched_jobserver_unref);
  CHECK_OK(make_jobserver(&a_jobserver));
  CHECK_COUNTED(libsched_broker, LIBSCHED_KIND_BROKER, make_broker, libsched_broker_ref,
                libsched_broker_unref);
  CHECK_COUNTED(libsched_process, LIBSCHED_KIND_PROCESS, make_process, libsched_process_ref,
                libsched_process_unref);
  CHECK_COUNTED(libsched_graph, LIBSCHED_KIND_GRAPH, make_graph, libsched_graph_ref,
                libsched_graph_unref);
  CHECK_OK(make_graph(&a_graph));
  CHECK_COUNTED(libsched_result, LIBSCHED_KIND_RESULT, make_result, libsched_result_ref,
                libsched_result_unref);
  libsched_graph_unref(a_graph);
  libsched_jobserver_unref(a_jobserver);
  for (kind = LIBSCHED_KIND_CANCEL; kind <= LIBSCHED_KIND_RESULT; ++kind)
    CHECK_EQ(check_live(kind), 0);
}

/* Each kind is another number, up to the last. */
CASE(kinds_are_counted_apart) {
  static const uint32_t kinds[] = {
      LIBSCHED_KIND_CANCEL,    LIBSCHED_KIND_DEQUE,          LIBSCHED_KIND_STEALER,
      LIBSCHED_KIND_INJECTOR,  LIBSCHED_KIND_STEALING_QUEUE, LIBSCHED_KIND_POOL,
      LIBSCHED_KIND_GROUP,     LIBSCHED_KIND_BATCH,          LIBSCHED_KIND_QUEUE,
      LIBSCHED_KIND_SENDER,    LIBSCHED_KIND_DISPATCHER,     LIBSCHED_KIND_CHANNEL,
      LIBSCHED_KIND_JOBSERVER, LIBSCHED_KIND_BROKER,         LIBSCHED_KIND_PROCESS,
      LIBSCHED_KIND_GRAPH,     LIBSCHED_KIND_RESULT};
  uint32_t i;
  for (i = 0; i < COUNT_OF(kinds); ++i) CHECK_EQ(kinds[i], i + 1);
}

CASE(live_objects_leaves_out_what_failed) {
  libsched_deque_options options = LIBSCHED_DEQUE_OPTIONS_INIT;
  libsched_deque *deque = 0;
  options.flavor = 9;
  CHECK_STATUS(libsched_deque_create(&deque, &options), LIBSCHED_E_RANGE);
  CHECK_EQ(check_live(LIBSCHED_KIND_DEQUE), 0);
}

CASE(live_objects_refuses_bad_arguments) {
  uint64_t out = 0;
  CHECK_STATUS(libsched_live_objects(0, LIBSCHED_KIND_POOL), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_live_objects(&out, 0), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_live_objects(&out, LIBSCHED_KIND_RESULT + 1), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_live_objects(&out, 0xffffffffu), LIBSCHED_E_RANGE);
}

CASE(usable_cpus_follow_the_affinity_mask) {
  unsigned long mask[128];
  long got;
  size_t i;
  int64_t allowed = 0;
  memset(mask, 0, sizeof(mask));
  got = (long)syscall(SYS_sched_getaffinity, 0, sizeof(mask), mask);
  CHECK(got > 0);
  for (i = 0; i < COUNT_OF(mask); ++i) allowed += __builtin_popcountl(mask[i]);
  CHECK(libsched_usable_cpus() >= 1);
  CHECK_LE(libsched_usable_cpus(), allowed);
  /* All but the lowest allowed CPU go. */
  for (i = 0; mask[i] == 0; ++i) {
  }
  mask[i] &= ~mask[i] + 1;
  for (++i; i < COUNT_OF(mask); ++i) mask[i] = 0;
  CHECK_EQ(syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask), 0);
  CHECK_EQ(libsched_usable_cpus(), 1);
}

/* The macro, the function over memory full of ones, and the sum of the fields' sizes agree: no hidden padding. */
#define CHECK_INITIALISERS(type, initial, init, size_of_fields) \
  do {                                                          \
    type by_macro = initial;                                    \
    type by_function;                                           \
    memset(&by_function, 0xff, sizeof(by_function));            \
    init(&by_function);                                         \
    CHECK_EQ(sizeof(type), (size_of_fields));                   \
    CHECK_EQ(by_macro.struct_size, sizeof(type));               \
    CHECK_EQ(memcmp(&by_macro, &by_function, sizeof(type)), 0); \
    init(0);                                                    \
  } while (0)

CASE(initialisers_give_the_same_bytes) {
  CHECK_INITIALISERS(libsched_deque_options, LIBSCHED_DEQUE_OPTIONS_INIT,
                     libsched_deque_options_init, sizeof(size_t) + 2 * 4 + 8 + sizeof(void *));
  CHECK_INITIALISERS(libsched_injector_options, LIBSCHED_INJECTOR_OPTIONS_INIT,
                     libsched_injector_options_init, sizeof(size_t) + 8 + sizeof(void *));
  CHECK_INITIALISERS(libsched_stealing_queue_options, LIBSCHED_STEALING_QUEUE_OPTIONS_INIT,
                     libsched_stealing_queue_options_init,
                     sizeof(size_t) + 4 * 4 + 8 + sizeof(void *));
  CHECK_INITIALISERS(libsched_pool_options, LIBSCHED_POOL_OPTIONS_INIT, libsched_pool_options_init,
                     sizeof(size_t) + 10 * 4 + 3 * 8 + 6 * sizeof(void *));
  CHECK_INITIALISERS(libsched_pool_stats, LIBSCHED_POOL_STATS_INIT, libsched_pool_stats_init,
                     sizeof(size_t) + 2 * 4 + 3 * 8 * 8 + 6 * 8);
  CHECK_INITIALISERS(libsched_group_options, LIBSCHED_GROUP_OPTIONS_INIT,
                     libsched_group_options_init, sizeof(size_t) + 2 * 4 + 3 * sizeof(void *));
  CHECK_INITIALISERS(libsched_group_stats, LIBSCHED_GROUP_STATS_INIT, libsched_group_stats_init,
                     sizeof(size_t) + 9 * 8);
  CHECK_INITIALISERS(libsched_queue_options, LIBSCHED_QUEUE_OPTIONS_INIT,
                     libsched_queue_options_init, sizeof(size_t) + 3 * 8 + sizeof(void *));
  CHECK_INITIALISERS(libsched_dispatcher_options, LIBSCHED_DISPATCHER_OPTIONS_INIT,
                     libsched_dispatcher_options_init,
                     sizeof(size_t) + 8 + 3 * sizeof(void *) + 2 * 4);
  CHECK_INITIALISERS(libsched_dispatcher_stats, LIBSCHED_DISPATCHER_STATS_INIT,
                     libsched_dispatcher_stats_init, sizeof(size_t) + 6 * 8 + 2 * 4);
  CHECK_INITIALISERS(libsched_channel_options, LIBSCHED_CHANNEL_OPTIONS_INIT,
                     libsched_channel_options_init,
                     sizeof(size_t) + 2 * 8 + sizeof(void *) + 4 * 4);
  CHECK_INITIALISERS(libsched_channel_stats, LIBSCHED_CHANNEL_STATS_INIT,
                     libsched_channel_stats_init, sizeof(size_t) + 7 * 8 + 2 * 4);
  CHECK_INITIALISERS(libsched_jobserver_options, LIBSCHED_JOBSERVER_OPTIONS_INIT,
                     libsched_jobserver_options_init, sizeof(size_t) + 8 + sizeof(char *) + 2 * 4);
  CHECK_INITIALISERS(libsched_jobserver_info, LIBSCHED_JOBSERVER_INFO_INIT,
                     libsched_jobserver_info_init, sizeof(size_t) + 4 * 4 + 3 * sizeof(char *));
  CHECK_INITIALISERS(libsched_jobserver_stats, LIBSCHED_JOBSERVER_STATS_INIT,
                     libsched_jobserver_stats_init, sizeof(size_t) + 8 * 8);
  CHECK_INITIALISERS(libsched_broker_stats, LIBSCHED_BROKER_STATS_INIT, libsched_broker_stats_init,
                     sizeof(size_t) + 5 * 8 + 2 * 4);
  CHECK_INITIALISERS(libsched_process_options, LIBSCHED_PROCESS_OPTIONS_INIT,
                     libsched_process_options_init,
                     2 * sizeof(size_t) + 10 * sizeof(void *) + 11 * 8 + 2 * 4);
  CHECK_INITIALISERS(libsched_process_result, LIBSCHED_PROCESS_RESULT_INIT,
                     libsched_process_result_init, sizeof(size_t) + 8 * 8 + 4 * 4);
}

CASE(errors_of_nothing) {
  CHECK_OK(libsched_error_status(0));
  CHECK_EQ(libsched_error_errno(0), 0);
  CHECK_EQ(libsched_error_offset(0), 0);
  CHECK_STR(libsched_error_message(0), "");
  libsched_error_free(0);
}

CASES = {RUN(library_codes_have_their_names),
         RUN(library_codes_have_their_messages),
         RUN(messages_differ),
         RUN(success_has_a_name),
         RUN(errno_values_have_their_names),
         RUN(other_values_are_unknown),
         RUN(no_value_gives_null),
         RUN(names_stay_where_they_are),
         RUN(version_is_that_of_the_headers),
         RUN(live_objects_are_counted_by_kind),
         RUN(kinds_are_counted_apart),
         RUN(live_objects_leaves_out_what_failed),
         RUN(live_objects_refuses_bad_arguments),
         RUN(usable_cpus_follow_the_affinity_mask),
         RUN(initialisers_give_the_same_bytes),
         RUN(errors_of_nothing),
         CASES_END};
