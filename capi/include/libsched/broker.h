/**
 * Brokers: a jobserver for one child of its own, so that no token is lost with it.
 *
 * In a pool that many processes share nobody can tell who holds a token, and what a process holds that is killed is lost for the
 * rest of the build. A broker stands between the pool and one child with all that descends from it: it has two pipes of its own,
 * feeds tokens into one and takes them back from the other. When nobody has that other one open any more, all processes of the
 * child have let go, whether they were killed or not, and all that they took is back in the pool.
 *
 *     libsched_broker_create(&broker, jobserver, NULL);
 *     fork and exec a child with libsched_broker_envp and libsched_broker_child_fds
 *     libsched_broker_start(broker);
 *     wait for the child
 *     libsched_broker_wait(broker, LIBSCHED_FOREVER, NULL);
 *
 * libsched_process_spawn does the first three by itself. As in every jobserver, the child runs one job without asking: whoever
 * starts it takes a token for that.
 *
 * A child gets one token at a time, when it has taken the one before. A token that lies there untaken for 10 ms goes to others who
 * want it, or back into the pool where others could and it is empty; then the broker offers none for 10 ms, the next time for 20 ms, up to 1.28 s,
 * until its child takes one. In that state it stands behind other requests, of which no more than 16 in a row go before it.
 *
 * Brokers serve pipes, that is R,W as make before 4.4, gcc and cargo use them: who uses a fifo opens it by its name and leaves
 * no trace when it ends.
 */
#ifndef LIBSCHED_BROKER_H
#define LIBSCHED_BROKER_H

#include <libsched/base.h>
#include <libsched/cancel.h>
#include <libsched/error.h>
#include <libsched/jobserver.h>

LIBSCHED_BEGIN_DECLS

/** A broker. */
typedef struct libsched_broker libsched_broker;

/**
 * Makes a broker for a child that is still to be started.
 *
 * @param out        receives the handle with one reference (not NULL)
 * @param jobserver  where the tokens come from, served or inherited (not NULL)
 * @param error      details of a failure, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, LIBSCHED_E_STATE (there is no jobserver: only the
 *         implicit slot of this process), -ENOMEM, -EMFILE, -ENFILE
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_broker_create(libsched_broker **out,
                                                           libsched_jobserver *jobserver,
                                                           libsched_error **error);

/**
 * Adds a reference.
 *
 * @param broker  the broker, or NULL (nothing happens)
 * @return broker
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_broker *libsched_broker_ref(libsched_broker *broker);

/**
 * Drops a reference. One that was started goes on without any until its child and all descendants have let go.
 *
 * @param broker  the broker, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_broker_unref(libsched_broker *broker);

/**
 * What the child is to find in MAKEFLAGS.
 *
 * @param broker  the broker (not NULL)
 * @return the text, which lives as long as the handle; NULL if the handle is not valid
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD const char *libsched_broker_makeflags(libsched_broker *broker);

/**
 * An environment for the child, as libsched_jobserver_envp makes it.
 *
 * @param out     receives the environment, which libsched_envp_free frees (not NULL)
 * @param broker  the broker (not NULL)
 * @param base    what to copy, ended by NULL; NULL = the environment of this process, which nobody may change meanwhile
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_broker_envp(char ***out, libsched_broker *broker,
                                                         const char *const *base);

/**
 * The descriptors that the child is to inherit under the same numbers. They are closed on exec: clear FD_CLOEXEC in the child,
 * between fork and exec. No other child may get them, or the broker waits for it too.
 *
 * @param read_fd   receives the end that tokens are read from (not NULL)
 * @param write_fd  receives the end that tokens are written to (not NULL)
 * @param broker    the broker (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_STATE (it was started, and has closed them here), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE,
 *         LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_broker_child_fds(int *read_fd, int *write_fd,
                                                              libsched_broker *broker);

/**
 * Says that the child was forked: the child's descriptors are closed in this process, and tokens are offered.
 *
 * @param broker  the broker (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_STATE (it was started before), LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED, -ENOMEM,
 *         -EMFILE, -ENFILE, -EAGAIN (the library's thread cannot be started), -ENOSPC (too many descriptors are watched for this
 *         user)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_broker_start(libsched_broker *broker);

/**
 * Waits until the child and all that has inherited the pipes from it have ended, or have closed them. What they took is back
 * then.
 *
 * @param broker      the broker (not NULL)
 * @param timeout_ns  longest wait, in ns; 0 never waits, negative waits for ever
 * @param cancel      ends the wait, or NULL
 * @return LIBSCHED_OK, LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, LIBSCHED_E_STATE (it was not started), LIBSCHED_E_NULL,
 *         LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: while somebody has the pipe open; a worker of a pool hands its place to a spare one.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_broker_wait(libsched_broker *broker,
                                                         int64_t timeout_ns,
                                                         libsched_cancel *cancel);

/** Where a broker's tokens are, at one moment. */
typedef struct libsched_broker_stats {
  size_t struct_size; /**< set by the initialiser */
  uint64_t offered;   /**< 1: a token lies there for the child */
  uint64_t taken;     /**< tokens that the child and its descendants have */
  uint64_t total;     /**< how many they have taken since the beginning */
  uint64_t rescued; /**< of these, how many were not given back before the last process had ended */
  uint64_t extra;   /**< tokens that came back without having been taken, and were dropped */
  uint32_t over;    /**< 1: all processes have let go */
  uint32_t reserved; /**< 0 */
} libsched_broker_stats;

/** Initial value of libsched_broker_stats. */
#define LIBSCHED_BROKER_STATS_INIT \
  { sizeof(libsched_broker_stats), 0, 0, 0, 0, 0, 0, 0 }

/**
 * Makes a struct for libsched_broker_get_stats, the same bytes as LIBSCHED_BROKER_STATS_INIT.
 *
 * @param stats  the struct to fill, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_broker_stats_init(libsched_broker_stats *stats);

/**
 * Counts a broker's tokens.
 *
 * @param out     a struct with its struct_size set (not NULL)
 * @param broker  the broker (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_STRUCT_SHORT, LIBSCHED_E_STRUCT_LONG, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_broker_get_stats(libsched_broker_stats *out,
                                                              libsched_broker *broker);

LIBSCHED_END_DECLS

#endif
