/* Jobservers that are named but cannot be used: why is told, nothing hangs, and nothing stays open. */
#include "check_jobserver.h"

/* No jobserver: the reason, and one job at a time. */
static void check_refused(const char *makeflags, int status, const char *hint) {
  int fds = check_fds();
  libsched_jobserver *jobserver = check_inherit(makeflags, 0, 0);
  libsched_jobserver_info info = check_info(jobserver);
  uint64_t token;
  int read_fd = -77;
  int write_fd = -77;
  printf("%s: %s\n", makeflags, info.message);
  fflush(stdout);
  CHECK_STATUS(info.status, status);
  CHECK(strstr(info.message, hint) != 0);
  CHECK_FDS(fds);
  CHECK(libsched_jobserver_makeflags(jobserver) == 0);
  CHECK_STATUS(libsched_jobserver_child_fds(&read_fd, &write_fd, jobserver), LIBSCHED_E_STATE);
  CHECK_EQ(read_fd, -77);
  CHECK_EQ(write_fd, -77);
  token = check_take(jobserver);
  check_no_token(jobserver);
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  token = check_take(jobserver);
  libsched_jobserver_unref(jobserver);
  CHECK_FDS(fds);
}

static void check_pair(int read_fd, int write_fd, int status, const char *hint) {
  char text[64];
  sprintf(text, "-j2 --jobserver-auth=%d,%d", read_fd, write_fd);
  check_refused(text, status, hint);
}

static void check_path(const char *path, int status, const char *hint) {
  char text[256];
  sprintf(text, "-j2 --jobserver-auth=fifo:%s", path);
  check_refused(text, status, hint);
  CHECK(strlen(hint) != 0);
}

static char path[64];

static const char *own_path(void) {
  sprintf(path, "/tmp/libsched-test-%ld", (long)getpid());
  return path;
}

CASE(nothing) { check_refused("", LIBSCHED_E_EMPTY, ""); }

CASE(descriptors_that_are_closed) {
  check_tokens tokens = check_tokens_new("A");
  check_pair(900, 901, -EBADF, "'+'");
  check_pair(tokens.read_fd, 901, -EBADF, "901");
  check_pair(900, tokens.write_fd, -EBADF, "900");
  check_tokens_end(&tokens, "A");
}

CASE(disabled_ones_say_what_would_help) {
  check_refused("-j2 --jobserver-auth=-2,-2", LIBSCHED_E_EMPTY, "'+'");
}

/* The numbers belong to another file by now. */
CASE(descriptors_of_a_file) {
  check_tokens tokens = check_tokens_new("A");
  int file = open("/proc/self/exe", O_RDONLY);
  int folder = open("/tmp", O_RDONLY);
  CHECK_LE(0, file);
  check_pair(file, tokens.write_fd, -EBADF, "no pipe");
  check_pair(tokens.read_fd, file, -EBADF, "no pipe");
  check_pair(folder, folder, -EBADF, "no pipe");
  close(file);
  close(folder);
  check_tokens_end(&tokens, "A");
}

CASE(descriptors_of_the_wrong_direction) {
  check_tokens tokens = check_tokens_new("A");
  check_pair(tokens.write_fd, tokens.read_fd, -EBADF, "direction");
  check_pair(tokens.read_fd, tokens.read_fd, -EBADF, "direction");
  check_pair(tokens.write_fd, tokens.write_fd, -EBADF, "direction");
  check_tokens_end(&tokens, "A");
}

CASE(fifo_that_is_missing) { check_path("/missing/fifo", -ENOENT, "/missing/fifo"); }

/* Nobody has it open: its server has ended. To open it as make's clients do would hang. */
CASE(fifo_that_is_stale) {
  CHECK_EQ(mkfifo(own_path(), 0600), 0);
  check_path(path, -ENXIO, "has ended");
  CHECK_EQ(unlink(path), 0);
}

CASE(fifo_that_is_a_file) {
  int fd = open(own_path(), O_CREAT | O_WRONLY | O_EXCL, 0600);
  CHECK_LE(0, fd);
  check_path(path, -EINVAL, "no fifo");
  close(fd);
  CHECK_EQ(unlink(path), 0);
  check_path("/tmp", -EISDIR, "/tmp");
}

