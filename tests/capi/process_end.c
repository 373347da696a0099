/* Ends of processes: of their own, by timeouts, by signals; and what is left behind. */
#include "check_process.h"

#define SECOND ((int64_t)1000000000)

CASE(waits_end_in_time) {
  libsched_process_options options = check_command("exec sleep 1000");
  libsched_process *process = CHECK_SPAWN(&options);
  libsched_process_result result = LIBSCHED_PROCESS_RESULT_INIT;
  libsched_cancel *cancel = 0;
  CHECK_STATUS(libsched_process_wait(&result, process, 0, 0), LIBSCHED_E_TIMEOUT);
  CHECK_STATUS(libsched_process_wait(&result, process, 1000, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OK(libsched_cancel_create(&cancel));
  CHECK_OK(libsched_cancel_trigger(cancel));
  CHECK_STATUS(libsched_process_wait(&result, process, 0, cancel), LIBSCHED_E_CANCELLED);
  CHECK_STATUS(libsched_process_wait(&result, process, LIBSCHED_FOREVER, cancel),
               LIBSCHED_E_CANCELLED);
  libsched_cancel_unref(cancel);
  CHECK_OK(libsched_process_kill(process, SIGKILL));
  CHECK_OK(libsched_process_wait(0, process, LIBSCHED_FOREVER, 0));
  CHECK_OK(libsched_process_wait(&result, process, 0, 0));
  CHECK_EQ(result.state, LIBSCHED_PROCESS_SIGNALED);
  CHECK_EQ(result.signal, SIGKILL);
  CHECK_EQ(result.flags, 0);
  CHECK_STATUS(libsched_process_kill(process, SIGKILL), LIBSCHED_E_STATE);
  CHECK_STATUS(libsched_process_stop(process, 0), LIBSCHED_E_STATE);
  libsched_process_unref(process);
  check_no_child();
}

static void *wait_for_end(void *data) {
  libsched_process_result result = LIBSCHED_PROCESS_RESULT_INIT;
  CHECK_OK(libsched_process_wait(&result, (libsched_process *)data, LIBSCHED_FOREVER, 0));
  CHECK_EQ(result.code, 9);
  return 0;
}

CASE(any_number_may_wait) {
  libsched_queue *queue = check_queue_bytes(1, 0);
  libsched_process_options options = check_command_into("echo; echo; exit 9", queue);
  libsched_process *process = CHECK_SPAWN(&options);
  pthread_t threads[4];
  int i;
  for (i = 0; i < 4; ++i) threads[i] = check_spawn(wait_for_end, process);
  CHECK_OUT(queue, 0, "");
  CHECK_OUT(queue, 0, "");
  for (i = 0; i < 4; ++i) check_join(threads[i]);
  CHECK_EXITED(process, 9);
  libsched_queue_unref(queue);
}

CASE(timeouts_terminate) {
  libsched_process_options options = check_command("exec sleep 1000");
  libsched_process_result result;
  options.timeout_ns = 1000000;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.state, LIBSCHED_PROCESS_SIGNALED);
  CHECK_EQ(result.signal, SIGTERM);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_TIMED_OUT);
  check_no_child();
  options = check_command("exit 0");
  options.timeout_ns = 1000 * SECOND;
  CHECK_EXITED(CHECK_SPAWN(&options), 0);
}

/* TERM is heard first, and the grace is there for it. On a busy machine the child may need longer until it can hear. */
CASE(timeouts_leave_a_grace) {
  int64_t timeout_ns;
  for (timeout_ns = SECOND / 10;; timeout_ns *= 2) {
    libsched_queue *queue = check_queue_bytes(0, 0);
    libsched_process_options options = without_errors(check_command_into(
        "trap 'echo bye; exit 4' TERM; echo ready; while :; do sleep 0.01; done", queue));
    libsched_process_result result;
    int64_t lines;
    options.timeout_ns = timeout_ns;
    options.grace_ns = LIBSCHED_FOREVER;
    result = check_end(CHECK_SPAWN(&options));
    CHECK_EQ(result.flags, LIBSCHED_PROCESS_TIMED_OUT);
    lines = check_queue_len(queue);
    if (lines != 0) {
      CHECK_OUT(queue, 0, "ready");
      CHECK_OUT(queue, 0, "bye");
      CHECK_EQ(result.state, LIBSCHED_PROCESS_EXITED);
      CHECK_EQ(result.code, 4);
    }
    libsched_queue_unref(queue);
    if (lines != 0) break;
  }
}

