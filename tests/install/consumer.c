/* What a user of an installed libsched writes: valid C89 and C++. Sums 1 to 100 on a pool. */
#include <libsched.h>
#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int sum;

static int add(libsched_task *task, void *user_data) {
  (void)task;
  pthread_mutex_lock(&lock);
  sum += *(const int *)user_data;
  pthread_mutex_unlock(&lock);
  return 0;
}

static int check(int status, const char *what) {
  if (status != LIBSCHED_OK) {
    fprintf(stderr, "%s: %s (%s)\n", what, libsched_status_message(status),
            libsched_status_name(status));
  }
  return status;
}

int main(void) {
  libsched_pool *pool;
  int numbers[100];
  int i;

  if (libsched_version() != LIBSCHED_VERSION_NUMBER) {
    fprintf(stderr, "the headers are %s, the library is %s\n", LIBSCHED_VERSION_STRING,
            libsched_version_string());
    return 1;
  }
  if (check(libsched_pool_create(&pool, NULL, NULL), "create")) return 1;
  for (i = 0; i < 100; i++) {
    numbers[i] = i + 1;
    if (check(libsched_pool_submit(pool, LIBSCHED_NORMAL, add, &numbers[i], NULL), "submit")) {
      return 1;
    }
  }
  if (check(libsched_pool_wait_idle(pool, LIBSCHED_FOREVER, NULL, NULL), "wait_idle")) return 1;
  if (check(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, NULL, NULL),
            "shutdown")) {
    return 1;
  }
  libsched_pool_unref(pool);
  printf("libsched %s: 1 + ... + 100 = %d\n", libsched_version_string(), sum);
  return sum == 5050 ? 0 : 1;
}
