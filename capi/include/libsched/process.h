/**
 * Processes: children with their output in queues, that cannot leak.
 *
 *     libsched_process_options options = LIBSCHED_PROCESS_OPTIONS_INIT;
 *     options.argv = argv;
 *     options.stdout_to = LIBSCHED_PROCESS_QUEUE;
 *     options.stdout_queue = queue;
 *     libsched_process_spawn(&process, &options, &error);
 *     pop lines from the queue
 *     libsched_process_wait(&result, process, LIBSCHED_FOREVER, NULL);
 *
 * A child gets nothing of this process that was not asked for: of its descriptors only 0, 1, 2 and those that are named,
 * whatever their flags are and whatever other threads open meanwhile. All signals are unblocked and have their default action
 * there; only what this process ignores stays ignored, other than SIGPIPE, SIGXFSZ and SIGCHLD, which have theirs again.
 *
 * No SIGCHLD handler and no thread per child is needed: one thread of the library waits for all processes, and runs none of the
 * host's code. Once a program has begun its child is one of this process as any other, so its end raises SIGCHLD, and a host that
 * waits for any child (waitpid with -1) may take its status away, as the kernel does where SIGCHLD is ignored. The end is
 * noticed all the same; how it was is known from Linux 6.15 on then, and LIBSCHED_PROCESS_UNKNOWN before.
 */
#ifndef LIBSCHED_PROCESS_H
#define LIBSCHED_PROCESS_H

#include <libsched/base.h>
#include <libsched/cancel.h>
#include <libsched/error.h>
#include <libsched/jobserver.h>
#include <libsched/queue.h>

LIBSCHED_BEGIN_DECLS

/** A child process. */
typedef struct libsched_process libsched_process;

/** Flags: argv[0] is a command for /bin/sh -c; what follows it are the command's $1, $2 and so on. */
#define LIBSCHED_PROCESS_SHELL 1u
/** Flags: the child reads this process' stdin, in place of nothing. Where that is a terminal LIBSCHED_PROCESS_NO_GROUP belongs to it:
 *  one that is not in the terminal's foreground group is stopped when it reads. */
#define LIBSCHED_PROCESS_STDIN 2u
/** Flags: the child stays in the process group of this process, so that a terminal's signals reach it; ours go to itself alone. */
#define LIBSCHED_PROCESS_NO_GROUP 4u
/** Flags: output goes into the queue as it comes, in pieces of at most max_line bytes, in place of by lines. */
#define LIBSCHED_PROCESS_CHUNKS 8u
/** Flags: the last libsched_process_unref kills the process. */
#define LIBSCHED_PROCESS_KILL_ON_UNREF 16u
/** Flags: the child gets a broker of its own (libsched/broker.h) of the jobserver. */
#define LIBSCHED_PROCESS_BROKER 32u

/** Where a stream of the child's output goes. */
#define LIBSCHED_PROCESS_INHERIT 0u /**< where that of this process goes */
#define LIBSCHED_PROCESS_NULL 1u    /**< nowhere */
#define LIBSCHED_PROCESS_QUEUE 2u   /**< into a queue */
#define LIBSCHED_PROCESS_MERGE 3u   /**< of stderr: where stdout goes, into the same pipe */

/** A limit of none at all, where 0 means that it is not set. */
#define LIBSCHED_PROCESS_NO_CORE (~(uint64_t)0)

/** The default of max_line, in bytes. */
#define LIBSCHED_PROCESS_MAX_LINE 16384u

/** The defaults of grace_ns and linger_ns. */
#define LIBSCHED_PROCESS_GRACE_NS ((int64_t)5000000000)
#define LIBSCHED_PROCESS_LINGER_NS ((int64_t)1000000000)

