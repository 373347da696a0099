/**
 * Child processes of the library, their output and their results.
 */
#ifndef CHECK_PROCESS_H
#define CHECK_PROCESS_H

#include "check_queue.h"
/* It goes first: check.h sets the feature macros. */
#include <signal.h>
#include <sys/wait.h>

#define CHECK_PATIENCE ((int64_t)CHECK_DEADLINE_S * 1000000000)

/** Options for a command of the shell, whose output goes nowhere unless they say so. */
CHECK_HELPER libsched_process_options check_command(const char *command) {
  static const char *argv[8][2];
  static int next;
  libsched_process_options options = LIBSCHED_PROCESS_OPTIONS_INIT;
  const char **words = argv[next++ % 8];
  words[0] = command;
  options.argv = words;
  options.flags = LIBSCHED_PROCESS_SHELL;
  return options;
}

/** The same, with both streams into a queue. */
CHECK_HELPER libsched_process_options check_command_into(const char *command,
                                                         libsched_queue *queue) {
  libsched_process_options options = check_command(command);
  options.stdout_to = LIBSCHED_PROCESS_QUEUE;
  options.stdout_queue = queue;
  options.stderr_to = LIBSCHED_PROCESS_QUEUE;
  options.stderr_queue = queue;
  return options;
}

CHECK_HELPER libsched_process *check_spawn_process(const char *file, int line,
                                                   const libsched_process_options *options) {
  libsched_process *process = 0;
  libsched_error *error = 0;
  int status = libsched_process_spawn(&process, options, &error);
  if (status != LIBSCHED_OK) {
    fprintf(stderr, "%s:%d: %s: %s\n", file, line, libsched_status_name(status),
            libsched_error_message(error));
    check_quit(1);
  }
  CHECK(process != 0);
  CHECK(error == 0);
  return process;
}

#define CHECK_SPAWN(options) check_spawn_process(__FILE__, __LINE__, (options))

/** What became of it; takes the reference. */
CHECK_HELPER libsched_process_result check_end(libsched_process *process) {
  libsched_process_result result = LIBSCHED_PROCESS_RESULT_INIT;
  CHECK_OK(libsched_process_wait(&result, process, CHECK_PATIENCE, 0));
  libsched_process_unref(process);
  return result;
}

/** It has ended by itself with that code, in its own time. */
CHECK_HELPER void check_exited(const char *file, int line, libsched_process *process, int code) {
  libsched_process_result result = check_end(process);
  check_eq(file, line, "state", result.state, "LIBSCHED_PROCESS_EXITED", LIBSCHED_PROCESS_EXITED);
  check_eq(file, line, "code", result.code, "wanted", code);
  CHECK_EQ(result.signal, 0);
  CHECK_EQ(result.flags & (LIBSCHED_PROCESS_TIMED_OUT | LIBSCHED_PROCESS_STOPPED), 0);
}

#define CHECK_EXITED(process, code) check_exited(__FILE__, __LINE__, (process), (code))

/** A message of output: its header, and the bytes as a string. */
typedef struct check_output {
  libsched_process_output head;
  char text[70000];
  size_t size;
} check_output;

/** Takes the next message; 0: none comes any more. */
CHECK_HELPER int check_pop_output(check_output *out, libsched_queue *queue, int64_t timeout_ns) {
  static char buffer[sizeof(check_output)];
  size_t size = 0;
  int status = libsched_queue_pop_bytes(buffer, &size, queue, sizeof(buffer), timeout_ns, 0);
  if (status != LIBSCHED_OK) return 0;
  CHECK_LE(sizeof(out->head), size);
  memcpy(&out->head, buffer, sizeof(out->head));
  out->size = size - sizeof(out->head);
  CHECK_LE(out->size + 1, sizeof(out->text));
  memcpy(out->text, buffer + sizeof(out->head), out->size);
  out->text[out->size] = 0;
  return 1;
}

/** The next message is that one. */
CHECK_HELPER void check_line(const char *file, int line, libsched_queue *queue, uint32_t stream,
                             uint32_t flags, const char *text) {
  static check_output out;
  if (!check_pop_output(&out, queue, (int64_t)CHECK_DEADLINE_S * 1000000000)) {
    check_fail(file, line, "there is a message");
  }
  check_str(file, line, "the message", out.text, "wanted", text);
  check_eq(file, line, "stream", out.head.stream, "wanted", stream);
  check_eq(file, line, "flags", out.head.flags, "wanted", flags);
}

#define CHECK_OUT(queue, flags, text) \
  check_line(__FILE__, __LINE__, (queue), LIBSCHED_PROCESS_STDOUT, (flags), (text))
#define CHECK_ERR(queue, flags, text) \
  check_line(__FILE__, __LINE__, (queue), LIBSCHED_PROCESS_STDERR, (flags), (text))

/** The spawn fails like that, with a text that begins so and has a part. The child is no zombie. */
CHECK_HELPER void check_refused(const char *file, int line, const libsched_process_options *options,
                                int want, const char *begin, const char *part) {
  libsched_process *process = (libsched_process *)UNTOUCHED;
  libsched_error *error = 0;
  check_status(file, line, "spawn", libsched_process_spawn(&process, options, &error), want);
  CHECK(process == 0);
  check_status(file, line, "error", libsched_error_status(error), want);
  if (strncmp(libsched_error_message(error), begin, strlen(begin)) != 0 ||
      strstr(libsched_error_message(error), part) == 0) {
    fprintf(stderr, "%s:%d: the message is \"%s\"\n", file, line, libsched_error_message(error));
    check_quit(1);
  }
  libsched_error_free(error);
  check_status(file, line, "spawn without details", libsched_process_spawn(&process, options, 0),
               want);
  check_eq(file, line, "waitpid", waitpid(-1, 0, WNOHANG | __WALL), "-1", -1);
}

#define CHECK_REFUSED(options, status, begin, part) \
  check_refused(__FILE__, __LINE__, (options), (status), (begin), (part))

/** Nothing of ours is left: neither running nor a zombie. */
CHECK_HELPER void check_no_child(void) {
  CHECK_EQ(waitpid(-1, 0, WNOHANG | __WALL), -1);
  CHECK_EQ(errno, ECHILD);
}

CHECK_HELPER int is_alive(int64_t pid) { return kill((pid_t)pid, 0) == 0; }

/** Shells report there what signals have ended. */
CHECK_HELPER libsched_process_options without_errors(libsched_process_options options) {
  options.stderr_to = LIBSCHED_PROCESS_NULL;
  options.stderr_queue = 0;
  return options;
}

/** A number in the next message. */
CHECK_HELPER int64_t pop_number(libsched_queue *queue) {
  CHECK_HELPER check_output out;
  CHECK(check_pop_output(&out, queue, (int64_t)CHECK_DEADLINE_S * 1000000000));
  return atol(out.text);
}

#endif
