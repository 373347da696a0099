/* What is found in make's flags, and which variable and word count. */
#include "check_jobserver.h"

/* --- the words --- */

typedef struct row {
  const char *text; /* %s stands for "R,W", %r and %w for single ones, %f for a fifo's path */
  uint32_t kind;
  int status;
  const char *word; /* the same */
  uint32_t jobs;
  uint32_t dry_run;
} row;

static check_tokens tokens;
static char fifo[64];

/* The text with the placeholders filled in. */
static const char *fill(char *out, const char *text) {
  char *at = out;
  for (; *text != 0; ++text) {
    if (text[0] != '%') {
      *at++ = *text;
      continue;
    }
    ++text;
    if (*text == 's') at += sprintf(at, "%d,%d", tokens.read_fd, tokens.write_fd);
    if (*text == 'r') at += sprintf(at, "%d", tokens.read_fd);
    if (*text == 'w') at += sprintf(at, "%d", tokens.write_fd);
    if (*text == 'f') at += sprintf(at, "%s", fifo);
  }
  *at = 0;
  return out;
}

static const row rows[] = {
    /* Nothing is named. */
    {"", LIBSCHED_JOBSERVER_NONE, LIBSCHED_E_EMPTY, "", 0, 0},
    {" -j5", LIBSCHED_JOBSERVER_NONE, LIBSCHED_E_EMPTY, "", 5, 0},
    {"kn", LIBSCHED_JOBSERVER_NONE, LIBSCHED_E_EMPTY, "", 0, 1},
    {" -- X=--jobserver-auth=%s", LIBSCHED_JOBSERVER_NONE, LIBSCHED_E_EMPTY, "", 0, 0},
    {"--jobserver-authority=%s", LIBSCHED_JOBSERVER_NONE, LIBSCHED_E_EMPTY, "", 0, 0},
    /* Pipes. */
    {" -j3 --jobserver-auth=%s", LIBSCHED_JOBSERVER_PIPE, LIBSCHED_OK, "--jobserver-auth=%s", 3, 0},
    {" --jobserver-fds=%s -j", LIBSCHED_JOBSERVER_PIPE, LIBSCHED_OK, "--jobserver-fds=%s", 0, 0},
    {"kn -j3 --jobserver-auth=%s", LIBSCHED_JOBSERVER_PIPE, LIBSCHED_OK, "--jobserver-auth=%s", 3,
     1},
    {"-J %s", LIBSCHED_JOBSERVER_PIPE, LIBSCHED_OK, "-J %s", 0, 0},
    {" -j2 --jobserver-auth=%s -- X=--jobserver-auth=900,901", LIBSCHED_JOBSERVER_PIPE, LIBSCHED_OK,
     "--jobserver-auth=%s", 2, 0},
    {"--jobserver-auth=900,901 --jobserver-auth=%s", LIBSCHED_JOBSERVER_PIPE, LIBSCHED_OK,
     "--jobserver-auth=%s", 0, 0},
    {"--jobserver-auth=%s --jobserver-auth=900,901", LIBSCHED_JOBSERVER_PIPE, -EBADF,
     "--jobserver-auth=900,901", 0, 0},
    /* Fifos. */
    {" -j3 --jobserver-auth=fifo:%f", LIBSCHED_JOBSERVER_FIFO, LIBSCHED_OK,
     "--jobserver-auth=fifo:%f", 3, 0},
    {"--jobserver-fds=fifo:%f", LIBSCHED_JOBSERVER_FIFO, LIBSCHED_OK, "--jobserver-fds=fifo:%f", 0,
     0},
    /* auth before fds, unless it cannot be used. */
    {"--jobserver-auth=%s --jobserver-fds=900,901", LIBSCHED_JOBSERVER_PIPE, LIBSCHED_OK,
     "--jobserver-auth=%s", 0, 0},
    {"--jobserver-fds=%s --jobserver-auth=fifo:/missing", LIBSCHED_JOBSERVER_PIPE, LIBSCHED_OK,
     "--jobserver-fds=%s", 0, 0},
    {"--jobserver-auth=what --jobserver-fds=%s", LIBSCHED_JOBSERVER_PIPE, LIBSCHED_OK,
     "--jobserver-fds=%s", 0, 0},
    {"--jobserver-auth= --jobserver-fds=%s", LIBSCHED_JOBSERVER_PIPE, LIBSCHED_OK,
     "--jobserver-fds=%s", 0, 0},
    {"--jobserver-auth=900,901 --jobserver-fds=902,903", LIBSCHED_JOBSERVER_PIPE, -EBADF,
     "--jobserver-auth=900,901", 0, 0},
    {"--jobserver-auth=900,901 --jobserver-fds=what", LIBSCHED_JOBSERVER_PIPE, -EBADF,
     "--jobserver-auth=900,901", 0, 0},
    /* make keeps it from this process, whatever else is there. */
    {" -j2 --jobserver-auth=%s --jobserver-auth=-2,-2", LIBSCHED_JOBSERVER_DISABLED,
     LIBSCHED_E_EMPTY, "--jobserver-auth=-2,-2", 2, 0},
    {"--jobserver-fds=%s --jobserver-auth=-2,-2", LIBSCHED_JOBSERVER_DISABLED, LIBSCHED_E_EMPTY,
     "--jobserver-auth=-2,-2", 0, 0},
    {"--jobserver-auth=%r,-1", LIBSCHED_JOBSERVER_DISABLED, LIBSCHED_E_EMPTY,
     "--jobserver-auth=%r,-1", 0, 0},
    /* What is not known, and what is wrong. */
    {"--jobserver-auth=gmake_semaphore_7", LIBSCHED_JOBSERVER_UNSUPPORTED, -EPROTONOSUPPORT,
     "--jobserver-auth=gmake_semaphore_7", 0, 0},
    {"--jobserver-auth=", LIBSCHED_JOBSERVER_MALFORMED, -EINVAL, "--jobserver-auth=", 0, 0},
    {"--jobserver-auth=%r,", LIBSCHED_JOBSERVER_MALFORMED, -EINVAL, "--jobserver-auth=%r,", 0, 0},
    {"--jobserver-auth=%sjunk", LIBSCHED_JOBSERVER_MALFORMED, -EINVAL, "--jobserver-auth=%sjunk", 0,
     0},
    {"--jobserver-fds=fifo:", LIBSCHED_JOBSERVER_MALFORMED, -EINVAL, "--jobserver-fds=fifo:", 0, 0},
    {"-J", LIBSCHED_JOBSERVER_MALFORMED, -EINVAL, "-J ", 0, 0}};