/** What is to be run. The pointers are used during the call only; queues get a reference of their own. */
typedef struct libsched_process_options {
  size_t struct_size; /**< set by the initialiser */
  uint64_t flags;     /**< LIBSCHED_PROCESS_SHELL ... _BROKER */
  uint64_t tag;       /**< goes with all messages of this process */

  /** The program and its arguments, ended by NULL (not NULL, nor empty). A program without a slash is looked for in the PATH of
      this process; a relative one is one below the child's cwd. */
  const char *const *argv;
  /** The environment, ended by NULL; NULL = that of this process, which no thread may change meanwhile. */
  const char *const *envp;
  const char *const *env_set; /**< NAME=value entries that replace others, ended by NULL; or NULL */
  const char *const *env_unset; /**< names that are left out, ended by NULL; or NULL */
  const char *cwd;      /**< where the child begins to work; NULL = where this process does */
  const int *inherit;   /**< descriptors from 3 on that it gets, under the same numbers */
  size_t inherit_count; /**< how many */

  uint32_t stdout_to;           /**< LIBSCHED_PROCESS_INHERIT, _NULL or _QUEUE */
  uint32_t stderr_to;           /**< LIBSCHED_PROCESS_INHERIT, _NULL, _QUEUE or _MERGE */
  libsched_queue *stdout_queue; /**< a queue of bytes for LIBSCHED_PROCESS_QUEUE, else NULL */
  libsched_queue *stderr_queue; /**< the same; it may be the same queue, also that of others */
  uint64_t max_line;   /**< bytes; longer lines come in parts; 0 = LIBSCHED_PROCESS_MAX_LINE */
  uint64_t max_output; /**< bytes of both streams; what is beyond is dropped; 0 = all */

  libsched_queue *done; /**< a queue of pointers that gets `tag` when it is over, or NULL */
  int64_t timeout_ns;   /**< longest life, in ns, after which it is stopped; 0 = for ever */
  /** From SIGTERM to SIGKILL where timeout_ns stops it, in ns; 0 = LIBSCHED_PROCESS_GRACE_NS, negative = it is never killed. */
  int64_t grace_ns;
  /** How long output is awaited after the end, in ns; 0 = LIBSCHED_PROCESS_LINGER_NS, negative = for ever. */
  int64_t linger_ns;

  uint64_t cpu_seconds;  /**< CPU time, then SIGXCPU, a second later SIGKILL; 0 = no own limit */
  uint64_t memory_bytes; /**< address space; 0 = no own limit */
  uint64_t open_files;   /**< open descriptors; 0 = no own limit */
  uint64_t core_bytes;   /**< of a core file; 0 = no own limit, LIBSCHED_PROCESS_NO_CORE = none */

  /** What the child finds in MAKEFLAGS, with the descriptors that belong to it; NULL = what the environment has, and no descriptors. */
  libsched_jobserver *jobserver;
} libsched_process_options;

