/* The end: the report, what a dying process gives back, and files that are left behind by nobody. */
#include "check_jobserver.h"
/* It goes first: check.h sets the feature macros. */
#include "check_fork.h"

enum { EXPLICIT = LIBSCHED_JOBSERVER_EXPLICIT };

/* --- counts --- */

static void check_counts(libsched_jobserver_stats stats, int available, int held, int outstanding,
                         int extra) {
  CHECK_EQ(stats.available, available);
  CHECK_EQ(stats.held, held);
  CHECK_EQ(stats.brokered, 0);
  CHECK_EQ(stats.outstanding, outstanding);
  CHECK_EQ(stats.extra, extra);
  CHECK_EQ(stats.lost, 0);
  CHECK_EQ(stats.waiting, 0);
}

CASE(stats_in_each_state) {
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, 0);
  int read_fd = -1;
  int write_fd = -1;
  uint64_t implicit;
  uint64_t token;
  char bytes[4];
  CHECK_OK(libsched_jobserver_child_fds(&read_fd, &write_fd, jobserver));
  check_counts(check_stats(jobserver), 3, 0, 0, 0);
  implicit = check_take(jobserver);
  check_counts(check_stats(jobserver), 3, 0, 0, 0);
  token = check_take(jobserver);
  check_counts(check_stats(jobserver), 2, 1, 0, 0);
  CHECK_EQ(read(read_fd, bytes, 1), 1);
  check_counts(check_stats(jobserver), 1, 1, 1, 0);
  CHECK_EQ(write(write_fd, bytes, 3), 3);
  check_counts(check_stats(jobserver), 4, 1, 0, 2);
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  CHECK_OK(libsched_jobserver_release(jobserver, implicit));
  check_counts(check_stats(jobserver), 5, 0, 0, 2);
  CHECK_EQ(read(read_fd, bytes, 4), 4);
  check_counts(check_stats(jobserver), 1, 0, 2, 0);
  libsched_jobserver_unref(jobserver);
}

CASE(stats_of_an_inherited_one) {
  check_tokens tokens = check_tokens_new("ABC");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, 0, 0);
  check_take(jobserver);
  check_take(jobserver);
  check_counts(check_stats(jobserver), 2, 1, 0, 0);
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "ABC");
}

CASE(report_of_missing_tokens) {
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, 0);
  libsched_jobserver_stats report = LIBSCHED_JOBSERVER_STATS_INIT;
  uint64_t implicit = check_take(jobserver);
  uint64_t token = check_take(jobserver);
  char bytes[4];
  int read_fd = -1;
  int write_fd = -1;
  CHECK_OK(libsched_jobserver_child_fds(&read_fd, &write_fd, jobserver));
  CHECK_EQ(read(read_fd, bytes, 2), 2);
  CHECK_OK(libsched_jobserver_shutdown(&report, jobserver));
  check_counts(report, 0, 1, 2, 0);
  CHECK_EQ(report.slots, 4);
  /* What is held can still be released, once. */
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  CHECK_OK(libsched_jobserver_release(jobserver, implicit));
  CHECK_STATUS(libsched_jobserver_release(jobserver, token), LIBSCHED_E_STALE);
  CHECK_EQ(write(write_fd, bytes, 1), 1);
  CHECK_OK(libsched_jobserver_shutdown(&report, jobserver));
  check_counts(report, 2, 0, 1, 0);
  CHECK_OK(libsched_jobserver_shutdown(0, jobserver));
  libsched_jobserver_unref(jobserver);
}

CASE(report_of_extra_tokens) {
  libsched_jobserver *jobserver = check_serve(2, LIBSCHED_JOBSERVER_FIFO, 0);
  libsched_jobserver_stats report = LIBSCHED_JOBSERVER_STATS_INIT;
  char path[256];
  int fd;
  CHECK_EQ(
      sscanf(libsched_jobserver_makeflags(jobserver), " -j2 --jobserver-auth=fifo:%255s", path), 1);
  fd = open(path, O_WRONLY);
  CHECK_LE(0, fd);
  CHECK_EQ(write(fd, "xyz", 3), 3);
  CHECK_OK(libsched_jobserver_shutdown(&report, jobserver));
  check_counts(report, 4, 0, 0, 3);
  close(fd);
  libsched_jobserver_unref(jobserver);
}

