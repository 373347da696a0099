/**
 * Status codes, their names and messages, from one list.
 */
#ifndef LIBSCHED_STATUS_H
#define LIBSCHED_STATUS_H

#include <libsched/base.h>

/** Success. */
#define LIBSCHED_OK 0

/**
 * Every code of the library: XX(name, value, message). A value is never given a new meaning.
 */
#define LIBSCHED_STATUS_MAP(XX)                                                                     \
  XX(E_CLOSED, -10000, "the object was shut down or closed")                                       \
  XX(E_CANCELLED, -10001, "the wait was cancelled; nothing was taken")                             \
  XX(E_TIMEOUT, -10002, "the time allowed ran out")                                                \
  XX(E_FULL, -10003, "the capacity is reached")                                                    \
  XX(E_EMPTY, -10004, "there is nothing to take")                                                  \
  XX(E_RETRY, -10005, "another thread interfered; trying again may succeed")                       \
  XX(E_BUSY, -10010, "the owner's side is in use by another thread")                               \
  XX(E_DEADLOCK, -10011, "called from where it could only wait for itself")                        \
  XX(E_NOT_WORKER, -10012, "the calling thread is not a worker of this pool")                      \
  XX(E_FORKED, -10013, "the handle belongs to the parent process")                                 \
  XX(E_UNBALANCED, -10014, "an end without its begin")                                             \
  XX(E_NO_SPARE, -10015, "no spare worker can stand in")                                           \
  XX(E_STATE, -10016, "the object is not in the state that the call needs")                        \
  XX(E_STALE, -10017, "the token is not held, or not any more")                                    \
  XX(E_CYCLE, -10018, "jobs wait for each other")                                                  \
  XX(E_NULL, -10020, "a required pointer is NULL")                                                 \
  XX(E_HANDLE, -10021, "the pointer is not a live handle of this kind")                            \
  XX(E_RANGE, -10022, "a number is outside its allowed range")                                     \
  XX(E_FLAGS, -10023, "unknown flag bits are set")                                                 \
  XX(E_STRUCT_SHORT, -10024, "struct_size is smaller than any release of the struct")              \
  XX(E_STRUCT_LONG, -10025, "the struct has non-zero fields that this version does not know")      \
  XX(E_TOO_LARGE, -10026, "more than there is room or a budget for")                               \
  XX(E_EXCEPTION, -10030, "the callback was left by an exception")                                 \
  XX(E_UNWOUND, -10031, "the callback ended its thread (pthread_exit or cancellation)")            \
  XX(E_FAILED, -10032, "a callback failed; its own code says how")                                 \
  XX(E_INTERNAL, -10090, "a defect in libsched")

/** The codes as constants, LIBSCHED_E_CLOSED and so on. */
enum libsched_status {
#define LIBSCHED_PRIV_ENUM(name, value, message) LIBSCHED_##name = value,
  LIBSCHED_STATUS_MAP(LIBSCHED_PRIV_ENUM)
#undef LIBSCHED_PRIV_ENUM
  LIBSCHED_PRIV_STATUS_END = 1
};

LIBSCHED_BEGIN_DECLS

/**
 * The name of a status, such as "LIBSCHED_E_CLOSED", or "ENOMEM" for a negated errno.
 *
 * @param status  any int
 * @return a static string, never NULL; "unknown" for a value that is no status
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD const char *libsched_status_name(int status);

/**
 * One sentence that says what a status means.
 *
 * @param status  any int
 * @return a static string, never NULL; "unknown status" for a value that is no status
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD const char *libsched_status_message(int status);

LIBSCHED_END_DECLS

#endif
