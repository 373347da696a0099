/* What is refused, with which error, and that nothing comes of it. */
#include "check_process.h"

static int spawn(const void *options) {
  libsched_process *process = 0;
  int status = libsched_process_spawn(&process, (const libsched_process_options *)options, 0);
  if (status == LIBSCHED_OK) check_end(process);
  return status;
}

CASE(structs_of_other_sizes_are_refused) {
  libsched_process_options options = check_command("exit 0");
  libsched_process_result result = LIBSCHED_PROCESS_RESULT_INIT;
  libsched_process *process = CHECK_SPAWN(&options);
  check_options_struct(spawn, &options, sizeof(options));
  result.struct_size = sizeof(result) - 1;
  CHECK_STATUS(libsched_process_wait(&result, process, LIBSCHED_FOREVER, 0),
               LIBSCHED_E_STRUCT_SHORT);
  result.struct_size = 5000;
  CHECK_STATUS(libsched_process_wait(&result, process, LIBSCHED_FOREVER, 0),
               LIBSCHED_E_STRUCT_LONG);
  libsched_process_unref(process);
}

CASE(larger_results_are_filled_with_zeros) {
  struct {
    libsched_process_result known;
    uint64_t more[4];
  } large;
  libsched_process_options options = check_command("exit 8");
  libsched_process *process = CHECK_SPAWN(&options);
  int i;
  memset(&large, 0xff, sizeof(large));
  large.known.struct_size = sizeof(large);
  CHECK_OK(libsched_process_wait(&large.known, process, LIBSCHED_FOREVER, 0));
  CHECK_EQ(large.known.struct_size, sizeof(large));
  CHECK_EQ(large.known.code, 8);
  for (i = 0; i < 4; ++i) CHECK_EQ(large.more[i], 0);
  libsched_process_unref(process);
}

CASE(wrong_options_are_refused) {
  static const char *const nothing[] = {0};
  static const char *const no_value[] = {"A=1", "B", 0};
  static const char *const no_name[] = {"=1", 0};
  static const char *const value[] = {"A", "B=1", 0};
  static const char *const empty[] = {"", 0};
  static const int low[] = {2};
  static const int negative[] = {-1};
  static const int closed[] = {987};
  libsched_process_options options = check_command("exit 0");
  CHECK_REFUSED(0, LIBSCHED_E_NULL, "options is NULL", "");
  options.argv = 0;
  CHECK_REFUSED(&options, LIBSCHED_E_NULL, "argv", "program");
  options.argv = nothing;
  CHECK_REFUSED(&options, LIBSCHED_E_NULL, "argv", "program");
  options = check_command("exit 0");
  options.flags |= (uint64_t)1 << 40;
  CHECK_REFUSED(&options, LIBSCHED_E_FLAGS, "flags is 0x10000000000", "");
  options = check_command("exit 0");
  options.env_set = no_value;
  CHECK_REFUSED(&options, LIBSCHED_E_RANGE, "env_set[1] is \"B\"", "NAME=value");
  options.env_set = no_name;
  CHECK_REFUSED(&options, LIBSCHED_E_RANGE, "env_set[0] is \"=1\"", "NAME=value");
  options.env_set = 0;
  options.env_unset = value;
  CHECK_REFUSED(&options, LIBSCHED_E_RANGE, "env_unset[1] is \"B=1\"", "name");
  options.env_unset = empty;
  CHECK_REFUSED(&options, LIBSCHED_E_RANGE, "env_unset[0] is \"\"", "name");
  options = check_command("exit 0");
  options.inherit_count = 1;
  CHECK_REFUSED(&options, LIBSCHED_E_NULL, "inherit is NULL", "1");
  options.inherit = low;
  CHECK_REFUSED(&options, LIBSCHED_E_RANGE, "inherit[0] is 2", "");
  options.inherit = negative;
  CHECK_REFUSED(&options, LIBSCHED_E_RANGE, "inherit[0] is -1", "");
  options.inherit = closed;
  CHECK_REFUSED(&options, -EBADF, "inherit[0] is 987", "Bad file descriptor");
  options = check_command("exit 0");
  options.timeout_ns = -1;
  CHECK_REFUSED(&options, LIBSCHED_E_RANGE, "timeout_ns is -1", "");
  options = check_command("exit 0");
  options.max_line = ((uint64_t)1 << 24) + 1;
  CHECK_REFUSED(&options, LIBSCHED_E_RANGE, "max_line is 16777217", "16777216");
}

