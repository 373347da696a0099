/* Serving tokens: the styles, what children get, and how many there can be. */
#include "check_jobserver.h"
/* It goes first: check.h sets the feature macros. */
#include "check_fork.h"

enum { EXPLICIT = LIBSCHED_JOBSERVER_EXPLICIT };

static const uint32_t styles[] = {LIBSCHED_JOBSERVER_PIPE, LIBSCHED_JOBSERVER_FIFO,
                                  LIBSCHED_JOBSERVER_BOTH};

/* The path in "...fifo:PATH..." */
static char *fifo_of(libsched_jobserver *jobserver) {
  static char path[256];
  const char *at = strstr(libsched_jobserver_makeflags(jobserver), "fifo:");
  CHECK(at != 0);
  CHECK_EQ(sscanf(at + 5, "%255[^ ]", path), 1);
  return path;
}

static int mode_of(const char *path) {
  struct stat status;
  CHECK_EQ(stat(path, &status), 0);
  return (int)(status.st_mode & 07777);
}

CASE(a_pipe) {
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, 0);
  int read_fd = -1;
  int write_fd = -1;
  char text[64];
  char bytes[8];
  CHECK_OK(libsched_jobserver_child_fds(&read_fd, &write_fd, jobserver));
  sprintf(text, " -j4 --jobserver-auth=%d,%d", read_fd, write_fd);
  CHECK_STR(libsched_jobserver_makeflags(jobserver), text);
  /* Nobody inherits them by accident, and reading waits, as the protocol has it. */
  CHECK_EQ(fcntl(read_fd, F_GETFD), FD_CLOEXEC);
  CHECK_EQ(fcntl(write_fd, F_GETFD), FD_CLOEXEC);
  CHECK_EQ(fcntl(read_fd, F_GETFL) & O_NONBLOCK, 0);
  CHECK_EQ(fcntl(write_fd, F_GETFL) & O_NONBLOCK, 0);
  /* One byte for each slot but this process' own. */
  CHECK_EQ(read(read_fd, bytes, sizeof(bytes)), 3);
  CHECK_EQ(write(write_fd, bytes, 3), 3);
  CHECK_STATUS(check_info(jobserver).status, LIBSCHED_E_EMPTY);
  CHECK_EQ(check_info(jobserver).kind, LIBSCHED_JOBSERVER_NONE);
  libsched_jobserver_unref(jobserver);
}

CASE(a_fifo) {
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_FIFO, 0);
  char *path = fifo_of(jobserver);
  char text[400];
  char folder[256];
  int read_fd = -77;
  int write_fd = -77;
  sprintf(text, " -j4 --jobserver-auth=fifo:%s", path);
  CHECK_STR(libsched_jobserver_makeflags(jobserver), text);
  CHECK_OK(libsched_jobserver_child_fds(&read_fd, &write_fd, jobserver));
  CHECK_EQ(read_fd, -1);
  CHECK_EQ(write_fd, -1);
  CHECK_EQ(mode_of(path), 0600);
  strcpy(folder, path);
  *strrchr(folder, '/') = 0;
  CHECK_EQ(mode_of(folder), 0700);
  libsched_jobserver_unref(jobserver);
  CHECK_EQ(access(folder, F_OK), -1);
}

/* Both names lead to one pool. */
CASE(both_styles) {
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_BOTH, EXPLICIT);
  char *path = fifo_of(jobserver);
  char text[400];
  char byte = 0;
  int read_fd = -1;
  int write_fd = -1;
  int fd = open(path, O_RDWR | O_NONBLOCK);
  CHECK_LE(0, fd);
  CHECK_OK(libsched_jobserver_child_fds(&read_fd, &write_fd, jobserver));
  sprintf(text, " -j4 --jobserver-auth=fifo:%s --jobserver-fds=%d,%d", path, read_fd, write_fd);
  CHECK_STR(libsched_jobserver_makeflags(jobserver), text);
  CHECK_EQ(fcntl(read_fd, F_GETFL) & O_NONBLOCK, 0);
  CHECK_EQ(fcntl(read_fd, F_GETFD), FD_CLOEXEC);
  CHECK_EQ(fcntl(write_fd, F_GETFD), FD_CLOEXEC);
  CHECK_EQ(check_stats(jobserver).available, 3);
  CHECK_EQ(read(fd, &byte, 1), 1);
  CHECK_EQ(read(read_fd, &byte, 1), 1);
  check_take(jobserver);
  check_no_token(jobserver);
  CHECK_EQ(write(write_fd, &byte, 1), 1);
  CHECK_EQ(read(fd, &byte, 1), 1);
  close(fd);
  libsched_jobserver_unref(jobserver);
}

