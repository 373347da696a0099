/* Output on its way into queues: lines and chunks, bounds, and who waits for whom. */
#include "check_process.h"
/* It goes first: check.h sets the feature macros. */
#include <sys/stat.h>

#define PATIENCE ((int64_t)CHECK_DEADLINE_S * 1000000000)

CASE(lines_come_without_their_newlines) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into("printf 'one\\n\\nthree'", queue);
  libsched_process_result result;
  static check_output out;
  options.tag = 123456789012345;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.bytes_read, 10);
  CHECK_EQ(result.flags, 0);
  CHECK(check_pop_output(&out, queue, 0));
  CHECK_EQ(out.head.tag, 123456789012345);
  CHECK_STR(out.text, "one");
  CHECK_OUT(queue, 0, "");
  CHECK_OUT(queue, LIBSCHED_PROCESS_UNFINISHED, "three");
  CHECK_EQ(check_queue_len(queue), 0);
  libsched_queue_unref(queue);
}

CASE(long_lines_come_in_parts) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options =
      check_command_into("printf 'abcd\\nabcde\\nabcdefgh\\nabcdefghi\\n\\nabcde'", queue);
  options.max_line = 4;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
  CHECK_OUT(queue, 0, "abcd");
  CHECK_OUT(queue, LIBSCHED_PROCESS_CONTINUES, "abcd");
  CHECK_OUT(queue, 0, "e");
  CHECK_OUT(queue, LIBSCHED_PROCESS_CONTINUES, "abcd");
  CHECK_OUT(queue, 0, "efgh");
  CHECK_OUT(queue, LIBSCHED_PROCESS_CONTINUES, "abcd");
  CHECK_OUT(queue, LIBSCHED_PROCESS_CONTINUES, "efgh");
  CHECK_OUT(queue, 0, "i");
  CHECK_OUT(queue, 0, "");
  CHECK_OUT(queue, LIBSCHED_PROCESS_CONTINUES, "abcd");
  CHECK_OUT(queue, LIBSCHED_PROCESS_UNFINISHED, "e");
  CHECK_EQ(check_queue_len(queue), 0);
  libsched_queue_unref(queue);
}

/* Lines of all lengths around those of the buffer come whole, byte for byte. */
CASE(lines_of_all_lengths_are_whole) {
  static const uint64_t limits[] = {0, 37, 100, 20000, 1 << 24};
  size_t i;
  for (i = 0; i < sizeof(limits) / sizeof(limits[0]); ++i) {
    libsched_queue *queue = check_queue_bytes(7, 0);
    libsched_process_options options = check_command_into(
        "n=0; while [ $n -lt 40 ]; do head -c $((n * 2477 % 40000)) /dev/zero | tr \"\\0\" x; "
        "echo $((n % 10)); n=$((n + 1)); done",
        queue);
    libsched_process *process;
    static check_output out;
    int64_t line = 0;
    int64_t length = 0;
    const int64_t longest = limits[i] != 0 ? (int64_t)limits[i] : LIBSCHED_PROCESS_MAX_LINE;
    options.max_line = limits[i];
    process = CHECK_SPAWN(&options);
    while (line < 40 && check_pop_output(&out, queue, PATIENCE)) {
      CHECK_LE((int64_t)out.size, longest);
      length += (int64_t)out.size;
      if (out.head.flags == LIBSCHED_PROCESS_CONTINUES) {
        CHECK_EQ(out.size, longest);
        continue;
      }
      CHECK_EQ(out.head.flags, 0);
      CHECK_EQ(length, line * 2477 % 40000 + 1);
      CHECK_EQ(out.text[out.size - 1], '0' + line % 10);
      ++line;
      length = 0;
    }
    CHECK_EQ(line, 40);
    CHECK_EXITED(process, 0);
    libsched_queue_unref(queue);
  }
}

CASE(chunks_are_all_the_bytes) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into(
      "i=0; while [ $i -lt 1000 ]; do printf 'line %04d\\n\\n' $i; i=$((i + 1)); done", queue);
  libsched_process_result result;
  static check_output out;
  static char all[11001];
  size_t size = 0;
  int i;
  options.flags |= LIBSCHED_PROCESS_CHUNKS;
  options.max_line = 300;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.bytes_read, 11000);
  while (check_pop_output(&out, queue, 0)) {
    CHECK_EQ(out.head.flags, 0);
    CHECK_LE(1, out.size);
    CHECK_LE(out.size, 300);
    CHECK_LE(size + out.size, sizeof(all));
    memcpy(all + size, out.text, out.size);
    size += out.size;
  }
  CHECK_EQ(size, 11000);
  for (i = 0; i < 1000; ++i) {
    char line[24];
    sprintf(line, "line %04d\n\n", i);
    CHECK_EQ(memcmp(all + i * 11, line, 11), 0);
  }
  libsched_queue_unref(queue);
}