CASE(wrong_queues_are_refused) {
  libsched_queue *bytes = check_queue_bytes(0, 0);
  libsched_queue *narrow = check_queue_bytes(0, 16);
  libsched_queue *pointers = check_queue_new(0);
  libsched_process_options options = check_command("exit 0");
  options.stdout_to = LIBSCHED_PROCESS_QUEUE;
  CHECK_REFUSED(&options, LIBSCHED_E_NULL, "stdout_queue is NULL", "");
  options.stdout_queue = pointers;
  CHECK_REFUSED(&options, LIBSCHED_E_STATE, "stdout", "a queue of bytes");
  options.stdout_queue = (libsched_queue *)(void *)&options;
  CHECK_REFUSED(&options, LIBSCHED_E_HANDLE, "stdout", "");
  options.stdout_queue = narrow;
  CHECK_REFUSED(&options, LIBSCHED_E_RANGE, "stdout_queue holds 16 bytes", "17");
  options.stdout_to = LIBSCHED_PROCESS_MERGE;
  CHECK_REFUSED(&options, LIBSCHED_E_RANGE, "stdout_to is 3", "LIBSCHED_PROCESS_INHERIT");
  options.stdout_to = LIBSCHED_PROCESS_NULL;
  CHECK_REFUSED(&options, LIBSCHED_E_RANGE, "stdout_queue is set", "");
  options = check_command("exit 0");
  options.stderr_to = 4;
  CHECK_REFUSED(&options, LIBSCHED_E_RANGE, "stderr_to is 4", "_MERGE");
  options.stderr_to = LIBSCHED_PROCESS_QUEUE;
  CHECK_REFUSED(&options, LIBSCHED_E_NULL, "stderr_queue is NULL", "");
  options = check_command("exit 0");
  options.done = bytes;
  CHECK_REFUSED(&options, LIBSCHED_E_STATE, "done", "a queue of pointers");
  options.done = pointers;
  CHECK_OK(libsched_queue_close(pointers));
  CHECK_REFUSED(&options, LIBSCHED_E_CLOSED, "done", "closed");
  libsched_queue_unref(bytes);
  libsched_queue_unref(narrow);
  libsched_queue_unref(pointers);
}

CASE(wrong_handles_are_refused) {
  libsched_process_options options = check_command("exec sleep 1000");
  libsched_process *process = CHECK_SPAWN(&options);
  libsched_process *wrong = (libsched_process *)(void *)&options;
  libsched_process_result result = LIBSCHED_PROCESS_RESULT_INIT;
  libsched_error *error = 0;
  int64_t pid = 77;
  CHECK_STATUS(libsched_process_spawn(0, &options, &error), LIBSCHED_E_NULL);
  libsched_error_free(error);
  CHECK_STATUS(libsched_process_wait(&result, 0, 0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_process_wait(&result, wrong, 0, 0), LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_process_wait(&result, process, 0, (libsched_cancel *)(void *)&options),
               LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_process_stop(0, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_process_stop(wrong, 0), LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_process_kill(0, 9), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_process_kill(wrong, 9), LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_process_kill(process, 0), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_process_kill(process, -1), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_process_kill(process, 65), LIBSCHED_E_RANGE);
  CHECK_STATUS(libsched_process_pid(&pid, 0), LIBSCHED_E_NULL);
  CHECK_STATUS(libsched_process_pid(&pid, wrong), LIBSCHED_E_HANDLE);
  CHECK_STATUS(libsched_process_pid(0, process), LIBSCHED_E_NULL);
  CHECK_EQ(pid, 77);
  CHECK_PTR(libsched_process_ref(0), 0);
  libsched_process_unref(0);
  CHECK_OK(libsched_process_kill(process, SIGKILL));
  check_end(process);
}

CASE(limits_above_the_own_are_refused) {
  libsched_process_options options = check_command("exit 0");
  if (geteuid() == 0 || getuid() == 0) {
    /* The most that the kernel allows even root. */
    options.open_files = (uint64_t)1 << 40;
    CHECK_REFUSED(&options, -EPERM, "limits: open files 1099511627776:", "not permitted");
    return;
  }
  options.open_files = (uint64_t)1 << 31;
  CHECK_REFUSED(&options, -EPERM, "limits: open files 2147483648:", "not permitted");
}

CASES = {RUN(structs_of_other_sizes_are_refused),
         RUN(larger_results_are_filled_with_zeros),
         RUN(wrong_options_are_refused),
         RUN(wrong_queues_are_refused),
         RUN(wrong_handles_are_refused),
         RUN(limits_above_the_own_are_refused),
         CASES_END};