static void set_up(void) {
  tokens = check_tokens_new("A");
  sprintf(fifo, "/tmp/libsched-test-%ld", (long)getpid());
  CHECK_EQ(mkfifo(fifo, 0600), 0);
}

CASE(each_word) {
  size_t i;
  int keeps_it_alive;
  set_up();
  keeps_it_alive = open(fifo, O_RDWR | O_NONBLOCK);
  for (i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    char text[256];
    char word[256];
    libsched_jobserver *jobserver = check_inherit(fill(text, rows[i].text), 0, 0);
    libsched_jobserver_info info = check_info(jobserver);
    printf("%s: %s\n", text, info.message);
    fflush(stdout);
    CHECK_EQ(info.kind, rows[i].kind);
    CHECK_STATUS(info.status, rows[i].status);
    CHECK_STR(info.word, fill(word, rows[i].word));
    CHECK_EQ(info.jobs, rows[i].jobs);
    CHECK_EQ(info.dry_run, rows[i].dry_run);
    CHECK_STR(info.variable, "");
    CHECK_EQ(info.message[0] == 0, rows[i].status == LIBSCHED_OK);
    /* What is wrong is named. */
    if (rows[i].status != LIBSCHED_OK && info.kind >= LIBSCHED_JOBSERVER_DISABLED) {
      CHECK(strstr(info.message, info.word) != 0);
    }
    if (rows[i].status == LIBSCHED_OK) {
      CHECK_STR(libsched_jobserver_makeflags(jobserver), text);
      CHECK_EQ(check_stats(jobserver).slots, rows[i].jobs);
    } else {
      CHECK(libsched_jobserver_makeflags(jobserver) == 0);
      CHECK_EQ(check_stats(jobserver).slots, 1);
    }
    libsched_jobserver_unref(jobserver);
  }
  close(keeps_it_alive);
  CHECK_EQ(unlink(fifo), 0);
  check_tokens_end(&tokens, "A");
}

/* --- LAST_WINS --- */

static void check_last(const char *text, uint64_t flags, const char *word, int status) {
  char filled[256];
  libsched_jobserver *jobserver = check_inherit(fill(filled, text), flags, 0);
  libsched_jobserver_info info = check_info(jobserver);
  CHECK_STATUS(info.status, status);
  CHECK_STR(info.word, fill(filled, word));
  libsched_jobserver_unref(jobserver);
}

