/**
 * GNU make's jobserver, both ends: a pool of tokens that the processes of a build share, so that all of them together run no
 * more jobs than the one who began it asked for.
 *
 * libsched_jobserver_inherit joins the jobserver of the parent process, as make, cargo and ninja leave word of it in the
 * environment; libsched_jobserver_serve begins one for the children. Either way a caller takes one token for each job that it
 * runs at a time, and gives it back after:
 *
 *     libsched_jobserver_inherit(&jobserver, NULL, NULL);
 *     libsched_jobserver_acquire(&token, jobserver, LIBSCHED_FOREVER, NULL);
 *     run a job;
 *     libsched_jobserver_release(jobserver, token);
 *
 * Every process has one slot that it need not ask for, the implicit one. It is the first token that acquire hands out, and never
 * goes back into the shared pool. So where there is no jobserver that can be used one job runs at a time, and acquire
 * waits for its end.
 *
 * The protocol is that of the GNU make manual, "Sharing Job Slots with GNU make". What its implementations do beyond it is
 * taken from GNU make, jobserver-rs, ninja, CMake and gcc.
 */
#ifndef LIBSCHED_JOBSERVER_H
#define LIBSCHED_JOBSERVER_H

#include <libsched/base.h>
#include <libsched/cancel.h>
#include <libsched/error.h>
#include <libsched/pool.h>
#include <libsched/queue.h>

LIBSCHED_BEGIN_DECLS

/** A jobserver: inherited, served, or none at all. */
typedef struct libsched_jobserver libsched_jobserver;

/** No token. */
#define LIBSCHED_NO_TOKEN ((uint64_t)0)

/** What a string of make's flags says of a jobserver. */
#define LIBSCHED_JOBSERVER_NONE 0u /**< nothing */
#define LIBSCHED_JOBSERVER_PIPE 1u /**< R,W: file descriptors */
#define LIBSCHED_JOBSERVER_FIFO 2u /**< fifo:PATH */
#define LIBSCHED_JOBSERVER_DISABLED \
  3u /**< a negative descriptor: make keeps its jobserver from this process */
#define LIBSCHED_JOBSERVER_UNSUPPORTED 4u /**< a style that is not known here */
#define LIBSCHED_JOBSERVER_MALFORMED 5u   /**< no value, or one that no producer writes */
/** Both styles over one fifo, for libsched_jobserver_serve. */
#define LIBSCHED_JOBSERVER_BOTH 6u

/** Flags: the last of all words that name a jobserver counts, which is make's rule. */
#define LIBSCHED_JOBSERVER_LAST_WINS 1u
/** Flags: acquire never hands out the implicit slot, since the caller runs a job in it anyway. */
#define LIBSCHED_JOBSERVER_EXPLICIT 2u

/** Options for joining a jobserver. */
typedef struct libsched_jobserver_options {
  size_t struct_size; /**< set by the initialiser */
  uint64_t flags;     /**< LIBSCHED_JOBSERVER_LAST_WINS, LIBSCHED_JOBSERVER_EXPLICIT */
  const char *
      makeflags; /**< the text to read; NULL = the first that exists of CARGO_MAKEFLAGS, MAKEFLAGS, MFLAGS */
  uint32_t
      fallback; /**< slots of a jobserver of its own where none can be used; 0 = the implicit slot alone */
  uint32_t reserved; /**< must be 0 */
} libsched_jobserver_options;

/** Initial value of libsched_jobserver_options: all defaults. */
#define LIBSCHED_JOBSERVER_OPTIONS_INIT \
  { sizeof(libsched_jobserver_options), 0, 0, 0, 0 }

