/*
 * treewc: counts the lines, words and bytes of every regular file below some directories, in
 * parallel.
 *
 *     cc -O2 -o treewc treewc.c $(pkg-config --cflags --libs sched)
 *     ./treewc --top 5 /usr/include
 *
 * The totals are those of `find DIR... -type f -print0 | LC_ALL=C wc -lwc --files0-from=-`.
 * The work is cut into tasks of three priorities:
 *
 *   reading a directory     High    it finds work for all workers, so it goes first
 *   counting a small file   Normal
 *   a piece of a large one  Low     the piece that ends last joins what all of them counted
 *
 * Each worker counts into a struct of its own, found by libsched_task_worker, so that no file costs
 * a shared counter. The pool has a capacity: where it is reached, whoever finds work does it at
 * once rather than queue it, so that the memory needed does not grow with the number of files. A
 * worker has at most two files open, the directory it reads and a file in it.
 */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE /* d_type of struct dirent */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <libsched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command_line.h"
#include "treewc_count.h"

enum {
  BUFFER_SIZE = 256 * 1024,
  MAX_WAITING = 64 * 1024, /* tasks that the pool holds before work is done where it is found */
  MAX_PIECES = 64 * 1024,  /* of one file; a larger file gets larger pieces */
  MAX_TOP = 10000,
  DEFAULT_SPLIT = 4 * 1024 * 1024,
  FILES_PER_WORKER = 2,
  OTHER_FILES = 16, /* standard input and so on, and what libsched may need */
  PROGRESS_MS = 100
};

/* A directory to read, or a file to count. */
struct entry {
  struct entry *next;
  struct split *split; /* of a large file */
  struct counts n;     /* of a file that was counted */
  char path[];
};

struct piece {
  struct entry *file;
  struct tally tally;
};

/* A large file that is counted in pieces. */
struct split {
  dev_t device; /* each piece opens the file for itself: is it still the same one? */
  ino_t inode;
  off_t size; /* of a piece */
  size_t count;
  size_t left; /* pieces that have not ended; atomic */
  int error;   /* an errno of any of them; atomic */
  struct piece piece[];
};

/* The files with the most lines, best first. */
struct top {
  struct entry **item;
  size_t used;
};

/* What belongs to one worker. Only the progress line looks at it while the worker runs. */
struct worker {
  struct counts total;
  uint64_t files;
  struct top top;
  unsigned char buffer[BUFFER_SIZE];
  unsigned char padding[64]; /* for count, and to keep a cache line between two workers */
};

static struct {
  libsched_pool *pool;
  struct worker *worker;
  uint32_t workers;
  uint64_t split;
  size_t top;
  int progress;      /* whether a progress line is shown */
  uint64_t failures; /* what could not be read; atomic */
} app;

/* ---- Messages ---- */

static void put_counts(const struct counts *n) {
  printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " ", n->lines, n->words, n->bytes);
}

/* One line on stderr, in one piece. The name may be NULL. */
static void message(const char *what, const char *name, const char *why) {
  flockfile(stderr);
  fprintf(stderr, "%streewc: %s", app.progress ? "\r\033[K" : "", what);
  if (name != NULL) {
    fputs(" '", stderr);
    put_name(stderr, name);
    putc('\'', stderr);
  }
  fprintf(stderr, ": %s\n", why);
  funlockfile(stderr);
}

/* Says that something is missing in the totals, and remembers it for the exit status. */
static void failure(const char *what, const char *name, const char *why) {
  message(what, name, why);
  __atomic_fetch_add(&app.failures, 1, __ATOMIC_RELAXED);
}

static void unreadable(const char *path, int error) {
  char text[128];
  if (strerror_r(error, text, sizeof text) != 0) snprintf(text, sizeof text, "error %d", error);
  failure("cannot read", path, error == ESTALE ? "replaced by something else meanwhile" : text);
}

/* Reports what a call of libsched answered if that was no success. Frees the error. */
static int check(const char *what, int status, libsched_error *error) {
  if (status != LIBSCHED_OK) {
    failure(what, NULL,
            error != NULL ? libsched_error_message(error) : libsched_status_message(status));
  }
  libsched_error_free(error);
  return status;
}

/* ---- Files ---- */