/* A bound of bytes holds for the longest part, headers counted. */
CASE(byte_bounds_cut_parts) {
  libsched_queue *queue = check_queue_bytes(0, 20);
  libsched_process_options options = check_command_into("echo abcdefghi; echo abcd", queue);
  libsched_process *process = CHECK_SPAWN(&options);
  CHECK_OUT(queue, LIBSCHED_PROCESS_CONTINUES, "abcd");
  CHECK_OUT(queue, LIBSCHED_PROCESS_CONTINUES, "efgh");
  CHECK_OUT(queue, 0, "i");
  CHECK_OUT(queue, 0, "abcd");
  CHECK_EXITED(process, 0);
  libsched_queue_unref(queue);
}

CASE(output_is_limited) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into("echo abc; echo defgh; echo ij", queue);
  libsched_process_result result;
  options.max_output = 6;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.state, LIBSCHED_PROCESS_EXITED);
  CHECK_EQ(result.code, 0);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_DROPPED);
  CHECK_EQ(result.bytes_read, 13);
  CHECK_EQ(result.bytes_dropped, 7);
  CHECK_OUT(queue, 0, "abc");
  CHECK_OUT(queue, LIBSCHED_PROCESS_CUT, "de");
  CHECK_EQ(check_queue_len(queue), 0);

  options.max_output = 4; /* at the end of a line */
  CHECK_EQ(check_end(CHECK_SPAWN(&options)).bytes_dropped, 9);
  CHECK_OUT(queue, 0, "abc");
  CHECK_OUT(queue, LIBSCHED_PROCESS_CUT, "");
  CHECK_EQ(check_queue_len(queue), 0);

  options.max_output = 13; /* all of it */
  CHECK_EQ(check_end(CHECK_SPAWN(&options)).flags, 0);
  CHECK_EQ(check_queue_len(queue), 3);

  options = check_command_into("yes | head -c 3000000; echo done >&2", queue);
  options.stderr_to = LIBSCHED_PROCESS_NULL;
  options.stderr_queue = 0;
  options.flags |= LIBSCHED_PROCESS_CHUNKS;
  options.max_output = 100;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.bytes_read, 3000000);
  CHECK_EQ(result.bytes_dropped, 2999900);
  libsched_queue_unref(queue);
}

/* Whether the child waits for its pipe. */
static int is_blocked_writing(libsched_process *process) {
  char path[64];
  char text[64];
  size_t n;
  FILE *file;
  int64_t pid = 0;
  CHECK_OK(libsched_process_pid(&pid, process));
  sprintf(path, "/proc/%ld/wchan", (long)pid);
  file = fopen(path, "r");
  if (file == 0) return 0;
  n = fread(text, 1, sizeof(text) - 1, file);
  text[n] = 0;
  fclose(file);
  return strstr(text, "pipe_write") != 0;
}

/* One floods, one is quick, nobody pops: the flood waits, the other's output, end and timeout do not. */
CASE(floods_stop_nobody_else) {
  static const char *argv[] = {"yes", "0123456789", 0};
  libsched_queue *full = check_queue_bytes(10, 0);
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_queue *done = check_queue_new(0);
  libsched_process_options options = LIBSCHED_PROCESS_OPTIONS_INIT;
  libsched_process *flood;
  libsched_process_result result;
  void *tag = 0;
  int i;
  options.argv = argv;
  options.stdout_to = LIBSCHED_PROCESS_QUEUE;
  options.stdout_queue = full;
  flood = CHECK_SPAWN(&options);
  CHECK_UNTIL(check_queue_len(full) == 10);
  CHECK_UNTIL(is_blocked_writing(flood));
  for (i = 0; i < 20; ++i) {
    libsched_process *quick;
    options = check_command_into("echo quick", queue);
    options.done = done;
    options.tag = (uint64_t)i;
    quick = CHECK_SPAWN(&options);
    CHECK_OUT(queue, 0, "quick");
    CHECK_OK(libsched_queue_pop(&tag, done, PATIENCE, 0));
    CHECK_EQ(VALUE(tag), i);
    CHECK_EXITED(quick, 0);
  }
  options = check_command("sleep 1000");
  options.timeout_ns = 1;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_TIMED_OUT);
  CHECK_EQ(check_queue_len(full), 10);
  CHECK(is_blocked_writing(flood));

  /* What it says is still whole, and comes as fast as it is taken. */
  for (i = 0; i < 30000; ++i) CHECK_OUT(full, 0, "0123456789");
  CHECK_OK(libsched_process_kill(flood, SIGKILL));
  libsched_queue_unref(full);
  result = check_end(flood);
  CHECK_EQ(result.signal, SIGKILL);
  libsched_queue_unref(queue);
  libsched_queue_unref(done);
}

