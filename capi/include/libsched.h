/**
 * libsched: one scheduling engine for any language.
 *
 * Include this file alone; it brings in every part of the API.
 *
 * Conventions, which hold for every function:
 *
 *  1. A function that can fail returns `int`: 0 (LIBSCHED_OK) is success, a value from -1 to -4095
 *     is the negated errno of what the system refused, a value <= -10000 is one of <libsched/status.h>.
 *  2. An error means that nothing happened: no callback was taken over, nothing was freed.
 *     The exceptions are named where they are declared.
 *  3. Results come first (`out`), then the object, then the rest. On failure a handle result is NULL.
 *  4. Handles are reference counted. `_unref` accepts NULL, never blocks, and may be called anywhere.
 *  5. A timeout is relative, in nanoseconds; 0 never waits, a negative one (LIBSCHED_FOREVER) waits for ever.
 *  6. Options may be NULL (all defaults). In an options struct 0 means default everywhere.
 *  7. After fork the child's copies of the parent's handles are dead: calls return LIBSCHED_E_FORKED and
 *     `_unref` does nothing. The child may create new objects.
 *  8. No lock is held while a callback of yours runs.
 */
#ifndef LIBSCHED_H
#define LIBSCHED_H

#include <libsched/base.h>
#include <libsched/status.h>
#include <libsched/version.h>
#include <libsched/error.h>
#include <libsched/cancel.h>
#include <libsched/deque.h>
#include <libsched/injector.h>
#include <libsched/stealing_queue.h>
#include <libsched/pool.h>
#include <libsched/blocking.h>
#include <libsched/group.h>
#include <libsched/batch.h>
#include <libsched/fork_join.h>
#include <libsched/queue.h>
#include <libsched/dispatcher.h>
#include <libsched/channel.h>
#include <libsched/jobserver.h>
#include <libsched/broker.h>
#include <libsched/process.h>
#include <libsched/api.h>

#endif
