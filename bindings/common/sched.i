// The C interface as SWIG sees it, for every language. What a type becomes is said before this file is included:
// README.md tells how.

// Put into the wrapper, which so needs the public headers alone.
%insert("header") "bindings/common/raw.h"

%include <carrays.i>
%include <stdint.i>

// libsched_pool_submit becomes pool_submit, LIBSCHED_E_CLOSED becomes E_CLOSED.
%rename("%(regex:/^(libsched_|LIBSCHED_)(.*)/\\2/)s") "";

%include "bindings/common/results.i"
%include "bindings/common/memory.i"

// Errors do not come out of the raw layer: a typemap makes them the language's own.
%rename("$ignore", regextarget = 1, %$isfunction) "^libsched_error_";
%ignore LIBSCHED_PRIV_STATUS_END;
// As version_string() says.
%ignore LIBSCHED_VERSION_STRING;
// SWIG reads no casts in macros.
%constant int64_t FOREVER = LIBSCHED_FOREVER;
%constant uint64_t NO_TOKEN = LIBSCHED_NO_TOKEN;
%constant uint64_t NO_JOB = LIBSCHED_NO_JOB;
%ignore LIBSCHED_STATUS_MAP;
%ignore libsched_frame::reserved;

// Each public header; <libsched/api.h> only says the same functions once more.
%include <libsched/base.h>
%include <libsched/status.h>
%include <libsched/version.h>
%include <libsched/error.h>
%include <libsched/cancel.h>
%include <libsched/deque.h>
%include <libsched/injector.h>
%include <libsched/stealing_queue.h>
%include <libsched/pool.h>
%include <libsched/blocking.h>
%include <libsched/group.h>
%include <libsched/batch.h>
%include <libsched/fork_join.h>
%include <libsched/queue.h>
%include <libsched/dispatcher.h>
%include <libsched/channel.h>
%include <libsched/jobserver.h>
%include <libsched/broker.h>
%include <libsched/process.h>
%include <libsched/graph.h>
%include <libsched/run.h>