/**
 * Sets all defaults, the same bytes as LIBSCHED_JOBSERVER_OPTIONS_INIT.
 *
 * @param options  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_jobserver_options_init(libsched_jobserver_options *options);

/**
 * Joins the jobserver that the flags name. Of several words the last of each kind counts; --jobserver-auth goes before
 * --jobserver-fds, as in jobserver-rs, unless it cannot be used and the other one can.
 *
 * That there is none, or that it cannot be used, is no error: the result then has the slots that `fallback` says, and
 * libsched_jobserver_get_info tells why. Call it before the process opens other files: descriptors that are named but were
 * not inherited may be somebody else's by then.
 *
 * @param out      receives the handle with one reference (not NULL)
 * @param options  NULL for all defaults
 * @param error    details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_FLAGS (also for reserved), LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG,
 *         -ENOMEM, -EMFILE, -ENFILE
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_inherit(
    libsched_jobserver **out, const libsched_jobserver_options *options, libsched_error **error);

/**
 * Begins a jobserver for the children of this process. They find it by what libsched_jobserver_makeflags says and, but for
 * LIBSCHED_JOBSERVER_FIFO, by the two descriptors of libsched_jobserver_child_fds.
 *
 * A pipe serves make before 4.4, gcc, cargo and most others; a fifo make from 4.4 on, ninja from 1.13 on and cargo, whose
 * children need not inherit anything. With both, make 4.3 uses the descriptors and cargo the fifo; ninja 1.13 warns then, and
 * uses neither.
 *
 * @param out    receives the handle with one reference (not NULL)
 * @param slots  how many jobs may run at a time, this process' own one among them, at least 1
 * @param style  LIBSCHED_JOBSERVER_PIPE, LIBSCHED_JOBSERVER_FIFO or LIBSCHED_JOBSERVER_BOTH
 * @param flags  0 or LIBSCHED_JOBSERVER_EXPLICIT
 * @param error  details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_FLAGS, LIBSCHED_E_RANGE (style; or slots: 0, or more than a pipe of the system
 *         holds), -ENOMEM, -EMFILE, -ENFILE, or what the system says of the directory for
 *         a fifo
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_serve(libsched_jobserver **out,
                                                             uint32_t slots, uint32_t style,
                                                             uint32_t flags,
                                                             libsched_error **error);

/**
 * Adds a reference.
 *
 * @param jobserver  the jobserver, or NULL (nothing happens)
 * @return jobserver
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_jobserver *libsched_jobserver_ref(libsched_jobserver *jobserver);

/**
 * Drops a reference. With the last one it is shut down, and all tokens that are still held go back. Brokers of it offer no more
 * tokens, and give back those that they have as they get them.
 *
 * @param jobserver  the jobserver, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_jobserver_unref(libsched_jobserver *jobserver);

/**
 * Takes a token, once there is one. Those that wait get theirs in the order in which they came; who comes anew may take one that
 * is there before them, but no more than 64 times in a row.
 *
 * @param token       receives the token, never LIBSCHED_NO_TOKEN; unchanged on failure (not NULL)
 * @param jobserver   the jobserver (not NULL)
 * @param timeout_ns  longest wait, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, LIBSCHED_E_CLOSED (it was shut down, requests were
 *         withdrawn, or libsched_jobserver_release_all was called), -EPIPE (the other processes' end is closed, and no token
 *         will ever come: told once, after that there is the implicit slot), LIBSCHED_E_STATE (LIBSCHED_JOBSERVER_EXPLICIT, and there is no
 *         jobserver: no token will ever come), -EAGAIN, -EMFILE, -ENFILE (what waits cannot be started), -ENOMEM, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE,
 *         LIBSCHED_E_FORKED, or what the system says of the pipe
 *
 * Threads: any.  Blocks: while there is no token; a worker of a pool hands its place to a spare one.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_acquire(uint64_t *token,
                                                               libsched_jobserver *jobserver,
                                                               int64_t timeout_ns,
                                                               libsched_cancel *cancel);

/**
 * Takes a token if there is one; also before those that wait, but no more than 64 times in a row.
 *
 * @param token      receives the token, never LIBSCHED_NO_TOKEN; unchanged on failure (not NULL)
 * @param jobserver  the jobserver (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_EMPTY, and as libsched_jobserver_acquire
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_try_acquire(uint64_t *token,
                                                                   libsched_jobserver *jobserver);

/**
 * Asks for a token that is pushed into a queue when there is one: as a pointer whose value is the token, or NULL
 * (LIBSCHED_NO_TOKEN) if there will never be one, or the system refuses what waiting needs.
 *
 * @param jobserver  the jobserver (not NULL)
 * @param queue      a queue of pointers (not NULL); a token that it does not take, since it is closed, goes back
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED (it was shut down), -ENOMEM, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STATE (a
 *         queue of bytes), LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_acquire_into(libsched_jobserver *jobserver,
                                                                    libsched_queue *queue);

/**
 * What is called with a token, by a thread of the jobserver's own that does nothing else. It should not take long, since the
 * others wait for it. It may call any function of the library.
 *
 * @param token      the token, which is the callback's to release
 * @param user_data  what was handed over with the request
 */
