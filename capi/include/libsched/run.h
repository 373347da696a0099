/**
 * Runs: the jobs of a graph, never more than N at work, the most urgent first; messages in the caller's own thread.
 *
 * A function runs on the pool. A command is a process and takes no worker of the pool. The thread that calls libsched_graph_run
 * does nothing but to hand over the messages to the handler, and a slow handler holds up no job.
 */
#ifndef LIBSCHED_RUN_H
#define LIBSCHED_RUN_H

#include <libsched/base.h>
#include <libsched/cancel.h>
#include <libsched/error.h>
#include <libsched/graph.h>
#include <libsched/jobserver.h>
#include <libsched/pool.h>

LIBSCHED_BEGIN_DECLS

/** A run that is under way; valid during the call of a job's function and of the handler. */
typedef struct libsched_run libsched_run;
/** What has become of the jobs of a run. */
typedef struct libsched_result libsched_result;

/** What has become of a job. */
#define LIBSCHED_JOB_IS_PENDING 0u   /**< in messages: it is under way */
#define LIBSCHED_JOB_IS_DONE 1u      /**< it has ended well */
#define LIBSCHED_JOB_IS_FRESH 2u     /**< nothing was to be done */
#define LIBSCHED_JOB_IS_FAILED 3u    /**< it has ended otherwise, for the last time */
#define LIBSCHED_JOB_IS_SKIPPED 4u   /**< it has not started: one that it waited for has failed */
#define LIBSCHED_JOB_IS_CANCELLED 5u /**< it has not started, or not ended, for the run was ended */

/** Kinds of messages. */
#define LIBSCHED_MESSAGE_STDOUT 1u   /**< one line of a command's output: `data`; see `flags` */
#define LIBSCHED_MESSAGE_STDERR 2u   /**< the same, of its stderr */
#define LIBSCHED_MESSAGE_STARTED 3u  /**< the job begins its try number `attempt` */
#define LIBSCHED_MESSAGE_EARLY 4u    /**< it has signalled early */
#define LIBSCHED_MESSAGE_FINISHED 5u /**< its `state` is final; `data` says why it failed */
#define LIBSCHED_MESSAGE_AGAIN 6u    /**< it has failed, and is tried again */
#define LIBSCHED_MESSAGE_OWN 7u      /**< of the job itself: `data` */
#define LIBSCHED_MESSAGE_WAITS 8u    /**< the job is the next to start, and waits for a token */
#define LIBSCHED_MESSAGE_CLAMPED 9u  /**< its weight is more than the run has slots, or can get tokens for */

/** A message. More fields may come at its end, as struct_size says. */
typedef struct libsched_run_message {
  size_t struct_size; /**< bytes that this version of the library knows */
  libsched_run *run;  /**< the run */
  uint64_t job;       /**< the job that it is about */
  const char *name;   /**< the job's name, or "" */
  uint32_t kind;      /**< LIBSCHED_MESSAGE_STDOUT ... _CLAMPED */
  uint32_t flags;     /**< of output: LIBSCHED_PROCESS_CONTINUES, _UNFINISHED, _CUT */
  uint32_t state;     /**< LIBSCHED_JOB_IS_... */
  uint32_t attempt;   /**< the number of the try, from 1; 0: none has begun */
  /** What a function has returned, or the exit code; LIBSCHED_E_TIMEOUT; why a command did not start. */
  int32_t code;
  int32_t signal;    /**< that has ended the command, or 0 */
  uint32_t tainted;  /**< 1: a job has failed whose early signal it had waited for */
  uint32_t reserved; /**< 0 */
  /** The job that has failed, for one that is skipped or tainted; else LIBSCHED_NO_JOB. */
  uint64_t blocked_by;
  uint64_t ended;   /**< jobs whose state is final, by then */
  uint64_t total;   /**< jobs, by then */
  const void *data; /**< bytes, valid during the call */
  size_t size;      /**< how many */
} libsched_run_message;

/**
 * Takes a message, in the thread of libsched_graph_run.
 *
 * @param message    the message, valid during the call
 * @param user_data  handler_data of the options
 * @return 0 to go on; anything else ends the run as its cancellation does, and is what libsched_graph_run returns. No further
 *         message is handed over then
 */