/* A whole group that will not hear is killed: the shell, and what it has started. */
CASE(deaf_groups_are_killed) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into(
      "trap '' TERM; sh -c 'echo $$; exec sleep 1000' & wait; sleep 1000", queue);
  libsched_process *process;
  libsched_process_result result;
  int64_t grandchild;
  process = CHECK_SPAWN(&options);
  grandchild = pop_number(queue);
  CHECK_OK(libsched_process_stop(process, SECOND / 5));
  result = check_end(process);
  CHECK_EQ(result.signal, SIGKILL);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_STOPPED);
  CHECK_UNTIL(!is_alive(grandchild));
  libsched_queue_unref(queue);
}

/* The leader hears, its child does not, and has no pipe of ours: it gets its KILL all the same. */
CASE(deaf_grandchildren_are_killed) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into(
      "(trap '' TERM; exec sleep 1000 >/dev/null 2>&1) & echo $!; exec sleep 1000", queue);
  libsched_process *process = CHECK_SPAWN(&options);
  libsched_process_result result;
  int64_t grandchild = pop_number(queue);
  CHECK_OK(libsched_process_stop(process, 1000 * SECOND));
  result = check_end(process);
  CHECK_EQ(result.signal, SIGTERM);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_STOPPED);
  CHECK_UNTIL(!is_alive(grandchild));

  /* Or it has: then it has the grace. */
  options = without_errors(check_command_into(
      "(trap 'echo heard; sleep 0.1; echo done; exit' TERM; echo $$; while :; do sleep 0.01; done) "
      "& wait; exec sleep 1000",
      queue));
  process = CHECK_SPAWN(&options);
  pop_number(queue);
  CHECK_OK(libsched_process_stop(process, 1000 * SECOND));
  result = check_end(process);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_STOPPED);
  CHECK_OUT(queue, 0, "heard");
  CHECK_OUT(queue, 0, "done");
  check_no_child();
  libsched_queue_unref(queue);
}

CASE(stops_can_be_hastened) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options =
      without_errors(check_command_into("trap '' TERM; echo; while :; do sleep 0.01; done", queue));
  libsched_process *process = CHECK_SPAWN(&options);
  libsched_process_result result;
  CHECK_OUT(queue, 0, "");
  CHECK_OK(libsched_process_stop(process, LIBSCHED_FOREVER));
  CHECK_OK(libsched_process_stop(process, 1000 * SECOND));
  CHECK_STATUS(libsched_process_wait(0, process, 1000000, 0), LIBSCHED_E_TIMEOUT);
  CHECK_OK(libsched_process_stop(process, 0));
  result = check_end(process);
  CHECK_EQ(result.signal, SIGKILL);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_STOPPED);
  libsched_queue_unref(queue);
}

CASE(stopped_processes_hear_of_it) {
  libsched_process_options options = check_command("kill -STOP $$; exit 0");
  libsched_process *process = CHECK_SPAWN(&options);
  libsched_process_result result;
  int64_t pid = 0;
  siginfo_t info;
  CHECK_OK(libsched_process_pid(&pid, process));
  CHECK_EQ(waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT), 0);
  CHECK_OK(libsched_process_stop(process, LIBSCHED_FOREVER));
  result = check_end(process);
  CHECK_EQ(result.signal, SIGTERM);
}