typedef void (*libsched_token_fn)(uint64_t token, void *user_data);

/**
 * Asks for a token with which a function is called when there is one.
 *
 * @param jobserver  the jobserver (not NULL)
 * @param fn         called once, with the token (not NULL)
 * @param user_data  passed to fn or discard
 * @param discard    called in its place, by the same thread, if there will never be a token; or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_CLOSED (it was shut down), -ENOMEM, -EAGAIN (no thread can be started), LIBSCHED_E_NULL,
 *         LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED; neither function is called then
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_acquire_call(libsched_jobserver *jobserver,
                                                                    libsched_token_fn fn,
                                                                    void *user_data,
                                                                    libsched_discard_fn discard);

/**
 * Withdraws all requests that wait: blocked calls return LIBSCHED_E_CLOSED, queues get LIBSCHED_NO_TOKEN, calls are discarded.
 *
 * @param withdrawn  receives how many there were, or NULL
 * @param jobserver  the jobserver (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_withdraw(uint64_t *withdrawn,
                                                                libsched_jobserver *jobserver);

/**
 * Gives a token back: the very byte that was read, or the implicit slot, which only this process sees.
 *
 * @param jobserver  the jobserver (not NULL)
 * @param token      a token that was acquired from it
 * @return LIBSCHED_OK, LIBSCHED_E_STALE (it is none, or was given back before; nothing is written), LIBSCHED_E_NULL,
 *         LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_release(libsched_jobserver *jobserver,
                                                               uint64_t token);

/**
 * Gives back all tokens that this process holds, those of its brokers too. May be called by a signal handler, for a process that is
 * about to die of the signal; no token can be used or released after it, and none is taken any more. A token that a thread is
 * just about to give back when the signal comes may be missed, and one that another thread is just taking.
 *
 * @param jobserver  the jobserver (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any, signal handlers too.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_release_all(libsched_jobserver *jobserver);

/** What was found in the environment. The strings live as long as the handle. */
typedef struct libsched_jobserver_info {
  size_t struct_size; /**< set by the initialiser */
  uint32_t kind;      /**< LIBSCHED_JOBSERVER_NONE ... _MALFORMED, of the word that counts */
  int32_t
      status; /**< LIBSCHED_OK: it is used; else why not; LIBSCHED_E_EMPTY: there is none for this process */
  uint32_t dry_run; /**< 1: make was called with -n, so nothing is to be run */
  uint32_t jobs;    /**< N of -jN, as far as it is given; 0 = not, or without limit */
  const char *
      variable; /**< CARGO_MAKEFLAGS, MAKEFLAGS or MFLAGS; "" = none of them, or the text was given */
  const char *word;    /**< the word that counts, "" = none */
  const char *message; /**< why it is not used, and what would help; "" = it is */
} libsched_jobserver_info;

/** Initial value of libsched_jobserver_info. */
#define LIBSCHED_JOBSERVER_INFO_INIT \
  { sizeof(libsched_jobserver_info), 0, 0, 0, 0, 0, 0, 0 }