typedef int (*libsched_run_handler_fn)(const libsched_run_message *message, void *user_data);

/** Run flags: when max_failures is reached the jobs at work are stopped, too. */
#define LIBSCHED_RUN_KILL 1u
/** Run flags: tokens are kept as long as jobs are ready, as Cargo does; else each is given back when its job ends. */
#define LIBSCHED_RUN_KEEP_TOKENS 2u

/** Run flags: the graph is for computing: functions alone, none of them of a fresh job, without limit classes, timeouts and weights, on
 *  at least as many slots as the pool has workers, with no handler and no jobserver. No times are taken, jobs at work are
 *  not counted (the peak is 0), no job can be added, what has failed and is tried again is so at once, and the most urgent goes first only
 *  among the jobs that one job makes ready. When a job fails after its early signal, what waits for the end of a job that the signal
 *  has started (a tainted one) still runs. */
#define LIBSCHED_RUN_COMPUTE 4u
/** Run flags: each command finds a broker of its own of `jobserver` (<libsched/broker.h>) in its environment, so no token is lost with
 *  it: what it has taken is back when it and all that descends from it have ended, however that was. Without this flag
 *  commands find `jobserver` itself there. Where that is no more than the implicit slot there is nothing to find. */
#define LIBSCHED_RUN_BROKERS 8u

/** As `max_failures`: the run goes on with all that does not depend on a failed job. */
#define LIBSCHED_KEEP_GOING 0xffffffffu

/** Most slots of a run. */
#define LIBSCHED_MAX_SLOTS 4096u

/** Where output of commands goes. */
#define LIBSCHED_OUTPUT_STREAM 0u  /**< to the handler, as it comes; without one as _INHERIT */
#define LIBSCHED_OUTPUT_GROUP 1u   /**< to the handler, when the job has ended */
#define LIBSCHED_OUTPUT_INHERIT 2u /**< where that of this process goes */
#define LIBSCHED_OUTPUT_NULL 3u    /**< nowhere */

/** How a graph is run. */
typedef struct libsched_run_options {
  size_t struct_size; /**< set by the initialiser */
  uint64_t flags;     /**< LIBSCHED_RUN_KILL ... _BROKERS */
  /** N: most jobs at work, up to LIBSCHED_MAX_SLOTS; 0 = as many as the pool has workers, or as there are usable CPUs. */
  uint32_t slots;
  uint32_t max_failures; /**< after so many no job starts any more; 0 = 1; or LIBSCHED_KEEP_GOING */
  /** Each job at work has a token of it for each slot, and commands find it in their environment; or NULL. */
  libsched_jobserver *jobserver;
  libsched_run_handler_fn handler; /**< or NULL */
  void *handler_data;              /**< passed to it */
  uint32_t output;                 /**< LIBSCHED_OUTPUT_STREAM ... _NULL */
  uint32_t reserved;               /**< 0 */
  /** Bound of the output and bounded messages that wait for the handler; at least 32 KiB; 0 = 1 MiB. A command
   *  that has ended does not wait for it: what is in its pipes then comes on top. */
  uint64_t message_bytes;
  /** Bound of the output that waits for the ends of its jobs; what is beyond is streamed; 0 = 16 MiB. */
  uint64_t group_bytes;
  /** From SIGTERM to SIGKILL, in ns; 0 = LIBSCHED_PROCESS_GRACE_NS, negative = it is never killed. */
  int64_t grace_ns;
} libsched_run_options;