CASE(all_slots_and_no_more) {
  size_t style;
  for (style = 0; style < 3; ++style) {
    int fds = check_fds();
    libsched_jobserver *jobserver = check_serve(5, styles[style], 0);
    uint64_t tokens[5];
    int i;
    CHECK_EQ(check_stats(jobserver).slots, 5);
    for (i = 0; i < 5; ++i) tokens[i] = check_take(jobserver);
    check_no_token(jobserver);
    for (i = 0; i < 5; ++i) CHECK_OK(libsched_jobserver_release(jobserver, tokens[i]));
    CHECK_EQ(check_stats(jobserver).available, 4);
    libsched_jobserver_unref(jobserver);
    CHECK_FDS(fds);
  }
}

CASE(a_client_of_our_own) {
  size_t style;
  for (style = 0; style < 3; ++style) {
    libsched_jobserver *server = check_serve(3, styles[style], EXPLICIT);
    libsched_jobserver *client = check_inherit(libsched_jobserver_makeflags(server), EXPLICIT, 0);
    check_taker taker;
    uint64_t token = check_take(client);
    CHECK_STATUS(check_info(client).status, LIBSCHED_OK);
    CHECK_EQ(check_stats(client).slots, 3);
    check_take(server);
    check_no_token(server);
    check_taker_start(&taker, server, LIBSCHED_FOREVER, 0);
    CHECK_OK(libsched_jobserver_release(client, token));
    CHECK_OK(check_taker_end(&taker));
    libsched_jobserver_unref(client);
    libsched_jobserver_unref(server);
  }
}

CASE(slots_beyond_the_usual_pipe) {
  enum { SLOTS = 65001 };
  libsched_jobserver *jobserver = check_serve(SLOTS, LIBSCHED_JOBSERVER_PIPE, 0);
  uint64_t *tokens = (uint64_t *)malloc(SLOTS * sizeof(uint64_t));
  int i;
  CHECK(tokens != 0);
  for (i = 0; i < SLOTS; ++i) tokens[i] = check_take(jobserver);
  check_no_token(jobserver);
  CHECK_EQ(check_stats(jobserver).held, SLOTS - 1);
  CHECK_EQ(check_stats(jobserver).available, 0);
  for (i = 0; i < SLOTS; ++i) CHECK_OK(libsched_jobserver_release(jobserver, tokens[i]));
  for (i = 0; i < SLOTS; ++i) {
    CHECK_STATUS(libsched_jobserver_release(jobserver, tokens[i]), LIBSCHED_E_STALE);
  }
  CHECK_EQ(check_stats(jobserver).available, SLOTS - 1);
  CHECK_EQ(check_stats(jobserver).lost, 0);
  libsched_jobserver_unref(jobserver);
  free(tokens);
}

CASE(too_many_slots) {
  size_t style;
  for (style = 0; style < 3; ++style) {
    int fds = check_fds();
    libsched_jobserver *jobserver = (libsched_jobserver *)UNTOUCHED;
    libsched_error *error = 0;
    CHECK_STATUS(libsched_jobserver_serve(&jobserver, 0xffffffffu, styles[style], 0, &error),
                 LIBSCHED_E_RANGE);
    CHECK(jobserver == 0);
    CHECK(strstr(libsched_error_message(error), "4294967295 slots are too many") != 0);
    libsched_error_free(error);
    CHECK_FDS(fds);
  }
}

/* --- the environment of a child --- */

static const char *value_of(char **envp, const char *name) {
  size_t n = strlen(name);
  const char *found = 0;
  for (; *envp != 0; ++envp) {
    if (strncmp(*envp, name, n) != 0 || (*envp)[n] != '=') continue;
    CHECK(found == 0);
    found = *envp + n + 1;
  }
  return found;
}

static int length_of(char **envp) {
  int n = 0;
  while (envp[n] != 0) ++n;
  return n;
}