/* A pool that is full to the brim takes no more: that is counted, and nobody waits. */
CASE(tokens_that_find_no_room) {
  check_tokens tokens = check_tokens_new("A");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, EXPLICIT, 0);
  uint64_t token = check_take(jobserver);
  char buffer[4096];
  memset(buffer, 'x', sizeof(buffer));
  CHECK_EQ(fcntl(tokens.write_fd, F_SETFL, O_NONBLOCK), 0);
  while (write(tokens.write_fd, buffer, sizeof(buffer)) > 0) {
  }
  while (write(tokens.write_fd, buffer, 1) > 0) {
  }
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  CHECK_EQ(check_stats(jobserver).lost, 1);
  CHECK_EQ(check_stats(jobserver).held, 0);
  libsched_jobserver_unref(jobserver);
  close(tokens.read_fd);
  close(tokens.write_fd);
}

/* --- release_all --- */

static libsched_jobserver *dying;
static int handled;

static void on_signal(int number) {
  (void)number;
  CHECK_SET(handled, libsched_jobserver_release_all(dying) == LIBSCHED_OK ? 1 : 2);
}

CASE(release_all_in_a_signal_handler) {
  check_tokens tokens = check_tokens_new("ABC");
  uint64_t held[4];
  int i;
  dying = check_inherit(tokens.makeflags, 0, 0);
  for (i = 0; i < 4; ++i) held[i] = check_take(dying);
  signal(SIGTERM, on_signal);
  CHECK_EQ(raise(SIGTERM), 0);
  CHECK_EQ(handled, 1);
  CHECK_EQ(check_stats(dying).available, 3);
  CHECK_EQ(check_stats(dying).held, 0);
  /* None is given back twice. */
  for (i = 0; i < 4; ++i) {
    CHECK_STATUS(libsched_jobserver_release(dying, held[i]), LIBSCHED_E_STALE);
  }
  CHECK_OK(libsched_jobserver_release_all(dying));
  libsched_jobserver_unref(dying);
  check_tokens_end(&tokens, "ABC");
}

/* It comes at any moment: nothing is lost or doubled, whatever it interrupts. */
static void *interrupt(void *data) {
  pthread_t thread = *(pthread_t *)data;
  while (CHECK_GET(handled) == 0) {
    check_pause_ms(1);
    pthread_kill(thread, SIGTERM);
    check_pause_ms(1);
  }
  return 0;
}

CASE(release_all_while_tokens_are_taken) {
  int round;
  for (round = 0; round < CHECK_SCALE(50, 10); ++round) {
    check_tokens tokens = check_tokens_new("AAAAAAAA");
    pthread_t self = pthread_self();
    pthread_t thread;
    libsched_jobserver_stats stats;
    dying = check_inherit(tokens.makeflags, EXPLICIT, 0);
    handled = 0;
    signal(SIGTERM, on_signal);
    thread = check_spawn(interrupt, &self);
    while (CHECK_GET(handled) == 0) {
      uint64_t held[8];
      int n = 0;
      while (n < 8 && libsched_jobserver_try_acquire(&held[n], dying) == LIBSCHED_OK) ++n;
      while (n > 0) {
        int status = libsched_jobserver_release(dying, held[--n]);
        if (status != LIBSCHED_E_STALE) CHECK_OK(status);
      }
    }
    check_join(thread);
    CHECK_EQ(handled, 1);
    /* Also what was on its way, between the pool and the table, when the handler came. */
    stats = check_stats(dying);
    CHECK_EQ(stats.available, 8);
    CHECK_EQ(stats.held, 0);
    libsched_jobserver_unref(dying);
    close(tokens.read_fd);
    close(tokens.write_fd);
  }
}

/* --- the directory of a fifo --- */

/* A folder for what a case makes, which is empty at the end. */
static char folder[64];

static void enter_folder(void) {
  strcpy(folder, "/tmp/libsched-end-XXXXXX");
  CHECK(mkdtemp(folder) != 0);
  setenv("TMPDIR", folder, 1);
}

static void leave_folder(void) {
  CHECK_EQ(check_count_entries(folder), 0);
  CHECK_EQ(rmdir(folder), 0);
}