/** Initial value of libsched_run_options: all defaults. */
#define LIBSCHED_RUN_OPTIONS_INIT \
  { sizeof(libsched_run_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * Sets all defaults, the same bytes as LIBSCHED_RUN_OPTIONS_INIT.
 *
 * @param options  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_run_options_init(libsched_run_options *options);

/**
 * Runs a graph, and returns when nothing of it is at work any more.
 *
 * A job that fails ends the run by default: what is at work is waited for, nothing else starts. Jobs that depend on a failed
 * one, directly or not, are skipped in any case. When `cancel` is triggered commands at work are stopped, and functions see it by
 * libsched_job_cancelled; each call that waits in libsched_job_message_bounded ends.
 *
 * @param out      receives what has become of the jobs, once the run has begun, also when it failed; NULL if it has not begun, or
 *                 there is no memory for it (-ENOMEM); or NULL
 * @param graph    the graph (not NULL)
 * @param pool     where functions run, held until the run is over; NULL if there are none
 * @param options  NULL for all defaults
 * @param cancel   ends the run, or NULL
 * @param error    details of a failure, or NULL
 * @return LIBSCHED_OK: all jobs are done or fresh; LIBSCHED_E_FAILED (jobs have failed), LIBSCHED_E_CANCELLED, what the handler has
 *         returned, LIBSCHED_E_CLOSED (the pool, or the jobserver, was shut down), what the system says of a jobserver that is broken
 *         (such as -EPIPE), where the next job needs more tokens than are left, -ENOMEM. Otherwise no job has started: LIBSCHED_E_NULL (also LIBSCHED_RUN_BROKERS
 *         without a jobserver), LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, LIBSCHED_E_BUSY (it is being used), LIBSCHED_E_STATE (what
 *         LIBSCHED_RUN_COMPUTE does not go with), LIBSCHED_E_DEADLOCK (a worker of the pool calls), LIBSCHED_E_RANGE (slots, output, or a
 *         handler is missing for LIBSCHED_OUTPUT_GROUP), LIBSCHED_E_FLAGS,
 *         LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, -EAGAIN (no thread can be started), or as libsched_graph_freeze
 *
 * Threads: any.  Blocks: until the run is over; a worker of another pool hands its place to a spare one. Where the pool has no
 * workers the calling thread runs its tasks, also those of others.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_graph_run(libsched_result **out, libsched_graph *graph,
                                                       libsched_pool *pool,
                                                       const libsched_run_options *options,
                                                       libsched_cancel *cancel,
                                                       libsched_error **error);

/**
 * The number of a job at work.
 *
 * @param job  the job, or NULL
 * @return its number; LIBSCHED_NO_JOB for NULL
 *
 * Threads: any, as long as it is at work.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD uint64_t libsched_job_id(libsched_job *job);

/**
 * The run that a job belongs to.
 *
 * @param job  the job, or NULL
 * @return the run; NULL for NULL, and where LIBSCHED_RUN_COMPUTE is set
 *
 * Threads: any, as long as it is at work.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD libsched_run *libsched_job_run(libsched_job *job);

/**
 * Whether a job should end early: its time is over, or its run is cancelled.
 *
 * @param job  the job, or NULL
 * @return 1 or 0; 0 for NULL
 *
 * Threads: any, as long as it is at work.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_job_cancelled(libsched_job *job);

/**
 * Lets those go on that wait for a job's early signal.
 *
 * @param job  the job that calls (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_STATE (it has done so before, or is fresh), LIBSCHED_E_NULL, LIBSCHED_E_FORKED
 *
 * Threads: any, as long as it is at work.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_job_signal_early(libsched_job *job);

/**
 * Sends a message to the handler. By a fresh job's function, which is in the handler's thread, it is handed over directly; so
 * does libsched_job_message_bounded.
 *
 * @param job   the job that calls (not NULL)
 * @param data  bytes, which are copied (not NULL unless size is 0)
 * @param size  how many
 * @return LIBSCHED_OK, also where there is no handler; LIBSCHED_E_NULL, LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any, as long as it is at work.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_job_message(libsched_job *job, const void *data,
                                                         size_t size);

/**
 * The same, within the bound for messages that wait.
 *
 * @param job   the job that calls (not NULL)
 * @param data  bytes, which are copied (not NULL unless size is 0)
 * @param size  how many
 * @return LIBSCHED_OK, also where there is no handler; LIBSCHED_E_CANCELLED (the run is cancelled, its handler has ended it, or a
 *         failure stops what is at work), LIBSCHED_E_RANGE (more than the bound), LIBSCHED_E_NULL, LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any, as long as it is at work.  Blocks: until there is room; the job's worker hands its place to a spare one. In the
 * thread of the handler, which runs the tasks of a pool without workers, it takes room beyond the bound instead.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_job_message_bounded(libsched_job *job,
                                                                 const void *data, size_t size);

/**
 * Takes more slots for a job, such as for threads of its own, with their tokens: all that it asks for, if they are there at this moment,
 * or none. It never waits, since who waits for more than it has may wait for ever. They are given back at the job's end, or by
 * libsched_job_release_slots.
 *
 * @param job   the job that calls (not NULL)
 * @param more  how many
 * @return LIBSCHED_OK, LIBSCHED_E_EMPTY (so many are not there), LIBSCHED_E_CANCELLED (the run is), LIBSCHED_E_STATE (it is fresh, or
 *         LIBSCHED_RUN_COMPUTE is set), LIBSCHED_E_NULL, LIBSCHED_E_FORKED, LIBSCHED_E_CLOSED (the jobserver was shut down), -ENOMEM
 *
 * Threads: any, as long as it is at work.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_job_try_slots(libsched_job *job, uint32_t more);

/**
 * Gives back some of a job's slots, with their tokens.
 *
 * @param job    the job that calls (not NULL)
 * @param fewer  how many
 * @return LIBSCHED_OK, LIBSCHED_E_RANGE (one is left to it at least), LIBSCHED_E_STATE (it is fresh, or LIBSCHED_RUN_COMPUTE is set),
 *         LIBSCHED_E_NULL, LIBSCHED_E_FORKED
 *
 * Threads: any, as long as it is at work.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_job_release_slots(libsched_job *job, uint32_t fewer);

/** What a job that is added to a run waits for. */
typedef struct libsched_dependency {
  uint64_t job;      /**< a job of the run, or LIBSCHED_NO_JOB: */
  const char *name;  /**< then its name */
  uint32_t kind;     /**< LIBSCHED_FINISHED or LIBSCHED_EARLY */
  uint32_t reserved; /**< 0 */
} libsched_dependency;

/**
 * Adds a job to a run, to be started when all that it waits for has come. No other job can wait for it but those that are added
 * after it. The graph forgets it with the run.
 *
 * @param out           receives the job's number (not NULL)
 * @param run           the run (not NULL)
 * @param options       the job (not NULL)
 * @param dependencies  what it waits for, in any state (not NULL unless count is 0)
 * @param count         how many
 * @param error         details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED (nothing is left of the run), LIBSCHED_E_CANCELLED (it starts no job any more), -EEXIST (the
 *         name is used), -ENOENT (no job has that name), LIBSCHED_E_STALE (no job of this run has that number), LIBSCHED_E_STATE (a
 *         timeout for a function, in a run that began without any), LIBSCHED_E_FORKED, -ENOMEM, or as libsched_graph_add
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_run_add(uint64_t *out, libsched_run *run,
                                                     const libsched_job_options *options,
                                                     const libsched_dependency *dependencies,
                                                     size_t count, libsched_error **error);

/**
 * As libsched_job_signal_early, for any job at work: by a handler that has seen in the output of a command that it has got so far.
 *
 * @param run  the run (not NULL)
 * @param job  the job
 * @return LIBSCHED_OK, LIBSCHED_E_STATE (it is not at work, or has signalled before), LIBSCHED_E_STALE (no job of this run),
 *         LIBSCHED_E_NULL, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_run_signal_early(libsched_run *run, uint64_t job);

/**
 * Ends a run as `cancel` of libsched_graph_run does. Functions of fresh jobs that have not been called are not called any more.
 *
 * @param run  the run (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_run_cancel(libsched_run *run);

/**
 * Keeps a run open, also when all its jobs have ended or it is cancelled: jobs may be added by threads that are none of its jobs. It must
 * be followed by libsched_run_release, until which the run is valid.
 *
 * @param run  the run (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED (it is over), LIBSCHED_E_NULL, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_run_hold(libsched_run *run);

/**
 * Lets a run end, after libsched_run_hold.
 *
 * @param run  the run, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_run_release(libsched_run *run);

/**
 * Adds a reference.
 *
 * @param result  the result, or NULL (nothing happens)
 * @return result
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_result *libsched_result_ref(libsched_result *result);

/**
 * Drops a reference.
 *
 * @param result  the result, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_result_unref(libsched_result *result);

/** A run as a whole. */
typedef struct libsched_run_summary {
  size_t struct_size;  /**< set by the initialiser */
  int32_t status;      /**< what libsched_graph_run has returned */
  uint32_t slots;      /**< N */
  uint64_t jobs;       /**< all, also those that were added meanwhile */
  uint64_t done;       /**< of these, by state */
  uint64_t fresh;      /**< the same */
  uint64_t failed;     /**< the same */
  uint64_t skipped;    /**< the same */
  uint64_t cancelled;  /**< the same */
  uint64_t tainted;    /**< jobs that had waited for the early signal of one that failed after it */
  uint64_t peak;       /**< most jobs at work at a time */
  int64_t makespan_ns; /**< from the begin to the end */
  /** The longest chain of jobs that wait for each other, by the time that they took. */
  int64_t critical_path_ns;
  /** What all jobs took together; divided by makespan_ns it is the mean parallelism. */
  int64_t work_ns;
} libsched_run_summary;

/** Initial value of libsched_run_summary. */
#define LIBSCHED_RUN_SUMMARY_INIT \
  { sizeof(libsched_run_summary), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * Makes a struct for libsched_result_get_summary, the same bytes as LIBSCHED_RUN_SUMMARY_INIT.
 *
 * @param summary  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_run_summary_init(libsched_run_summary *summary);

/**
 * A run as a whole.
 *
 * @param out     a struct with its struct_size set (not NULL)
 * @param result  the result (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_result_get_summary(libsched_run_summary *out,
                                                                libsched_result *result);

/** What has become of one job. Times are those of CLOCK_MONOTONIC, in ns; 0 where that did not happen. */
typedef struct libsched_job_result {
  size_t struct_size; /**< set by the initialiser */
  uint64_t job;       /**< its number */
  const char *name;   /**< its name, or ""; as long as the result lives */
  uint32_t state;     /**< LIBSCHED_JOB_IS_DONE ... _CANCELLED */
  uint32_t attempts;  /**< how often it was started */
  int32_t code;       /**< as libsched_run_message has it, of the last try */
  int32_t signal;     /**< the same */
  /** The job that has failed, for one that is skipped or tainted; else LIBSCHED_NO_JOB. */
  uint64_t blocked_by;
  uint32_t tainted;  /**< 1: a job has failed whose early signal it had waited for */
  uint32_t reserved; /**< 0 */
  int64_t ready_ns;  /**< all that it waited for had come */
  int64_t token_ns;  /**< it had a slot and its tokens */
  int64_t start_ns;  /**< its last try began */
  int64_t early_ns;  /**< it signalled */
  int64_t end_ns;    /**< it ended */
} libsched_job_result;

/** Initial value of libsched_job_result. */
#define LIBSCHED_JOB_RESULT_INIT \
  { sizeof(libsched_job_result), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * Makes a struct for the two functions below, the same bytes as LIBSCHED_JOB_RESULT_INIT.
 *
 * @param result  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_job_result_init(libsched_job_result *result);

/**
 * What has become of a job.
 *
 * @param out     a struct with its struct_size set (not NULL)
 * @param result  the result (not NULL)
 * @param job     its number
 * @return LIBSCHED_OK, LIBSCHED_E_STALE (no job of that run), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED,
 *         LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_result_job(libsched_job_result *out,
                                                        libsched_result *result, uint64_t job);

/**
 * The same by the order in which the jobs were added.
 *
 * @param out     a struct with its struct_size set (not NULL)
 * @param result  the result (not NULL)
 * @param index   from 0 to `jobs` of the summary
 * @return LIBSCHED_OK, LIBSCHED_E_RANGE (index), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED,
 *         LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_result_at(libsched_job_result *out,
                                                       libsched_result *result, uint64_t index);

/**
 * Writes what ran when as a trace in Chrome's JSON format, for Perfetto (ui.perfetto.dev) and chrome://tracing: each job with what it
 * has waited for a slot and tokens, and how many were at work at each time.
 *
 * @param result  the result (not NULL)
 * @param path    a file, which is replaced if it exists (not NULL)
 * @param error   details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM, or what the system says of the file; then it is
 *         incomplete
 *
 * Threads: any.  Blocks: writes the file.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_result_write_trace(libsched_result *result,
                                                                const char *path,
                                                                libsched_error **error);

LIBSCHED_END_DECLS

#endif