/** Initial value of libsched_process_options: all defaults, and nothing to run. */
#define LIBSCHED_PROCESS_OPTIONS_INIT \
  { sizeof(libsched_process_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * Sets all defaults, the same bytes as LIBSCHED_PROCESS_OPTIONS_INIT.
 *
 * @param options  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_process_options_init(libsched_process_options *options);

/** What each message of output begins with; the bytes follow. */
typedef struct libsched_process_output {
  uint64_t tag;    /**< the process' tag */
  uint32_t stream; /**< LIBSCHED_PROCESS_STDOUT or LIBSCHED_PROCESS_STDERR */
  uint32_t flags;  /**< LIBSCHED_PROCESS_CONTINUES, _UNFINISHED, _CUT */
} libsched_process_output;

/** Streams of output. */
#define LIBSCHED_PROCESS_STDOUT 1u /**< also stderr, if it is merged */
#define LIBSCHED_PROCESS_STDERR 2u

/** Output flags: the line goes on in the next message of this process and stream. */
#define LIBSCHED_PROCESS_CONTINUES 1u
/** Output flags: the stream has ended, and not with a newline. */
#define LIBSCHED_PROCESS_UNFINISHED 2u
/** Output flags: the last message of the stream, since max_output is reached. It may have no bytes. */
#define LIBSCHED_PROCESS_CUT 4u

/**
 * Starts a program in a child process of its own. When the call returns the program has begun.
 *
 * Output goes into the queues as messages of bytes: a libsched_process_output and one line without its newline, or with
 * LIBSCHED_PROCESS_CHUNKS what was read at a time. The bounds of a queue hold: when it is full this process' pipe is not
 * read until there is room again, so the child waits in its write, and nobody else. When the queue is closed the output is read
 * and dropped.
 *
 * @param out      receives the handle with one reference (not NULL)
 * @param options  what to run (not NULL)
 * @param error    details of a failure, or NULL: the text begins with the stage that failed, such as "exec", "chdir", "stdout",
 *                 "descriptors" or "limits", and names the value; or it says what a broker lacks
 * @return LIBSCHED_OK; LIBSCHED_E_NULL (also argv without a program, or no queue for LIBSCHED_PROCESS_QUEUE), LIBSCHED_E_HANDLE,
 *         LIBSCHED_E_FORKED, LIBSCHED_E_STATE (a queue of the wrong form of messages; a broker where
 *         there is no jobserver), LIBSCHED_E_CLOSED (a queue is closed),
 *         LIBSCHED_E_RANGE (where a stream goes; a queue that is not for LIBSCHED_PROCESS_QUEUE; max_line above 2^24; a queue's
 *         byte bound below 17; a negative timeout_ns; an entry of env_set, env_unset or inherit), LIBSCHED_E_FLAGS,
 *         LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG; -EBADF (inherit names a descriptor that is not open), -ENOENT (no such
 *         program or cwd), -EACCES (not to be executed, or not to be entered), -ENOEXEC (no program; a script needs #!), -E2BIG,
 *         -EPERM (a limit above that of this process), -EAGAIN (too many processes, or no thread can be started), -EMFILE,
 *         -ENFILE, -ENOMEM, or what else the system says. The child is gone then.
 *
 * Threads: any.  Blocks: until the program has begun; the calling thread takes no signal meanwhile.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_process_spawn(libsched_process **out,
                                                           const libsched_process_options *options,
                                                           libsched_error **error);

/**
 * Adds a reference.
 *
 * @param process  the process, or NULL (nothing happens)
 * @return process
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_process *libsched_process_ref(libsched_process *process);

/**
 * Drops a reference. A process without any goes on running, its output goes into the queues, its timeout holds, and it leaves no
 * zombie; or it is killed, with LIBSCHED_PROCESS_KILL_ON_UNREF.
 *
 * @param process  the process, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_process_unref(libsched_process *process);

/**
 * The number of the child. It may be another process' once this one is over; libsched_process_kill knows better.
 *
 * @param out      receives the process id; unchanged on failure (not NULL)
 * @param process  the process (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_process_pid(int64_t *out, libsched_process *process);

/** How a process has ended. */
#define LIBSCHED_PROCESS_UNKNOWN 0u  /**< somebody else has taken its status: no success */
#define LIBSCHED_PROCESS_EXITED 1u   /**< by itself, with `code` */
#define LIBSCHED_PROCESS_SIGNALED 2u /**< by `signal` */

/** Result flags: its timeout_ns was over. */
#define LIBSCHED_PROCESS_TIMED_OUT 1u
/** Result flags: libsched_process_stop was called. */
#define LIBSCHED_PROCESS_STOPPED 2u
/** Result flags: it has left a core file. */
#define LIBSCHED_PROCESS_CORE 4u
/** Result flags: output was dropped, as it was beyond max_output or the queue was closed. */
#define LIBSCHED_PROCESS_DROPPED 8u
/** Result flags: somebody still had its output open after linger_ns, such as a daemon that it has left. */
#define LIBSCHED_PROCESS_HELD 16u

/** What became of a process. */
typedef struct libsched_process_result {
  size_t struct_size;     /**< set by the initialiser */
  uint64_t tag;           /**< of the options */
  uint32_t state;         /**< LIBSCHED_PROCESS_UNKNOWN, _EXITED or _SIGNALED */
  uint32_t flags;         /**< LIBSCHED_PROCESS_TIMED_OUT ... _HELD */
  int32_t code;           /**< exit code */
  int32_t signal;         /**< what has ended it; 0 = nothing did */
  int64_t start_ns;       /**< when it was started: CLOCK_MONOTONIC */
  int64_t end_ns;         /**< when its end was noticed */
  uint64_t user_ns;       /**< CPU time with that of children it has waited for; 0 = not known */
  uint64_t system_ns;     /**< the same, in the kernel */
  uint64_t max_rss;       /**< bytes of memory, at most, of the largest of them; the same */
  uint64_t bytes_read;    /**< of its output, in queues or not */
  uint64_t bytes_dropped; /**< of these */
} libsched_process_result;

/** Initial value of libsched_process_result. */
#define LIBSCHED_PROCESS_RESULT_INIT \
  { sizeof(libsched_process_result), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * Makes a struct for libsched_process_wait, the same bytes as LIBSCHED_PROCESS_RESULT_INIT.
 *
 * @param result  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_process_result_init(libsched_process_result *result);

/**
 * Waits until a process is over: it has ended, all its output is in the queues, and its pipes are closed. Any number of threads
 * may wait, also after that, and all get the same.
 *
 * Pipes that a descendant keeps open are waited for as long as linger_ns says. A queue that is full is waited for in any case:
 * who is the only one to take from it must not wait for the process first.
 *
 * @param result      a struct with its struct_size set, or NULL
 * @param process     the process (not NULL)
 * @param timeout_ns  longest wait, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED,
 *         LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG
 *
 * Threads: any.  Blocks: until it is over; a worker of a pool hands its place to a spare one.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_process_wait(libsched_process_result *result,
                                                          libsched_process *process,
                                                          int64_t timeout_ns,
                                                          libsched_cancel *cancel);

/**
 * Asks a process to end, with its group: SIGTERM (and SIGCONT, so that a stopped one hears of it), and SIGKILL after a grace. A
 * further call may bring the SIGKILL forward. When the process is over before, what is left of its group gets the SIGKILL then,
 * unless it is never to be sent.
 *
 * @param process   the process (not NULL)
 * @param grace_ns  from SIGTERM to SIGKILL, in ns; 0 = at once, negative = it is never killed
 * @return LIBSCHED_OK, LIBSCHED_E_STATE (it is over), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_process_stop(libsched_process *process,
                                                          int64_t grace_ns);

/**
 * Sends a signal to a process and its group, or with LIBSCHED_PROCESS_NO_GROUP to itself alone. It reaches nobody else: once the
 * process is over no signal is sent.
 *
 * @param process  the process (not NULL)
 * @param signal   1 to 64
 * @return LIBSCHED_OK, LIBSCHED_E_STATE (it is over, or nobody is left of it), LIBSCHED_E_RANGE, -EPERM (it has changed its user),
 *         LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_process_kill(libsched_process *process,
                                                          int32_t signal);

LIBSCHED_END_DECLS

#endif