/* A device that nobody can wait for: there is an end to it, and no hang. */
CASE(device_that_is_no_server) {
  int fds = check_fds();
  libsched_jobserver *jobserver = check_inherit("--jobserver-auth=fifo:/dev/null", 0, 0);
  uint64_t token = check_take(jobserver);
  uint64_t none = 77;
  CHECK_STATUS(libsched_jobserver_acquire(&none, jobserver, CHECK_PATIENCE_NS, 0), -EPIPE);
  CHECK_STATUS(libsched_jobserver_acquire(&none, jobserver, 1, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OK(libsched_jobserver_release(jobserver, token));
  CHECK_OK(libsched_jobserver_release(jobserver, check_take(jobserver)));
  libsched_jobserver_unref(jobserver);
  CHECK_FDS(fds);
}

/* --- what takes its place --- */

CASE(fallback_is_a_jobserver_of_its_own) {
  int fds = check_fds();
  libsched_jobserver *jobserver = check_inherit("-j8 --jobserver-auth=900,901", 0, 3);
  libsched_jobserver_info info = check_info(jobserver);
  uint64_t tokens[3];
  int read_fd = -1;
  int write_fd = -1;
  char text[64];
  int i;
  CHECK_STATUS(info.status, -EBADF);
  CHECK_STR(info.word, "--jobserver-auth=900,901");
  CHECK_OK(libsched_jobserver_child_fds(&read_fd, &write_fd, jobserver));
  sprintf(text, " -j3 --jobserver-auth=%d,%d", read_fd, write_fd);
  CHECK_STR(libsched_jobserver_makeflags(jobserver), text);
  CHECK_EQ(check_stats(jobserver).slots, 3);
  for (i = 0; i < 3; ++i) tokens[i] = check_take(jobserver);
  check_no_token(jobserver);
  for (i = 0; i < 3; ++i) CHECK_OK(libsched_jobserver_release(jobserver, tokens[i]));
  CHECK_EQ(check_stats(jobserver).available, 2);
  libsched_jobserver_unref(jobserver);
  CHECK_FDS(fds);
}

CASE(fallback_of_one_is_none) {
  libsched_jobserver *jobserver = check_inherit("", 0, 1);
  CHECK(libsched_jobserver_makeflags(jobserver) == 0);
  CHECK_EQ(check_stats(jobserver).slots, 1);
  libsched_jobserver_unref(jobserver);
}

CASE(fallback_is_not_for_one_that_works) {
  check_tokens tokens = check_tokens_new("A");
  libsched_jobserver *jobserver = check_inherit(tokens.makeflags, 0, 64);
  CHECK_STR(libsched_jobserver_makeflags(jobserver), tokens.makeflags);
  CHECK_EQ(check_stats(jobserver).slots, 9);
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "A");
}

/* The implicit slot is the caller's: nothing will ever be handed out, and nobody waits for it. */
CASE(explicit_without_a_jobserver) {
  libsched_jobserver *jobserver = check_inherit("", LIBSCHED_JOBSERVER_EXPLICIT, 0);
  uint64_t token = 77;
  CHECK_STATUS(libsched_jobserver_try_acquire(&token, jobserver), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_jobserver_acquire(&token, jobserver, LIBSCHED_FOREVER, 0),
               LIBSCHED_E_STATE);
  CHECK_EQ(token, 77);
  libsched_jobserver_unref(jobserver);
}

CASES = {RUN(nothing),
         RUN(descriptors_that_are_closed),
         RUN(disabled_ones_say_what_would_help),
         RUN(descriptors_of_a_file),
         RUN(descriptors_of_the_wrong_direction),
         RUN(fifo_that_is_missing),
         RUN(fifo_that_is_stale),
         RUN(fifo_that_is_a_file),
         RUN(device_that_is_no_server),
         RUN(fallback_is_a_jobserver_of_its_own),
         RUN(fallback_of_one_is_none),
         RUN(fallback_is_not_for_one_that_works),
         RUN(explicit_without_a_jobserver),
         CASES_END};
