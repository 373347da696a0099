#ifndef LIBSCHED_FORK_JOIN_H
#define LIBSCHED_FORK_JOIN_H
#include <libsched/pool.h>
LIBSCHED_BEGIN_DECLS
typedef struct libsched_frame { int32_t code; uint32_t reserved; void *reserved_pointers[5]; } libsched_frame;
LIBSCHED_API int libsched_fork(libsched_frame *frame, libsched_task_fn fn, void *user_data);
LIBSCHED_API int libsched_join(libsched_frame *frame);
LIBSCHED_END_DECLS
#endif
