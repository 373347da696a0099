/**
 * Graphs: jobs that wait for each other, functions and commands, to be run in the best order by libsched_graph_run
 * (<libsched/run.h>).
 *
 *     libsched_graph_create(&graph, NULL, NULL);
 *     libsched_graph_add(&compile, graph, &a, NULL);
 *     libsched_graph_add(&link, graph, &b, NULL);
 *     libsched_graph_depend(graph, link, compile, LIBSCHED_FINISHED, NULL);
 *     libsched_graph_run(&result, graph, pool, NULL, NULL, &error);
 *
 * A graph is built in any order, then it is run, as often as one likes. The most urgent of the jobs that may start is the one of
 * the highest priority, among these the one with the longest path of work behind it (or, with LIBSCHED_GRAPH_DOWNSTREAM, with the
 * most work behind it, as Cargo has it), among these the one that was added first.
 */
#ifndef LIBSCHED_GRAPH_H
#define LIBSCHED_GRAPH_H

#include <libsched/base.h>
#include <libsched/error.h>

LIBSCHED_BEGIN_DECLS

/** A graph of jobs. */
typedef struct libsched_graph libsched_graph;
/** A job at work, as its own function sees it; valid during the call of that function. */
typedef struct libsched_job libsched_job;

/** No job: the number of none. Jobs are known by numbers that no other job of any graph of this process has. */
#define LIBSCHED_NO_JOB ((uint64_t)0)

/** A dependent waits for the end of the other job. */
#define LIBSCHED_FINISHED 0u
/** A dependent waits for libsched_job_signal_early by the other job, or for its end if it never does that. */
#define LIBSCHED_EARLY 1u

/**
 * What a job does.
 *
 * @param job        this job, for the functions libsched_job_...
 * @param user_data  what was handed over with the job
 * @return 0 when done; anything else: the job has failed with that code (of a fresh job: see LIBSCHED_JOB_FRESH)
 */
typedef int (*libsched_job_fn)(libsched_job *job, void *user_data);

/** Job flags: nothing is to be done. It takes no slot, no token and no thread, and is finished as soon as all that it waits for is.
 *  Its function, if it has one, is called in the thread of libsched_graph_run as one of its messages: to show again what was
 *  said the last time. What it returns, unless 0, ends the run as what a handler returns does; the job is fresh all the same. */
#define LIBSCHED_JOB_FRESH 1u
/** Job flags: argv[0] is a command for /bin/sh -c; what follows it are the command's $1, $2 and so on. */
#define LIBSCHED_JOB_SHELL 2u

/** A job: a function, or a command, or neither; then it is finished when all that it waits for is. */
typedef struct libsched_job_options {
  size_t struct_size;  /**< set by the initialiser */
  uint64_t flags;      /**< LIBSCHED_JOB_FRESH, LIBSCHED_JOB_SHELL */
  const char *name;    /**< of no other job of the graph; NULL or "" = none; copied */
  uint64_t cost;       /**< how long it takes, in units of the caller's choice; 0 = 1 */
  uint64_t early_cost; /**< of that, until it signals; 0 = all of it */
  uint32_t priority;   /**< LIBSCHED_NORMAL, LIBSCHED_HIGH or LIBSCHED_LOW: goes before all costs */
  /** Slots that it takes while it runs; 0 = 1; more than the run has, or can get tokens for, count as these. */
  uint32_t weight;
  uint32_t limit_class; /**< of libsched_graph_limit; 0 = none */
  uint32_t retries;     /**< how often it is tried again when it fails before an early signal */
  /** Longest run of one try, in ns; 0 = for ever. A command is stopped then; a function is asked to end, as libsched_job_cancelled says,
      and has failed in any case. */
  int64_t timeout_ns;
  libsched_job_fn fn; /**< what it does, or NULL */
  void *user_data;    /**< passed to fn and discard */
  /** Called once, when the job is forgotten: with its graph, or with those that were added while it ran; or NULL. */
  libsched_discard_fn discard;
  /** A command, as libsched_process_options has it, in place of fn; copied; or NULL. */
  const char *const *argv;
  const char *const *envp; /**< its environment; copied; NULL = that of this process */
  const char *cwd;         /**< where it works; copied; NULL = where this process does */
} libsched_job_options;

