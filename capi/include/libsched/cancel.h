/**
 * A switch that ends waits. Every call that blocks takes one (or NULL); triggering it makes all calls that
 * wait on it, now or later, return LIBSCHED_E_CANCELLED with nothing taken, until it is reset. A call that need not
 * wait does not look at it.
 */
#ifndef LIBSCHED_CANCEL_H
#define LIBSCHED_CANCEL_H

#include <libsched/base.h>

LIBSCHED_BEGIN_DECLS

/** A cancel switch. */
typedef struct libsched_cancel libsched_cancel;

/**
 * Creates a switch that is not triggered.
 *
 * @param out  receives the handle with one reference (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, -ENOMEM
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_cancel_create(libsched_cancel **out);

/**
 * Adds a reference.
 *
 * @param cancel  the switch, or NULL (nothing happens)
 * @return cancel
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API libsched_cancel *libsched_cancel_ref(libsched_cancel *cancel);

/**
 * Drops a reference. A call that waits on the switch must keep one until it returns.
 *
 * @param cancel  the switch, or NULL (nothing happens)
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API void libsched_cancel_unref(libsched_cancel *cancel);

/**
 * Triggers the switch: every call that waits on it returns LIBSCHED_E_CANCELLED. Triggering twice does no harm.
 *
 * @param cancel  the switch (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_cancel_trigger(libsched_cancel *cancel);

/**
 * Makes a triggered switch usable again. A call that was waiting when the switch was triggered may miss the
 * trigger if it is reset before that call has returned.
 *
 * @param cancel  the switch (not NULL)
 * @return LIBSCHED_OK, LIBSCHED_E_NULL, LIBSCHED_E_HANDLE, LIBSCHED_E_FORKED
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_cancel_reset(libsched_cancel *cancel);

/**
 * Says whether the switch is triggered.
 *
 * @param cancel  the switch, or NULL
 * @return 1 if triggered, 0 if not, and 0 for NULL or a parent process's handle
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD int libsched_cancel_is_triggered(libsched_cancel *cancel);

LIBSCHED_END_DECLS

#endif
