/**
 * Version of the headers and of the library that is running.
 */
#ifndef LIBSCHED_VERSION_H
#define LIBSCHED_VERSION_H

#include <libsched/base.h>

#define LIBSCHED_VERSION_MAJOR 0
#define LIBSCHED_VERSION_MINOR 1
#define LIBSCHED_VERSION_PATCH 0
/** The version as a string. */
#define LIBSCHED_VERSION_STRING "0.1.0"
/** The version as one number: major * 1000000 + minor * 1000 + patch. */
#define LIBSCHED_VERSION_NUMBER 1000

LIBSCHED_BEGIN_DECLS

/**
 * The version of the running library as one number, to compare with LIBSCHED_VERSION_NUMBER.
 *
 * @return major * 1000000 + minor * 1000 + patch
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD uint32_t libsched_version(void);

/**
 * The version of the running library as text.
 *
 * @return a static string such as "0.1.0"
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD const char *libsched_version_string(void);

LIBSCHED_END_DECLS

#endif