/* Adds to a number that only this thread changes, while the progress line may read it. */
static void add(uint64_t *number, uint64_t more) {
  __atomic_store_n(number, *number + more, __ATOMIC_RELAXED);
}

static struct worker *worker_of(const libsched_task *task) {
  return &app.worker[libsched_task_worker(task)];
}

/* Hands work to the pool. 0: it has no room, or no memory, and the caller has to do the work. */
static int queued(uint32_t priority, libsched_task_fn fn, void *data) {
  int status = libsched_pool_try_submit(app.pool, priority, fn, data, NULL);
  if (status != LIBSCHED_OK && status != LIBSCHED_E_FULL) {
    message("cannot queue a task, so it is done at once", NULL, libsched_status_message(status));
  }
  return status == LIBSCHED_OK;
}

static void submit(libsched_task *task, uint32_t priority, libsched_task_fn fn, void *data) {
  if (!queued(priority, fn, data)) fn(task, data);
}

static int more_lines(const struct entry *a, const struct entry *b) {
  return a->n.lines != b->n.lines ? a->n.lines > b->n.lines : strcmp(a->path, b->path) < 0;
}

/* Takes over a counted file: keeps it if it is among the top ones, in place of the last of them. */
static void rank(struct top *top, struct entry *file) {
  size_t place = top->used;
  if (place == app.top) {
    if (place == 0 || !more_lines(file, top->item[place - 1])) {
      free(file);
      return;
    }
    free(top->item[--place]);
  } else {
    top->used++;
  }
  while (place > 0 && more_lines(file, top->item[place - 1])) {
    top->item[place] = top->item[place - 1];
    place--;
  }
  top->item[place] = file;
}

/* Ends a file's way. What was read of a file before an error counts, as it does for wc. */
static void file_done(struct worker *self, struct entry *file, const struct counts *n, int error) {
  if (error != 0) unreadable(file->path, error);
  add(&self->files, 1);
  add(&self->total.lines, n->lines);
  add(&self->total.words, n->words);
  add(&self->total.bytes, n->bytes);
  file->n = *n;
  rank(&self->top, file);
}

/* Opens what was a regular file a moment ago. Should it be a fifo now, O_NONBLOCK does not wait. */
static int open_file(const char *path, struct stat *st, int *error) {
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode)) return fd;
  *error = fd >= 0 ? ESTALE : errno;
  if (fd >= 0) close(fd);
  return -1;
}