CASE(files_go_at_shutdown) {
  libsched_jobserver *jobserver;
  enter_folder();
  jobserver = check_serve(2, LIBSCHED_JOBSERVER_FIFO, 0);
  CHECK_EQ(check_count_entries(folder), 1);
  CHECK_OK(libsched_jobserver_shutdown(0, jobserver));
  CHECK_EQ(check_count_entries(folder), 0);
  CHECK_OK(libsched_jobserver_shutdown(0, jobserver));
  libsched_jobserver_unref(jobserver);
  leave_folder();
}

CASE(files_go_with_the_last_handle) {
  libsched_jobserver *jobserver;
  libsched_jobserver *other;
  enter_folder();
  jobserver = check_serve(2, LIBSCHED_JOBSERVER_BOTH, 0);
  other = check_serve(2, LIBSCHED_JOBSERVER_FIFO, 0);
  CHECK_EQ(check_count_entries(folder), 2);
  CHECK_PTR(libsched_jobserver_ref(jobserver), jobserver);
  libsched_jobserver_unref(jobserver);
  CHECK_EQ(check_count_entries(folder), 2);
  libsched_jobserver_unref(jobserver);
  CHECK_EQ(check_count_entries(folder), 1);
  libsched_jobserver_unref(other);
  leave_folder();
}

static void serve_and_exit(void *data) {
  static libsched_jobserver *kept[2]; /* until the end */
  (void)data;
  kept[0] = check_serve(2, LIBSCHED_JOBSERVER_FIFO, 0);
  kept[1] = check_serve(2, LIBSCHED_JOBSERVER_BOTH, 0);
  CHECK(kept[0] != kept[1]);
  CHECK_EQ(check_count_entries(folder), 2);
  exit(0);
}

CASE(files_go_when_the_process_exits) {
  if (CHECK_TSAN) check_skip("under ThreadSanitizer a forked child cannot start threads");
  enter_folder();
  in_child(BY_FORK, serve_and_exit, 0);
  leave_folder();
}

static void just_exit(void *data) {
  libsched_jobserver_unref((libsched_jobserver *)data);
  exit(0);
}

CASE(files_stay_when_a_child_exits) {
  libsched_jobserver *jobserver;
  enter_folder();
  jobserver = check_serve(2, LIBSCHED_JOBSERVER_FIFO, 0);
  in_child(BY_FORK, just_exit, jobserver);
  in_child(BY_CLONE, just_exit, jobserver);
  CHECK_EQ(check_count_entries(folder), 1);
  check_take(jobserver);
  libsched_jobserver_unref(jobserver);
  leave_folder();
}

/* A folder whose name make or a shell would change is not used. */
CASE(folders_with_odd_names) {
  static const char *const names[] = {"/tmp/a b", "/tmp/$x",  "relative",
                                      "",         "/tmp/a,b", "/tmp/a:b"};
  size_t i;
  for (i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    libsched_jobserver *jobserver;
    setenv("TMPDIR", names[i], 1);
    jobserver = check_serve(2, LIBSCHED_JOBSERVER_FIFO, 0);
    CHECK(strstr(libsched_jobserver_makeflags(jobserver), "fifo:/tmp/libsched-") != 0);
    libsched_jobserver_unref(jobserver);
  }
}

CASE(folders_that_are_missing) {
  libsched_jobserver *jobserver = (libsched_jobserver *)UNTOUCHED;
  libsched_error *error = 0;
  int fds = check_fds();
  setenv("TMPDIR", "/missing", 1);
  CHECK_STATUS(libsched_jobserver_serve(&jobserver, 2, LIBSCHED_JOBSERVER_FIFO, 0, &error),
               -ENOENT);
  CHECK(jobserver == 0);
  CHECK(strstr(libsched_error_message(error), "/missing") != 0);
  libsched_error_free(error);
  CHECK_FDS(fds);
}

CASES = {RUN(stats_in_each_state),
         RUN(stats_of_an_inherited_one),
         RUN(report_of_missing_tokens),
         RUN(report_of_extra_tokens),
         RUN(tokens_that_find_no_room),
         RUN(release_all_in_a_signal_handler),
         RUN(release_all_while_tokens_are_taken),
         RUN(files_go_at_shutdown),
         RUN(files_go_with_the_last_handle),
         RUN(files_go_when_the_process_exits),
         RUN(files_stay_when_a_child_exits),
         RUN(folders_with_odd_names),
         RUN(folders_that_are_missing),
         CASES_END};