CASE(last_wins_is_an_option) {
  uint64_t last = LIBSCHED_JOBSERVER_LAST_WINS;
  set_up();
  check_last("--jobserver-fds=%s --jobserver-auth=900,901", last, "--jobserver-auth=900,901",
             -EBADF);
  check_last("--jobserver-auth=%s --jobserver-fds=900,901", last, "--jobserver-fds=900,901",
             -EBADF);
  check_last("--jobserver-auth=900,901 --jobserver-fds=%s", last, "--jobserver-fds=%s",
             LIBSCHED_OK);
  check_last("--jobserver-auth=fifo:/missing --jobserver-fds=%s", last, "--jobserver-fds=%s",
             LIBSCHED_OK);
  check_last("--jobserver-auth=%s --jobserver-fds=-2,-2", last, "--jobserver-fds=-2,-2",
             LIBSCHED_E_EMPTY);
  check_last("--jobserver-auth=%s --jobserver-fds=-2,-2", 0, "--jobserver-auth=%s", LIBSCHED_OK);
  CHECK_EQ(unlink(fifo), 0);
  check_tokens_end(&tokens, "A");
}

/* --- the variables --- */

static void forget_variables(void) {
  unsetenv("CARGO_MAKEFLAGS");
  unsetenv("MAKEFLAGS");
  unsetenv("MFLAGS");
}

static void check_found(const char *variable, int status) {
  libsched_jobserver *jobserver = 0;
  libsched_jobserver_info info;
  CHECK_OK(libsched_jobserver_inherit(&jobserver, 0, 0));
  info = check_info(jobserver);
  CHECK_STR(info.variable, variable);
  CHECK_STATUS(info.status, status);
  libsched_jobserver_unref(jobserver);
}

CASE(first_variable_that_exists) {
  set_up();
  forget_variables();
  check_found("", LIBSCHED_E_EMPTY);
  setenv("MFLAGS", tokens.makeflags, 1);
  check_found("MFLAGS", LIBSCHED_OK);
  setenv("MAKEFLAGS", tokens.makeflags, 1);
  check_found("MAKEFLAGS", LIBSCHED_OK);
  setenv("CARGO_MAKEFLAGS", tokens.makeflags, 1);
  check_found("CARGO_MAKEFLAGS", LIBSCHED_OK);
  /* It counts even if it names no jobserver. */
  setenv("CARGO_MAKEFLAGS", "", 1);
  check_found("CARGO_MAKEFLAGS", LIBSCHED_E_EMPTY);
  unsetenv("CARGO_MAKEFLAGS");
  setenv("MAKEFLAGS", "k", 1);
  check_found("MAKEFLAGS", LIBSCHED_E_EMPTY);
  CHECK_EQ(unlink(fifo), 0);
  check_tokens_end(&tokens, "A");
}

CASE(a_given_text_goes_before_the_variables) {
  libsched_jobserver *jobserver;
  set_up();
  setenv("CARGO_MAKEFLAGS", tokens.makeflags, 1);
  setenv("MAKEFLAGS", tokens.makeflags, 1);
  jobserver = check_inherit("", 0, 0);
  CHECK_STATUS(check_info(jobserver).status, LIBSCHED_E_EMPTY);
  CHECK_STR(check_info(jobserver).variable, "");
  libsched_jobserver_unref(jobserver);
  CHECK_EQ(unlink(fifo), 0);
  check_tokens_end(&tokens, "A");
}

/* The strings of the info do not depend on the environment any more. */
CASE(info_outlives_the_variable) {
  libsched_jobserver *jobserver = 0;
  forget_variables();
  setenv("MAKEFLAGS", "-j2 --jobserver-auth=x", 1);
  CHECK_OK(libsched_jobserver_inherit(&jobserver, 0, 0));
  setenv("MAKEFLAGS", "another text that is longer than the first one", 1);
  unsetenv("MAKEFLAGS");
  CHECK_STR(check_info(jobserver).variable, "MAKEFLAGS");
  CHECK_STR(check_info(jobserver).word, "--jobserver-auth=x");
  libsched_jobserver_unref(jobserver);
}

CASES = {RUN(each_word),
         RUN(last_wins_is_an_option),
         RUN(first_variable_that_exists),
         RUN(a_given_text_goes_before_the_variables),
         RUN(info_outlives_the_variable),
         CASES_END};
