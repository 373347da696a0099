/*
 * plugin_host: uses libsched without linking to it, as a host does that loads what it needs at run
 * time: dlopen with RTLD_LOCAL, one symbol, the table of functions, work, dlclose; and again.
 *
 *     cc -O2 -o plugin_host plugin_host.c $(pkg-config --cflags sched) -ldl
 *     ./plugin_host libsched.so.0 100
 */
#define _POSIX_C_SOURCE 200809L

#include <dlfcn.h>
#include <inttypes.h>
#include <libsched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { TASKS = 1000, WORKERS = 4, MAX_ROUNDS = 1000000 };

struct job {
  uint64_t number;
  uint64_t square; /* the result */
};

static int square(libsched_task *task, void *user_data) {
  struct job *job = user_data;
  (void)task;
  job->square = job->number * job->number;
  return 0;
}

/* Says what went wrong if something did, in the library's words. Frees the error. */
static int failed(const libsched_api *api, const char *what, int status, libsched_error *error) {
  if (status == LIBSCHED_OK) return 0;
  fprintf(stderr, "plugin_host: %s: %s\n", what,
          error != NULL ? api->error_message(error) : api->status_message(status));
  api->error_free(error);
  return 1;
}

/* Runs some tasks in a pool and checks their results. Returns 0 if all is well. */
static int work(const libsched_api *api) {
  static struct job job[TASKS];
  void *data[TASKS];
  libsched_pool_options options;
  libsched_pool *pool;
  libsched_error *error = NULL;
  size_t accepted = 0;
  uint64_t sum = 0, pools = 0;
  int bad;

  for (size_t i = 0; i < TASKS; i++) {
    job[i].number = i;
    job[i].square = 0;
    data[i] = &job[i];
  }
  api->pool_options_init(&options);
  options.workers = WORKERS;
  options.name = "plugin";
  if (failed(api, "create a pool", api->pool_create(&pool, &options, &error), error)) return 1;

  bad = failed(api, "submit",
               api->pool_submit_n(&accepted, pool, LIBSCHED_NORMAL, square, data, TASKS, NULL,
                                  LIBSCHED_FOREVER, NULL, &error),
               error);
  /* Also after a failure: the workers must have ended before the library may go. */
  bad |= failed(api, "shut the pool down",
                api->pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, NULL, &error), error);
  api->pool_unref(pool);
  if (bad) return 1;

  for (size_t i = 0; i < TASKS; i++) sum += job[i].square;
  if (accepted != TASKS || sum != (uint64_t)(TASKS - 1) * TASKS * (2 * TASKS - 1) / 6) {
    fprintf(stderr, "plugin_host: %zu of %d tasks accepted, sum of squares %" PRIu64 "\n", accepted,
            TASKS, sum);
    return 1;
  }
  if (failed(api, "count the pools", api->live_objects(&pools, LIBSCHED_KIND_POOL), NULL)) return 1;
  if (pools != 0) {
    fprintf(stderr, "plugin_host: %" PRIu64 " pools are left, there should be none\n", pools);
    return 1;
  }
  return 0;
}

/* Loads the library, uses it and closes it. Returns 0 if all is well. */
static int round_trip(const char *path, int first) {
  libsched_get_api_fn get_api;
  const libsched_api *api;
  int bad;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

  if (library == NULL) {
    fprintf(stderr, "plugin_host: cannot load the library: %s\n", dlerror());
    return 1;
  }
  /* POSIX's way to turn what dlsym returns into a pointer to a function. */
  *(void **)&get_api = dlsym(library, "libsched_get_api");
  api = get_api != NULL ? get_api(LIBSCHED_API_VERSION) : NULL;
  if (api == NULL || api->struct_size < sizeof *api) {
    fprintf(stderr, "plugin_host: '%s' is no libsched with version %u of the table\n", path,
            LIBSCHED_API_VERSION);
    dlclose(library);
    return 1;
  }
  if (first) printf("plugin_host: libsched %s from %s\n", api->version_string(), path);
  bad = work(api);
  if (dlclose(library) != 0) {
    fprintf(stderr, "plugin_host: cannot close the library: %s\n", dlerror());
    return 1;
  }
  return bad;
}

int main(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : "libsched.so.0";
  const char *text = argc > 2 ? argv[2] : "1";
  char *end;
  long rounds = strtol(text, &end, 10);

  if (argc > 3 || end == text || *end != 0 || rounds < 1 || rounds > MAX_ROUNDS) {
    fprintf(stderr,
            "usage: plugin_host [LIBRARY [ROUNDS]]\n"
            "LIBRARY is a path, or a name to search for (default libsched.so.0);\n"
            "ROUNDS says how often to load, use and close it, 1 to %d (default 1).\n",
            MAX_ROUNDS);
    return 2;
  }
  for (long i = 0; i < rounds; i++) {
    if (round_trip(path, i == 0) != 0) {
      fprintf(stderr, "plugin_host: round %ld of %ld failed\n", i + 1, rounds);
      return 1;
    }
  }
  printf("plugin_host: %ld rounds of %d tasks, all results correct\n", rounds, TASKS);
  return 0;
}