CASE(envp_names_one_jobserver) {
  static const char *const base[] = {"A=1",         "MAKEFLAGS=-j9 --jobserver-auth=90,91",
                                     "MFLAGS=-j9",  "CARGO_MAKEFLAGS=-j",
                                     "MAKEFLAGSX=", "XMAKEFLAGS=",
                                     "A=2",         0};
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, 0);
  char **envp = 0;
  CHECK_OK(libsched_jobserver_envp(&envp, jobserver, base));
  CHECK_EQ(length_of(envp), 5);
  CHECK_STR(value_of(envp, "MAKEFLAGS"), libsched_jobserver_makeflags(jobserver));
  CHECK(value_of(envp, "MFLAGS") == 0);
  CHECK(value_of(envp, "CARGO_MAKEFLAGS") == 0);
  CHECK_STR(envp[0], "A=1");
  CHECK_STR(value_of(envp, "MAKEFLAGSX"), "");
  CHECK_STR(value_of(envp, "XMAKEFLAGS"), "");
  CHECK_STR(envp[3], "A=2");
  libsched_envp_free(envp);
  libsched_envp_free(0);
  libsched_jobserver_unref(jobserver);
}

CASE(envp_of_this_process) {
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, 0);
  char **envp = 0;
  setenv("MFLAGS", "-j9", 1);
  setenv("SOME_VARIABLE", "some text", 1);
  CHECK_OK(libsched_jobserver_envp(&envp, jobserver, 0));
  /* It outlives both. */
  unsetenv("SOME_VARIABLE");
  libsched_jobserver_unref(jobserver);
  CHECK_STR(value_of(envp, "SOME_VARIABLE"), "some text");
  CHECK(value_of(envp, "MAKEFLAGS") != 0);
  CHECK(value_of(envp, "MFLAGS") == 0);
  libsched_envp_free(envp);
}

CASE(envp_of_a_process_without_any) {
  static const char *const base[] = {0};
  libsched_jobserver *jobserver = check_serve(4, LIBSCHED_JOBSERVER_PIPE, 0);
  char **envp = 0;
  CHECK_OK(libsched_jobserver_envp(&envp, jobserver, base));
  CHECK_EQ(length_of(envp), 1);
  libsched_envp_free(envp);
  CHECK_EQ(clearenv(), 0);
  CHECK_OK(libsched_jobserver_envp(&envp, jobserver, 0));
  CHECK_EQ(length_of(envp), 1);
  CHECK_STR(value_of(envp, "MAKEFLAGS"), libsched_jobserver_makeflags(jobserver));
  libsched_envp_free(envp);
  libsched_jobserver_unref(jobserver);
}

CASE(envp_without_a_jobserver_is_a_copy) {
  static const char *const base[] = {"MAKEFLAGS=k", "CARGO_MAKEFLAGS=-j", 0};
  libsched_jobserver *jobserver = check_inherit("", 0, 0);
  char **envp = 0;
  CHECK_OK(libsched_jobserver_envp(&envp, jobserver, base));
  CHECK_EQ(length_of(envp), 2);
  CHECK_STR(value_of(envp, "MAKEFLAGS"), "k");
  CHECK_STR(value_of(envp, "CARGO_MAKEFLAGS"), "-j");
  libsched_envp_free(envp);
  libsched_jobserver_unref(jobserver);
}

/* What was found is passed on as it was. */
CASE(envp_of_an_inherited_one) {
  static const char *const base[] = {"A=1", 0};
  check_tokens tokens = check_tokens_new("A");
  char text[128];
  libsched_jobserver *jobserver;
  char **envp = 0;
  int read_fd = -1;
  int write_fd = -1;
  sprintf(text, "ks%s -- FOO=bar", tokens.makeflags);
  jobserver = check_inherit(text, 0, 0);
  CHECK_OK(libsched_jobserver_envp(&envp, jobserver, base));
  CHECK_STR(value_of(envp, "MAKEFLAGS"), text);
  libsched_envp_free(envp);
  CHECK_OK(libsched_jobserver_child_fds(&read_fd, &write_fd, jobserver));
  CHECK_EQ(read_fd, tokens.read_fd);
  CHECK_EQ(write_fd, tokens.write_fd);
  libsched_jobserver_unref(jobserver);
  check_tokens_end(&tokens, "A");
}

CASES = {RUN(a_pipe),
         RUN(a_fifo),
         RUN(both_styles),
         RUN(all_slots_and_no_more),
         RUN(a_client_of_our_own),
         RUN(slots_beyond_the_usual_pipe),
         RUN(too_many_slots),
         RUN(envp_names_one_jobserver),
         RUN(envp_of_this_process),
         RUN(envp_of_a_process_without_any),
         RUN(envp_without_a_jobserver_is_a_copy),
         RUN(envp_of_an_inherited_one),
         CASES_END};