/**
 * Makes a struct for libsched_jobserver_get_info, the same bytes as LIBSCHED_JOBSERVER_INFO_INIT.
 *
 * @param info  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_jobserver_info_init(libsched_jobserver_info *info);

/**
 * Says what libsched_jobserver_inherit has found. For one that is served: nothing.
 *
 * @param out        a struct with its struct_size set (not NULL)
 * @param jobserver  the jobserver (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_get_info(libsched_jobserver_info *out,
                                                                libsched_jobserver *jobserver);

/** Where the tokens are, at one moment. */
typedef struct libsched_jobserver_stats {
  size_t struct_size; /**< set by the initialiser */
  uint64_t slots;     /**< jobs that may run at a time, in all; 0 = not known */
  uint64_t available; /**< tokens that lie in the shared pool */
  uint64_t held;      /**< tokens that this process holds, without the implicit slot */
  uint64_t brokered;  /**< tokens that are with its brokers (libsched/broker.h) */
  uint64_t
      outstanding; /**< of a served one: tokens that children hold, or, once all have ended, have lost */
  uint64_t extra;   /**< of a served one: tokens that children gave back and never took */
  uint64_t lost;    /**< tokens that could not be given back, as the pool was full or broken */
  uint64_t waiting; /**< requests that wait for a token */
} libsched_jobserver_stats;

/** Initial value of libsched_jobserver_stats. */
#define LIBSCHED_JOBSERVER_STATS_INIT \
  { sizeof(libsched_jobserver_stats), 0, 0, 0, 0, 0, 0, 0, 0 }

/**
 * Makes a struct for libsched_jobserver_get_stats, the same bytes as LIBSCHED_JOBSERVER_STATS_INIT.
 *
 * @param stats  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_jobserver_stats_init(libsched_jobserver_stats *stats);

/**
 * Counts the tokens.
 *
 * @param out        a struct with its struct_size set (not NULL)
 * @param jobserver  the jobserver (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_get_stats(libsched_jobserver_stats *out,
                                                                 libsched_jobserver *jobserver);

/**
 * Ends it for this process: no token is handed out any more, requests are withdrawn, the directory that a fifo was made in is
 * removed. Tokens that are held can still be released. The report says where the tokens are: once all children have ended,
 * `outstanding` of them are missing, and `extra` ones were given back by somebody who had not taken them.
 *
 * A jobserver that was not shut down ends with its last reference. The directory of a fifo is removed when the process exits,
 * too; but not if it is killed.
 *
 * @param report     receives the counts: a struct with its struct_size set; or NULL
 * @param jobserver  the jobserver (not NULL)
 * @return LIBSCHED_OK, also the second time, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STRUCT_SHORT,
 *         LIBSCHED_E_STRUCT_LONG, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_shutdown(libsched_jobserver_stats *report,
                                                                libsched_jobserver *jobserver);

/**
 * What children are to find in MAKEFLAGS, such as " -j4 --jobserver-auth=3,4". For a jobserver that was inherited it is what this
 * process has found.
 *
 * @param jobserver  the jobserver (not NULL)
 * @return the text, which lives as long as the handle; NULL if there is no jobserver that children could use, or the handle is
 *         not valid
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD const char *libsched_jobserver_makeflags(
    libsched_jobserver *jobserver);

/**
 * An environment for a child: a copy, with libsched_jobserver_makeflags as its MAKEFLAGS, and without MFLAGS and CARGO_MAKEFLAGS,
 * which could name another jobserver. Where there is no jobserver that children could use it is a mere copy.
 *
 * @param out        receives the environment, which libsched_envp_free frees (not NULL)
 * @param jobserver  the jobserver (not NULL)
 * @param base       what to copy, ended by NULL; NULL = the environment of this process, which nobody may change meanwhile
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_envp(char ***out,
                                                            libsched_jobserver *jobserver,
                                                            const char *const *base);

/**
 * Frees an environment that the library has made.
 *
 * @param envp  the environment, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_envp_free(char **envp);

/**
 * The descriptors that a child is to inherit under the same numbers. Those of a served jobserver are closed on exec: clear
 * FD_CLOEXEC in the child, between fork and exec, so that no other child gets them.
 *
 * @param read_fd    receives the end that tokens are read from, or -1 if nothing is to be inherited (not NULL)
 * @param write_fd   receives the end that tokens are written to, or -1 (not NULL)
 * @param jobserver  the jobserver (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_STATE (there is no jobserver that children could use), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE,
 *         LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_child_fds(int *read_fd, int *write_fd,
                                                                 libsched_jobserver *jobserver);

LIBSCHED_END_DECLS

#endif
