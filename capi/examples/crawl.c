/*
 * crawl: reads all files of some directory trees, as a crawler reads the pages of some hosts: by turns, a few of each at
 * a time, and one of them may be given up midway.
 *
 *     cc -O2 -o crawl crawl.c $(pkg-config --cflags --libs sched) -pthread
 *     ./crawl --cancel /usr/share:1000 /usr/include /usr/share
 *
 * Each tree has a channel of one dispatcher, and a thread that walks through it and sends what it finds. Where as many
 * files wait as the channel's bound says, the walker waits, so memory does not grow with the tree. The dispatcher's work
 * reads a file, as one would fetch a page; finalize adds what was read to the tree's totals. To give a tree up its channel
 * is closed, which stops the walker, and cleared: then each of its files is either stored or discarded, whatever its task
 * was doing. So the counts add up exactly, and the program compares them with those of libsched.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libsched.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command_line.h"
#include "crawl_options.h"
#include "crawl_walk.h"

enum { BLOCK = 64 * 1024 };

struct tree {
  struct walk walk; /* the first, so that the one is found by the other */
  const char *name;
  libsched_channel *channel;
  pthread_t walker;
  uint64_t cancel_after; /* files; 0: never */

  /* The walker's. Too late: when the channel was closed. */
  uint64_t found, found_too_late;

  /* Atomic, since files of one tree are read at the same time. They need nothing more. */
  uint64_t stored, failed, cancelled, lines, bytes;

  /* Of those that were cancelled, as libsched_channel_clear says it. */
  uint64_t dropped, interrupted;
};

struct file {
  struct tree *tree;
  char *path;
  uint64_t lines, bytes;
};

static uint64_t failures; /* that were said on stderr; atomic */

static uint64_t add(uint64_t *number, uint64_t more) {
  return __atomic_add_fetch(number, more, __ATOMIC_RELAXED);
}

/* For what fails only where there is no memory, or the program is wrong. */
static void check(int status, const char *what) {
  if (status == LIBSCHED_OK) return;
  fprintf(stderr, "crawl: cannot %s: %s (%s)\n", what, libsched_status_message(status),
          libsched_status_name(status));
  exit(1);
}

static void unreadable(const char *path, int error) {
  char text[128], why[192];
  if (strerror_r(error, text, sizeof text) != 0) snprintf(text, sizeof text, "error %d", error);
  snprintf(why, sizeof why, ": %s",
           error == ESTALE ? "replaced by something else meanwhile" : text);
  message("cannot read", path, why);
  add(&failures, 1);
}

/* ---- What the dispatcher calls ---- */

/* Reads a file. Returns 0 or an errno. */
static int work(libsched_task *task, void *user_data) {
  struct file *file = user_data;
  char block[BLOCK];
  struct stat st;
  int error = 0;
  /* It was a regular file a moment ago. Should it be a fifo now, O_NONBLOCK does not wait. */
  int fd = open(file->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

  if (fd < 0) return errno;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) error = ESTALE;
  while (error == 0) {
    const char *at = block;
    ssize_t n = read(fd, block, sizeof block);
    if (n == 0) break;
    if (n < 0) {
      if (errno != EINTR) error = errno;
      continue;
    }
    file->bytes += (uint64_t)n;
    for (; (at = memchr(at, '\n', (size_t)(block + n - at))) != NULL; at++) file->lines++;
    /* It will not be stored. */
    if (libsched_task_cancelled(task)) error = ECANCELED;
  }
  close(fd);
  return error;
}

static void free_file(struct file *file) {
  free(file->path);
  free(file);
}

/* Gives a tree up: no more files are taken, none that waits is read, none that is being read is stored. */
static void cancel(struct tree *tree) {
  check(libsched_channel_close(tree->channel), "close a channel");
  check(libsched_channel_clear(&tree->dropped, &tree->interrupted, tree->channel),
        "clear a channel");
}

static void finalize(libsched_task *task, int result, void *user_data) {
  struct file *file = user_data;
  struct tree *tree = file->tree;
  (void)task;
  if (result != 0) {
    unreadable(file->path, result);
    add(&tree->failed, 1);
  } else {
    add(&tree->lines, file->lines);
    add(&tree->bytes, file->bytes);
    if (add(&tree->stored, 1) == tree->cancel_after) cancel(tree);
  }
  free_file(file);
}

static void discard(void *user_data) {
  struct file *file = user_data;
  add(&file->tree->cancelled, 1);
  free_file(file);
}

/* ---- The walkers ---- */

static int found(struct walk *walk, char *path) {
  struct tree *tree = (struct tree *)walk;
  struct file *file = calloc(1, sizeof *file);
  int status;

  if (file == NULL) check(-ENOMEM, "go on");
  file->tree = tree;
  file->path = path;
  tree->found++;
  status = libsched_channel_send(tree->channel, file, LIBSCHED_FOREVER, NULL);
  if (status == LIBSCHED_E_CLOSED) { /* the tree was given up; the file is still ours */
    tree->found_too_late++;
    discard(file);
    return 0;
  }
  check(status, "send a file");
  return 1;
}

static void unreadable_directory(struct walk *walk, const char *path, int error) {
  (void)walk;
  unreadable(path, error);
}

static void *walker(void *data) {
  struct tree *tree = data;
  walk_tree(&tree->walk, tree->name);
  check(libsched_channel_close(tree->channel), "close a channel");
  return NULL;
}

/* ---- The program ---- */