/** Initial value of libsched_job_options: all defaults, and nothing to do. */
#define LIBSCHED_JOB_OPTIONS_INIT \
  { sizeof(libsched_job_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * Sets all defaults, the same bytes as LIBSCHED_JOB_OPTIONS_INIT.
 *
 * @param options  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_job_options_init(libsched_job_options *options);

/** Graph flags: ready jobs go by the costs of all that waits for them, directly or not, in place of the longest path. */
#define LIBSCHED_GRAPH_DOWNSTREAM 1u

/**
 * Creates a graph without jobs.
 *
 * @param out    receives the handle with one reference (not NULL)
 * @param flags  0 or LIBSCHED_GRAPH_DOWNSTREAM
 * @param error  details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_FLAGS, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_graph_create(libsched_graph **out, uint32_t flags,
                                                          libsched_error **error);

/**
 * Adds a reference.
 *
 * @param graph  the graph, or NULL (nothing happens)
 * @return graph
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_graph *libsched_graph_ref(libsched_graph *graph);

/**
 * Drops a reference. The last one calls the discard of each job, the last job's first; while the graph runs, the end of the run
 * does that.
 *
 * @param graph  the graph, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never, apart from discard.  Since: 0.1
 */
LIBSCHED_API void libsched_graph_unref(libsched_graph *graph);

/**
 * Adds a job.
 *
 * @param out      receives the job's number (not NULL)
 * @param graph    the graph (not NULL)
 * @param options  the job (not NULL)
 * @param error    details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_NULL (also argv without a program), LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, LIBSCHED_E_BUSY (it is
 *         being used), LIBSCHED_E_STATE (it is frozen, or has run), LIBSCHED_E_RANGE (priority, limit_class, timeout_ns, fn
 *         and argv both), LIBSCHED_E_FLAGS, LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, LIBSCHED_E_TOO_LARGE, -ENOMEM
 *
 * Threads: one at a time.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_graph_add(uint64_t *out, libsched_graph *graph,
                                                       const libsched_job_options *options,
                                                       libsched_error **error);

/**
 * Lets one job wait for another. Saying it twice is the same as once; LIBSCHED_FINISHED goes before LIBSCHED_EARLY.
 *
 * @param graph       the graph (not NULL)
 * @param dependent   the job that waits
 * @param dependency  the job that it waits for
 * @param kind        LIBSCHED_FINISHED or LIBSCHED_EARLY
 * @param error       details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, LIBSCHED_E_BUSY, LIBSCHED_E_STATE (it is frozen),
 *         LIBSCHED_E_RANGE (kind), LIBSCHED_E_STALE (no job of this graph), LIBSCHED_E_TOO_LARGE, -ENOMEM
 *
 * Threads: one at a time.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_graph_depend(libsched_graph *graph, uint64_t dependent,
                                                          uint64_t dependency, uint32_t kind,
                                                          libsched_error **error);

/**
 * The same by the jobs' names, which may come later.
 *
 * @param graph       the graph (not NULL)
 * @param dependent   the job that waits (not NULL, nor empty)
 * @param dependency  the job that it waits for (not NULL, nor empty)
 * @param kind        LIBSCHED_FINISHED or LIBSCHED_EARLY
 * @param error       details of a failure, or NULL
 * @return as libsched_graph_depend, without LIBSCHED_E_STALE
 *
 * Threads: one at a time.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_graph_depend_name(libsched_graph *graph,
                                                               const char *dependent,
                                                               const char *dependency,
                                                               uint32_t kind,
                                                               libsched_error **error);

/**
 * Makes a class of jobs of which only some are at work at a time, such as those that need much memory; or changes one that has not
 * run yet.
 *
 * @param out    receives the class, for `limit_class` (not NULL)
 * @param graph  the graph (not NULL)
 * @param name   the class' name (not NULL)
 * @param most   most jobs of it at work, 1 or more
 * @param error  details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, LIBSCHED_E_BUSY, LIBSCHED_E_RANGE (most), -ENOMEM
 *
 * Threads: one at a time.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_graph_limit(uint32_t *out, libsched_graph *graph,
                                                         const char *name, uint32_t most,
                                                         libsched_error **error);

/**
 * A job by its name.
 *
 * @param out    receives the job's number (not NULL)
 * @param graph  the graph (not NULL)
 * @param name   its name (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_EMPTY (there is none), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, LIBSCHED_E_BUSY
 *
 * Threads: one at a time.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_graph_find(uint64_t *out, libsched_graph *graph,
                                                        const char *name);

/**
 * Finds what is wrong with a graph, and puts its jobs in order: what libsched_graph_run does first. After it the graph takes no
 * more jobs and dependencies, other than from a run. A graph in which something is wrong stays as it is, and can be mended; but one that is
 * too large is frozen by then, as its order can be looked for only when its edges are known.
 *
 * @param graph  the graph (not NULL)
 * @param error  details of a failure, or NULL: the text names the jobs, those of a cycle in its order; libsched_error_offset says which
 *               job it is, from 0 in the order of addition: the second of that name, the one that depends (or that it waits for, if
 *               the one that depends has not come), the first of the cycle
 * @return LIBSCHED_OK, also a second time; -EEXIST (two jobs have one name), -ENOENT (a dependency names a job that has not come),
 *         LIBSCHED_E_CYCLE, LIBSCHED_E_TOO_LARGE (for LIBSCHED_GRAPH_DOWNSTREAM), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE,
 *         LIBSCHED_E_FORKED, LIBSCHED_E_BUSY, -ENOMEM
 *
 * Threads: one at a time.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_graph_freeze(libsched_graph *graph,
                                                          libsched_error **error);

/**
 * Forgets the last run, and the jobs that were added in it, whose discards are called. libsched_graph_run does that first.
 *
 * @param graph  the graph (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, LIBSCHED_E_BUSY
 *
 * Threads: one at a time.  Blocks: never, apart from discard.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_graph_reset(libsched_graph *graph);

LIBSCHED_END_DECLS

#endif