/* Many of them and one narrow queue: each gets its turn, with nobody's line lost. */
CASE(many_share_a_narrow_queue) {
  enum { kProcesses = 12, kLines = 60 };
  libsched_queue *queue = check_queue_bytes(1, 0);
  libsched_process *processes[kProcesses];
  static check_output out;
  int next[kProcesses];
  int i;
  for (i = 0; i < kProcesses; ++i) {
    libsched_process_options options = check_command_into(
        "i=0; while [ $i -lt 60 ]; do echo $i; echo $i >&2; i=$((i + 1)); done", queue);
    if (i % 2 == 0) options.stderr_to = LIBSCHED_PROCESS_MERGE;
    if (i % 2 == 0) options.stderr_queue = 0;
    options.tag = (uint64_t)i;
    processes[i] = CHECK_SPAWN(&options);
    next[i] = 0;
  }
  for (i = 0; i < 2 * kProcesses * kLines; ++i) {
    CHECK(check_pop_output(&out, queue, PATIENCE));
    CHECK_LE((int64_t)out.head.tag, kProcesses - 1);
    CHECK_LE(0, atoi(out.text));
    CHECK_LE(atoi(out.text), kLines - 1);
    if (out.head.tag % 2 == 0) CHECK_EQ(atoi(out.text), next[out.head.tag]++ / 2);
  }
  for (i = 0; i < kProcesses; ++i) CHECK_EXITED(processes[i], 0);
  CHECK_EQ(check_queue_len(queue), 0);
  libsched_queue_unref(queue);
}

/* Threads and a process push into the same queue. */
static void *push_some(void *data) {
  libsched_queue *queue = (libsched_queue *)data;
  libsched_process_output head = {0, 0, 0};
  int i;
  for (i = 0; i < 2000; ++i) {
    CHECK_OK(libsched_queue_push_bytes_bounded(queue, &head, sizeof(head), PATIENCE, 0));
  }
  return 0;
}

CASE(threads_share_a_queue_with_a_process) {
  libsched_queue *queue = check_queue_bytes(2, 0);
  libsched_process_options options =
      check_command_into("i=0; while [ $i -lt 2000 ]; do echo $i; i=$((i + 1)); done", queue);
  libsched_process *process = CHECK_SPAWN(&options);
  pthread_t one = check_spawn(push_some, queue);
  pthread_t two = check_spawn(push_some, queue);
  static check_output out;
  int lines = 0;
  int i;
  for (i = 0; i < 6000; ++i) {
    CHECK(check_pop_output(&out, queue, PATIENCE));
    if (out.head.stream == 0) continue;
    CHECK_EQ(atoi(out.text), lines);
    ++lines;
  }
  CHECK_EQ(lines, 2000);
  check_join(one);
  check_join(two);
  CHECK_EXITED(process, 0);
  libsched_queue_unref(queue);
}

/* Nobody wants it any more: the child goes on, and ends well. */
CASE(output_for_a_closed_queue_is_dropped) {
  libsched_queue *queue = check_queue_bytes(1, 0);
  libsched_process_options options = check_command_into("yes | head -c 1000000; exit 3", queue);
  libsched_process *process = CHECK_SPAWN(&options);
  libsched_process_result result;
  CHECK_UNTIL(check_queue_len(queue) == 1);
  CHECK_OK(libsched_queue_close(queue));
  result = check_end(process);
  CHECK_EQ(result.code, 3);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_DROPPED);
  CHECK_EQ(result.bytes_read, 1000000);
  CHECK_LE(1000000 - 20000, result.bytes_dropped);
  CHECK_OUT(queue, 0, "y");
  CHECK_REFUSED(&options, LIBSCHED_E_CLOSED, "stdout", "closed");
  libsched_queue_unref(queue);
}

/* The last reference to a queue may go before the process is over. */
CASE(queues_may_go_first) {
  libsched_queue *queue = check_queue_bytes(1, 0);
  libsched_queue *done = check_queue_new(0);
  libsched_process_options options = check_command_into("yes | head -c 1000000", queue);
  libsched_process *process;
  options.done = done;
  process = CHECK_SPAWN(&options);
  libsched_queue_unref(queue);
  libsched_queue_unref(done);
  CHECK_EXITED(process, 0);
}

/* A wait for the process ends only when its output is in the queue. */
CASE(full_queues_are_waited_for) {
  libsched_queue *queue = check_queue_bytes(1, 0);
  libsched_process_options options = check_command_into("echo 1; echo 2; echo 3", queue);
  libsched_process *process;
  int64_t pid = 0;
  siginfo_t info;
  options.linger_ns = 1;
  process = CHECK_SPAWN(&options);
  CHECK_OK(libsched_process_pid(&pid, process));
  CHECK_EQ(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
  CHECK_STATUS(libsched_process_wait(0, process, 1000000, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OUT(queue, 0, "1");
  CHECK_OUT(queue, 0, "2");
  CHECK_OUT(queue, 0, "3");
  CHECK_EXITED(process, 0);
  libsched_queue_unref(queue);
}

CASES = {RUN(lines_come_without_their_newlines),
         RUN(long_lines_come_in_parts),
         RUN(lines_of_all_lengths_are_whole),
         RUN(chunks_are_all_the_bytes),
         RUN(byte_bounds_cut_parts),
         RUN(output_is_limited),
         RUN(floods_stop_nobody_else),
         RUN(many_share_a_narrow_queue),
         RUN(threads_share_a_queue_with_a_process),
         RUN(output_for_a_closed_queue_is_dropped),
         RUN(queues_may_go_first),
         RUN(full_queues_are_waited_for),
         CASES_END};