static struct tree *make_trees(libsched_dispatcher *dispatcher, const struct options *options) {
  struct tree *trees = calloc((size_t)options->directories, sizeof *trees);
  if (trees == NULL) check(-ENOMEM, "begin");
  for (int i = 0; i < options->directories; i++) {
    struct tree *tree = &trees[i];
    libsched_channel_options channel = LIBSCHED_CHANNEL_OPTIONS_INIT;
    int status;
    tree->walk.found = found;
    tree->walk.unreadable = unreadable_directory;
    tree->name = options->directory[i];
    if (i == options->cancelled) tree->cancel_after = options->cancel_after;
    channel.name = tree->name;
    channel.bound = options->bound;
    channel.limit = options->limit;
    status = libsched_channel_create(&tree->channel, dispatcher, &channel, NULL);
    if (status == -EEXIST) {
      message("two directories are called", tree->name, ": each must have a name of its own");
      exit(2);
    }
    check(status, "create a channel");
  }
  return trees;
}

static void run(struct tree *trees, int count, libsched_dispatcher *dispatcher) {
  for (int i = 0; i < count; i++) {
    check(-pthread_create(&trees[i].walker, NULL, walker, &trees[i]),
          "start a thread for each directory");
  }
  for (int i = 0; i < count; i++) pthread_join(trees[i].walker, NULL);
  check(libsched_dispatcher_wait(dispatcher, LIBSCHED_FOREVER, NULL, NULL), "wait for the end");
}

/* Whether each file that was found has ended in exactly one way, and libsched has counted the same. */
static int adds_up(const struct tree *tree) {
  libsched_channel_stats stats = LIBSCHED_CHANNEL_STATS_INIT;
  check(libsched_channel_get_stats(&stats, tree->channel), "get the counts of a channel");
  return tree->found == tree->stored + tree->failed + tree->cancelled &&
         tree->cancelled == stats.cancelled + tree->found_too_late &&
         stats.cancelled == tree->dropped + tree->interrupted && stats.done == tree->stored &&
         stats.failed == tree->failed && stats.queued == 0 && stats.running == 0;
}

static void put_counts(const struct tree *tree) {
  printf("%10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %12" PRIu64 " %14" PRIu64 "  ",
         tree->found, tree->stored, tree->failed, tree->cancelled, tree->lines, tree->bytes);
  put_name(stdout, tree->name);
  putchar('\n');
}

static void put_cancelled(const struct tree *tree) {
  if (tree->cancel_after > tree->stored) {
    message("not given up is", tree->name, ": it has fewer files than --cancel says");
    return;
  }
  fputs("given up: ", stdout);
  put_name(stdout, tree->name);
  printf(": %" PRIu64 " files that waited, %" PRIu64 " that were being read, %" PRIu64
         " found too late\n",
         tree->dropped, tree->interrupted, tree->found_too_late);
}

/* Prints the counts. Returns how many trees have some that do not add up. */
static int report(const struct tree *trees, const struct options *options) {
  struct tree total = {.name = "total"};
  int wrong = 0;

  printf("%10s %10s %10s %10s %12s %14s  tree\n", "found", "stored", "failed", "cancelled", "lines",
         "bytes");
  for (const struct tree *tree = trees; tree < trees + options->directories; tree++) {
    put_counts(tree);
    total.found += tree->found;
    total.stored += tree->stored;
    total.failed += tree->failed;
    total.cancelled += tree->cancelled;
    total.lines += tree->lines;
    total.bytes += tree->bytes;
    if (!adds_up(tree)) {
      message("the counts of", tree->name, " do not add up: this is a bug");
      wrong++;
    }
  }
  put_counts(&total);
  if (options->cancelled >= 0) put_cancelled(&trees[options->cancelled]);
  return wrong;
}

int main(int argc, char **argv) {
  struct options options = {0, DEFAULT_LIMIT, DEFAULT_BOUND, NULL, 0, -1, 0};
  libsched_pool_options pool_options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_dispatcher_options functions = LIBSCHED_DISPATCHER_OPTIONS_INIT;
  libsched_pool *pool;
  libsched_dispatcher *dispatcher;
  struct tree *trees;
  int wrong;

  signal(SIGPIPE, SIG_IGN);              /* an output that nobody reads is an error like others */
  setvbuf(stderr, NULL, _IOLBF, BUFSIZ); /* a message is one write */
  parse(&options, argc, argv);

  pool_options.workers = options.workers;
  pool_options.name = "crawl";
  check(libsched_pool_create(&pool, &pool_options, NULL), "create a pool");
  functions.work = work;
  functions.finalize = finalize;
  functions.discard = discard;
  check(libsched_dispatcher_create(&dispatcher, pool, &functions, NULL), "create a dispatcher");
  trees = make_trees(dispatcher, &options);
  run(trees, options.directories, dispatcher);
  wrong = report(trees, &options);

  for (int i = 0; i < options.directories; i++) libsched_channel_unref(trees[i].channel);
  libsched_dispatcher_unref(dispatcher);
  check(libsched_pool_shutdown(pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, NULL, NULL), "shut down");
  libsched_pool_unref(pool);
  free(trees);
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fprintf(stderr, "crawl: cannot write the counts: %s\n", strerror(errno));
    return 1;
  }
  if (failures > 0) {
    fprintf(stderr, "crawl: failures: %" PRIu64 "; the totals are not complete\n", failures);
  }
  return wrong > 0 ? 3 : failures > 0 ? 1 : 0;
}