/* Counts `most` bytes, or what there is to the end of the file. Returns 0 or an errno. */
static int count_bytes(struct tally *tally, int fd, uint64_t most, unsigned char *buffer) {
  while (most > 0) {
    ssize_t n = read(fd, buffer, most < BUFFER_SIZE ? (size_t)most : BUFFER_SIZE);
    if (n == 0) break;
    if (n < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    memset(buffer + n, 0, 8);
    count(tally, buffer, (size_t)n);
    most -= (uint64_t)n;
  }
  return 0;
}

static int piece_task(libsched_task *task, void *data) {
  struct piece *piece = data;
  struct entry *file = piece->file;
  struct split *split = file->split;
  size_t index = (size_t)(piece - split->piece);
  struct worker *self = worker_of(task);
  struct stat st;
  int error = 0;
  int fd = open_file(file->path, &st, &error);

  if (fd >= 0) {
    /* The last piece goes on to the end, for a file that has grown. */
    uint64_t most = index + 1 < split->count ? (uint64_t)split->size : UINT64_MAX;
    if (st.st_dev != split->device || st.st_ino != split->inode) {
      error = ESTALE;
    } else if (lseek(fd, (off_t)index * split->size, SEEK_SET) < 0) {
      error = errno;
    } else {
      error = count_bytes(&piece->tally, fd, most, self->buffer);
    }
    close(fd);
  }
  if (error != 0) __atomic_store_n(&split->error, error, __ATOMIC_RELAXED);

  /* ACQ_REL: the piece that ends last sees what all the others have written. */
  if (__atomic_sub_fetch(&split->left, 1, __ATOMIC_ACQ_REL) == 0) {
    struct tally whole = {{0, 0, 0}, NEUTRAL, 0};
    for (size_t i = 0; i < split->count; i++) join(&whole, &split->piece[i].tally);
    error = split->error;
    free(split);
    file_done(self, file, &whole.n, error);
  }
  return 0;
}

/* Prepares a large file for counting in pieces. Returns how many, or 0 for lack of memory. */
static size_t split_file(struct entry *file, const struct stat *st) {
  uint64_t length = (uint64_t)st->st_size;
  uint64_t size = app.split > length / MAX_PIECES ? app.split : length / MAX_PIECES + 1;
  size_t pieces = (size_t)((length + size - 1) / size);
  struct split *split = calloc(1, sizeof *split + pieces * sizeof split->piece[0]);

  if (split == NULL) return 0;
  split->device = st->st_dev;
  split->inode = st->st_ino;
  split->size = (off_t)size;
  split->count = split->left = pieces;
  for (size_t i = 0; i < pieces; i++) split->piece[i].file = file;
  file->split = split;
  return pieces;
}

static int file_task(libsched_task *task, void *data) {
  struct entry *file = data;
  struct worker *self = worker_of(task);
  struct tally tally = {{0, 0, 0}, NEUTRAL, 0};
  struct stat st;
  size_t pieces = 0;
  int error = 0;
  int fd = open_file(file->path, &st, &error);

  if (fd >= 0) {
    if ((uint64_t)st.st_size > app.split) pieces = split_file(file, &st);
    if (pieces == 0) error = count_bytes(&tally, fd, UINT64_MAX, self->buffer);
    close(fd);
  }
  if (pieces == 0) {
    file_done(self, file, &tally.n, error);
  } else {
    /* With the last piece handed over, the file may be done and gone. */
    struct piece *piece = file->split->piece;
    for (size_t i = 0; i < pieces; i++) submit(task, LIBSCHED_LOW, piece_task, &piece[i]);
  }
  return 0;
}

/* ---- Directories ---- */

static struct entry *new_entry(const char *directory, const char *name) {
  size_t length = strlen(directory), size = strlen(name) + 1;
  int slash = length > 0 && directory[length - 1] != '/';
  struct entry *entry = calloc(1, sizeof *entry + length + (size_t)slash + size);

  if (entry == NULL) {
    failure("cannot count", name, "out of memory");
    return NULL;
  }
  memcpy(entry->path, directory, length);
  if (slash) entry->path[length] = '/';
  memcpy(entry->path + length + slash, name, size);
  return entry;
}

static int type_of(DIR *dir, const struct dirent *found) {
  struct stat st;
  if (found->d_type != DT_UNKNOWN) return found->d_type;
  /* Not every file system says what it lists. Where this fails too, opening it will tell why. */
  if (fstatat(dirfd(dir), found->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) return DT_REG;
  return S_ISDIR(st.st_mode) ? DT_DIR : S_ISREG(st.st_mode) ? DT_REG : DT_LNK;
}

static int directory_task(libsched_task *task, void *data);

/* Reads one directory. Directories in it that the pool has no room for go before `*todo`. */
static void read_directory(libsched_task *task, const char *path, struct entry **todo) {
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *dir = fd < 0 ? NULL : fdopendir(fd);
  struct dirent *found;

  if (dir == NULL) {
    unreadable(path, errno);
    if (fd >= 0) close(fd);
    return;
  }
  while (errno = 0, (found = readdir(dir)) != NULL) {
    if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0) continue;
    /* Symbolic links, devices, fifos and sockets are left alone. */
    int type = type_of(dir, found);
    if (type != DT_DIR && type != DT_REG) continue;
    struct entry *entry = new_entry(path, found->d_name);
    if (entry == NULL) continue;
    if (type == DT_REG) {
      submit(task, LIBSCHED_NORMAL, file_task, entry);
    } else if (!queued(LIBSCHED_HIGH, directory_task, entry)) {
      /* Doing it at once, like a file, would keep a directory open for each level of the tree. */
      entry->next = *todo;
      *todo = entry;
    }
  }
  if (errno != 0) unreadable(path, errno);
  closedir(dir);
}

static int directory_task(libsched_task *task, void *data) {
  struct entry *todo = data;
  while (todo != NULL) {
    struct entry *entry = todo;
    todo = entry->next;
    read_directory(task, entry->path, &todo);
    free(entry);
  }
  return 0;
}

/* Starts on one argument of the command line. */
static void start(const char *path) {
  struct stat st;
  if (lstat(path, &st) != 0) {
    unreadable(path, errno);
    return;
  }
  int directory = S_ISDIR(st.st_mode);
  if (!directory && !S_ISREG(st.st_mode)) {
    message("skipped", path,
            S_ISLNK(st.st_mode) ? "a symbolic link, which is not followed"
                                : "no directory and no regular file");
    return;
  }
  struct entry *entry = new_entry("", path);
  if (entry == NULL) return;
  int status = libsched_pool_submit(app.pool, directory ? LIBSCHED_HIGH : LIBSCHED_NORMAL,
                                    directory ? directory_task : file_task, entry, NULL);
  if (check("cannot queue an argument", status, NULL) != LIBSCHED_OK) free(entry);
}

/* ---- The program ---- */

static void show_progress(void) {
  libsched_pool_stats stats = LIBSCHED_POOL_STATS_INIT;
  uint64_t files = 0, bytes = 0, waiting = 0;
  int status = libsched_pool_get_stats(&stats, app.pool);

  if (check("cannot get the pool's counts", status, NULL) != LIBSCHED_OK) return;
  for (int i = 0; i < LIBSCHED_PRIORITIES; i++) waiting += stats.priority[i].queued;
  for (uint32_t i = 0; i < app.workers; i++) {
    files += __atomic_load_n(&app.worker[i].files, __ATOMIC_RELAXED);
    bytes += __atomic_load_n(&app.worker[i].total.bytes, __ATOMIC_RELAXED);
  }
  fprintf(stderr, "\r\033[K%" PRIu64 " files, %" PRIu64 " MB counted, %" PRIu64 " tasks waiting",
          files, bytes / 1000000, waiting);
  fflush(stderr);
}

/* Waits until all that was found is counted, and all that was found on the way. */
static void wait_for_all(void) {
  int status;
  do {
    libsched_error *error = NULL;
    int64_t timeout_ns = app.progress ? PROGRESS_MS * INT64_C(1000000) : LIBSCHED_FOREVER;
    status = libsched_pool_wait_idle(app.pool, timeout_ns, NULL, &error);
    if (status == LIBSCHED_E_TIMEOUT) {
      libsched_error_free(error);
      show_progress();
    } else {
      check("cannot wait for the pool", status, error);
    }
  } while (status == LIBSCHED_E_TIMEOUT);
  if (app.progress) fputs("\r\033[K", stderr);
}

/* Makes sure that all workers may have their files open at once. */
static int allow_files(void) {
  rlim_t needed = (rlim_t)app.workers * FILES_PER_WORKER + OTHER_FILES;
  struct rlimit limit;

  /* RLIM_INFINITY is the largest of all limits. */
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return 1;
  if (limit.rlim_max >= needed) {
    limit.rlim_cur = needed;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return 1;
  }
  fprintf(stderr, "treewc: --workers %" PRIu32 " is too much: they may need %ju open files, ",
          app.workers, (uintmax_t)needed);
  fprintf(stderr, "and the limit here is %ju (ulimit -Hn)\n", (uintmax_t)limit.rlim_max);
  return 0;
}

/* Gives every worker its struct and its list. Untouched buffers cost no memory. */
static int make_workers(void) {
  app.worker = calloc(app.workers, sizeof *app.worker);
  for (uint32_t i = 0; app.worker != NULL && i < app.workers; i++) {
    app.worker[i].top.item = calloc(app.top + 1, sizeof(struct entry *));
    if (app.worker[i].top.item == NULL) return 0;
  }
  return app.worker != NULL;
}

/* Adds up what the workers have, prints it, and frees it. */
static void print_totals(void) {
  struct counts total = {0, 0, 0};
  struct top *top = &app.worker[0].top;

  for (uint32_t i = 0; i < app.workers; i++) {
    struct worker *worker = &app.worker[i];
    total.lines += worker->total.lines;
    total.words += worker->total.words;
    total.bytes += worker->total.bytes;
    for (size_t j = 0; i > 0 && j < worker->top.used; j++) rank(top, worker->top.item[j]);
    if (i > 0) free(worker->top.item);
  }
  for (size_t i = 0; i < top->used; i++) {
    put_counts(&top->item[i]->n);
    put_name(stdout, top->item[i]->path);
    putchar('\n');
    free(top->item[i]);
  }
  put_counts(&total);
  puts("total");
  free(top->item);
  free(app.worker);
}

static const char help[] =
    "usage: treewc [--workers N] [--top K] [--split BYTES] [DIRECTORY...]\n"
    "\n"
    "Counts the lines, words and bytes of every regular file below the directories, the\n"
    "current one if none is given, as wc does in the C locale, and prints the three totals.\n"
    "An argument that is a regular file is counted too. Symbolic links are not followed;\n"
    "devices, fifos and sockets are not opened.\n"
    "\n"
    "  --workers N    use N worker threads, 1 to %u (default: the usable CPUs, at least 2)\n"
    "  --top K        first list the K files with the most lines, 0 to %d (default: 0)\n"
    "  --split BYTES  count a file larger than this in pieces of this size (default: %d)\n"
    "  --help         print this text\n"
    "\n"
    "In names, control characters are printed as \\ooo and the backslash as \\\\.\n"
    "Exit status: 0 all was counted, 1 something could not be (stderr says what),\n"
    "2 wrong usage.\n";

static void parse(int argc, char **argv) {
  static const struct option options[] = {{"workers", required_argument, NULL, 'w'},
                                          {"top", required_argument, NULL, 't'},
                                          {"split", required_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
  int option;
  app.split = DEFAULT_SPLIT;
  while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
    switch (option) {
      case 'w':
        app.workers = (uint32_t)number("treewc", "--workers", optarg, 1, LIBSCHED_MAX_WORKERS);
        break;
      case 't':
        app.top = (size_t)number("treewc", "--top", optarg, 0, MAX_TOP);
        break;
      case 's':
        app.split = number("treewc", "--split", optarg, 1, INT64_C(1) << 40);
        break;
      case 'h':
        printf(help, LIBSCHED_MAX_WORKERS, MAX_TOP, DEFAULT_SPLIT);
        exit(fflush(stdout) == 0 ? 0 : 1);
      default: /* getopt_long has said what is wrong */
        fputs("Try: treewc --help\n", stderr);
        exit(2);
    }
  }
}

int main(int argc, char **argv) {
  libsched_pool_options options = LIBSCHED_POOL_OPTIONS_INIT;
  libsched_error *error = NULL;
  int status;

  /* A message is one write, not one for each byte of a name. */
  setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
  parse(argc, argv);
  app.progress = isatty(STDERR_FILENO);

  options.workers = app.workers;
  options.max_spare =
      LIBSCHED_NO_SPARE; /* its tasks do not block, and what it has for each worker is not small */
  options.capacity = MAX_WAITING;
  options.name = "treewc";
  status = libsched_pool_create(&app.pool, &options, &error);
  if (check("cannot create a pool", status, error) != LIBSCHED_OK) return 1;
  status = libsched_pool_max_workers(&app.workers, app.pool);
  if (check("cannot get the number of workers", status, NULL) != LIBSCHED_OK) return 1;
  if (!allow_files()) return 2;
  if (!make_workers()) {
    failure("cannot start", NULL, "out of memory; use fewer --workers or a smaller --top");
    return 1;
  }

  if (optind == argc) start(".");
  for (int i = optind; i < argc; i++) start(argv[i]);
  wait_for_all();

  /* Nothing is left to run: this waits for the workers to end. What they counted is ours then. */
  status = libsched_pool_shutdown(app.pool, LIBSCHED_DRAIN, LIBSCHED_FOREVER, NULL, &error);
  if (check("cannot shut the pool down", status, error) != LIBSCHED_OK) return 1;
  libsched_pool_unref(app.pool);
  print_totals();

  if (app.failures > 0) {
    fprintf(stderr, "treewc: failures: %" PRIu64 "; the totals are not complete\n", app.failures);
  }
  if (fflush(stdout) != 0 || ferror(stdout)) {
    fprintf(stderr, "treewc: cannot write the totals: %s\n", strerror(errno));
    return 1;
  }
  return app.failures > 0 ? 1 : 0;
}