CASE(signals_reach_the_group) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = without_errors(
      /* A number that the grandchild itself tells: by then it has no handler of the shell's any more. */
      check_command_into("trap 'echo usr; exit 6' USR1; sh -c 'echo $$; exec sleep 1000' & wait",
                         queue));
  libsched_process *process = CHECK_SPAWN(&options);
  int64_t grandchild = pop_number(queue);
  CHECK_OK(libsched_process_kill(process, SIGUSR1));
  CHECK_EXITED(process, 6);
  CHECK_OUT(queue, 0, "usr");
  CHECK_UNTIL(!is_alive(grandchild));

  /* Without one they reach nobody else: neither the grandchild nor this process. */
  options = check_command_into("sleep 1000 & echo $!; exec sleep 1000", queue);
  options.flags |= LIBSCHED_PROCESS_NO_GROUP;
  options.linger_ns = 1;
  process = CHECK_SPAWN(&options);
  grandchild = pop_number(queue);
  CHECK_OK(libsched_process_stop(process, 0));
  CHECK_EQ(check_end(process).flags, LIBSCHED_PROCESS_STOPPED | LIBSCHED_PROCESS_HELD);
  CHECK(is_alive(grandchild));
  CHECK_EQ(kill((pid_t)grandchild, SIGKILL), 0);
  libsched_queue_unref(queue);
}

/* A descendant keeps the pipe: what it says within the time still comes. */
CASE(held_pipes_are_waited_for) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options =
      check_command_into("(sleep 0.1; echo late) & echo early", queue);
  libsched_process_result result;
  options.linger_ns = LIBSCHED_FOREVER;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.flags, 0);
  CHECK_OUT(queue, 0, "early");
  CHECK_OUT(queue, 0, "late");
  libsched_queue_unref(queue);
}

CASE(held_pipes_are_given_up) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into("sleep 1000 & echo $!; printf half", queue);
  libsched_process_result result;
  int64_t grandchild;
  options.linger_ns = 1;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.state, LIBSCHED_PROCESS_EXITED);
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_HELD);
  grandchild = pop_number(queue);
  CHECK_OUT(queue, LIBSCHED_PROCESS_UNFINISHED, "half");
  CHECK(is_alive(grandchild));
  CHECK_EQ(kill((pid_t)grandchild, SIGKILL), 0);

  /* One that floods does not keep it open for ever either. */
  options = check_command_into("yes & echo", queue);
  options.linger_ns = SECOND / 100;
  result = check_end(CHECK_SPAWN(&options));
  CHECK_EQ(result.flags, LIBSCHED_PROCESS_HELD);
  libsched_queue_unref(queue);
}

/* The timeout holds for those that are left as well. */
CASE(timeouts_hold_while_pipes_are_held) {
  libsched_queue *queue = check_queue_bytes(0, 0);
  libsched_process_options options = check_command_into("sleep 1000 & echo", queue);
  libsched_process_result result = LIBSCHED_PROCESS_RESULT_INIT;
  options.linger_ns = LIBSCHED_FOREVER;
  /* Until it has ended before the timeout. */
  for (options.timeout_ns = SECOND / 10; result.state != LIBSCHED_PROCESS_EXITED;
       options.timeout_ns *= 2) {
    result = check_end(CHECK_SPAWN(&options));
    CHECK_EQ(result.flags, LIBSCHED_PROCESS_TIMED_OUT);
  }
  libsched_queue_unref(queue);
}

CASES = {RUN(waits_end_in_time),
         RUN(any_number_may_wait),
         RUN(timeouts_terminate),
         RUN(timeouts_leave_a_grace),
         RUN(deaf_groups_are_killed),
         RUN(deaf_grandchildren_are_killed),
         RUN(stops_can_be_hastened),
         RUN(stopped_processes_hear_of_it),
         RUN(signals_reach_the_group),
         RUN(held_pipes_are_waited_for),
         RUN(held_pipes_are_given_up),
         RUN(timeouts_hold_while_pipes_are_held),
         CASES_END};
