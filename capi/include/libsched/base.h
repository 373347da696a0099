/**
 * What every other header needs: export marks, fixed-width types, and the constants shared by all objects.
 */
#ifndef LIBSCHED_BASE_H
#define LIBSCHED_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define LIBSCHED_BEGIN_DECLS extern "C" {
#define LIBSCHED_END_DECLS }
#else
#define LIBSCHED_BEGIN_DECLS
#define LIBSCHED_END_DECLS
#endif

#if defined(SWIG) || !defined(__GNUC__)
#define LIBSCHED_API
#define LIBSCHED_NODISCARD
#else
#define LIBSCHED_API __attribute__((visibility("default")))
#define LIBSCHED_NODISCARD __attribute__((warn_unused_result))
#endif

/** A timeout that never expires. */
#define LIBSCHED_FOREVER ((int64_t)-1)

/** The most workers or contexts one object may have. */
#define LIBSCHED_MAX_WORKERS 1024u

/** The three priorities. 0 is the default one. */
#define LIBSCHED_NORMAL 0u
#define LIBSCHED_HIGH 1u
#define LIBSCHED_LOW 2u
/** How many priorities there are; the length of arrays indexed by one. */
#define LIBSCHED_PRIORITIES 3

LIBSCHED_BEGIN_DECLS

/**
 * Takes back one element or `user_data` that will never be used: called exactly once, in place of the
 * callback or consumer that would have had it. It runs on whichever thread gives the element up. While a discard that has
 * ended its thread (pthread_exit) is on its way out, the others that it passes must not do so too.
 *
 * @param user_data  what was handed over with the task, or the element itself
 */
typedef void (*libsched_discard_fn)(void *user_data);

/** Kinds of handles, for libsched_live_objects. */
#define LIBSCHED_KIND_CANCEL 1u
#define LIBSCHED_KIND_DEQUE 2u
#define LIBSCHED_KIND_STEALER 3u
#define LIBSCHED_KIND_INJECTOR 4u
#define LIBSCHED_KIND_STEALING_QUEUE 5u
#define LIBSCHED_KIND_POOL 6u
#define LIBSCHED_KIND_GROUP 7u
#define LIBSCHED_KIND_BATCH 8u
#define LIBSCHED_KIND_QUEUE 9u
#define LIBSCHED_KIND_SENDER 10u
#define LIBSCHED_KIND_DISPATCHER 11u
#define LIBSCHED_KIND_CHANNEL 12u
#define LIBSCHED_KIND_JOBSERVER 13u
#define LIBSCHED_KIND_BROKER 14u
#define LIBSCHED_KIND_PROCESS 15u

/**
 * How many handles of a kind are alive in this process. The last unref ends a handle, though the workers of a pool
 * may still be on their way out.
 *
 * @param out   receives the count; after fork, the child counts its own from zero (not NULL)
 * @param kind  one of the LIBSCHED_KIND_ constants
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_RANGE (no such kind)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_live_objects(uint64_t *out, uint32_t kind);

/**
 * How many CPUs this process may really use: its affinity mask and its cgroup quota (rounded up).
 *
 * @return the count, at least 1
 *
 * Threads: any.  Blocks: reads a few files below /proc and /sys.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD uint32_t libsched_usable_cpus(void);

LIBSCHED_END_DECLS

#endif
