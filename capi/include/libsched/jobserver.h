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

/** What a string of make's flags says of a jobserver, and what became of it. */
#define LIBSCHED_JOBSERVER_NONE 0u        /**< the variable does not exist, or names no jobserver */
#define LIBSCHED_JOBSERVER_PIPE 1u        /**< R,W: file descriptors */
#define LIBSCHED_JOBSERVER_FIFO 2u        /**< fifo:PATH */
#define LIBSCHED_JOBSERVER_DISABLED 3u    /**< negative descriptors: make tells this process to stay alone */
#define LIBSCHED_JOBSERVER_UNSUPPORTED 4u /**< a style that is not known here */
#define LIBSCHED_JOBSERVER_MALFORMED 5u   /**< no value, or one that no producer writes */
#define LIBSCHED_JOBSERVER_UNUSABLE 6u    /**< a pipe or fifo that cannot be used */

/** Both styles at once, for libsched_jobserver_serve. */
#define LIBSCHED_JOBSERVER_BOTH 7u

/** Flags: the last of all words that name a jobserver counts, which is make's rule. */
#define LIBSCHED_JOBSERVER_LAST_WINS 1u
/** Flags: acquire never hands out the implicit slot, since the caller runs a job in it anyway. */
#define LIBSCHED_JOBSERVER_EXPLICIT 2u

/** Options for joining a jobserver. */
typedef struct libsched_jobserver_options {
  size_t struct_size;    /**< set by the initialiser */
  uint64_t flags;        /**< LIBSCHED_JOBSERVER_LAST_WINS, LIBSCHED_JOBSERVER_EXPLICIT */
  const char *makeflags; /**< the text to read; NULL = the first that exists of CARGO_MAKEFLAGS, MAKEFLAGS, MFLAGS */
  uint32_t fallback;     /**< slots of a jobserver of its own where none can be used; 0 = the implicit slot alone */
  uint32_t reserved;     /**< must be 0 */
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
 *         -ENOMEM, -EMFILE, -ENFILE, -EAGAIN (no thread can be started)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_jobserver_inherit(libsched_jobserver **out,
                                                               const libsched_jobserver_options *options,
                                                               libsched_error **error);
