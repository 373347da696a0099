/**
 * Details of one failure, for calls where a number is not enough.
 *
 * Such a call takes an optional last argument `libsched_error **error`. When the call fails and the argument
 * is not NULL, *error receives a new object, which the caller frees; when it succeeds, *error becomes NULL.
 * What *error held before is overwritten, not freed.
 */
#ifndef LIBSCHED_ERROR_H
#define LIBSCHED_ERROR_H

#include <libsched/base.h>

LIBSCHED_BEGIN_DECLS

/** One failure: a status, the system's errno if there was one, a place, and a text. Immutable. */
typedef struct libsched_error libsched_error;

/**
 * The status the call returned.
 *
 * @param error  the error, or NULL
 * @return the status, LIBSCHED_OK for NULL
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_error_status(const libsched_error *error);

/**
 * The errno of the system call that failed.
 *
 * @param error  the error, or NULL
 * @return a positive errno, or 0 if no system call failed
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_error_errno(const libsched_error *error);

/**
 * Where in the input the failure lies.
 *
 * @param error  the error, or NULL
 * @return an index or byte offset into the argument that the message names, 0 where there is none
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD uint64_t libsched_error_offset(const libsched_error *error);

/**
 * What was wrong, with which value, and what would be right.
 *
 * @param error  the error, or NULL
 * @return a text that lives as long as the error; "" for NULL
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD const char *libsched_error_message(const libsched_error *error);

/**
 * Frees an error.
 *
 * @param error  the error, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_error_free(libsched_error *error);

LIBSCHED_END_DECLS

#endif
