/**
 * All functions in one table, for a host that loads libsched by dlopen and looks up a single symbol:
 *
 *     libsched_get_api_fn get = (libsched_get_api_fn)dlsym(handle, "libsched_get_api");
 *     const libsched_api *api = get(LIBSCHED_API_VERSION);
 *
 * Entries are only ever appended. Each has the contract of the function of the same name.
 */
#ifndef LIBSCHED_API_H
#define LIBSCHED_API_H

#include <libsched/base.h>
#include <libsched/batch.h>
#include <libsched/blocking.h>
#include <libsched/cancel.h>
#include <libsched/deque.h>
#include <libsched/error.h>
#include <libsched/group.h>
#include <libsched/injector.h>
#include <libsched/fork_join.h>
#include <libsched/queue.h>
#include <libsched/dispatcher.h>
#include <libsched/channel.h>
#include <libsched/jobserver.h>
#include <libsched/broker.h>
#include <libsched/process.h>
#include <libsched/pool.h>
#include <libsched/graph.h>
#include <libsched/run.h>
#include <libsched/status.h>
#include <libsched/stealing_queue.h>
#include <libsched/version.h>

LIBSCHED_BEGIN_DECLS

/** The version of the table below. */
#define LIBSCHED_API_VERSION 1u

/** The table. Entries past struct_size are not there. */
typedef struct libsched_api {
  size_t struct_size;   /**< size of the running library's table */
  uint32_t api_version; /**< the version that was asked for */
  uint32_t reserved;    /**< 0 */
  int (*live_objects)(uint64_t *out, uint32_t kind);
  uint32_t (*usable_cpus)(void);
  const char *(*status_name)(int status);
  const char *(*status_message)(int status);
  uint32_t (*version)(void);
  const char *(*version_string)(void);
  int (*error_status)(const libsched_error *error);
  int (*error_errno)(const libsched_error *error);
  uint64_t (*error_offset)(const libsched_error *error);
  const char *(*error_message)(const libsched_error *error);
  void (*error_free)(libsched_error *error);
  int (*cancel_create)(libsched_cancel **out);
  libsched_cancel *(*cancel_ref)(libsched_cancel *cancel);
  void (*cancel_unref)(libsched_cancel *cancel);
  int (*cancel_trigger)(libsched_cancel *cancel);
  int (*cancel_reset)(libsched_cancel *cancel);
  int (*cancel_is_triggered)(libsched_cancel *cancel);
  void (*deque_options_init)(libsched_deque_options *options);
  int (*deque_create)(libsched_deque **out, const libsched_deque_options *options);
  libsched_deque *(*deque_ref)(libsched_deque *deque);
  void (*deque_unref)(libsched_deque *deque);
  int (*deque_push)(libsched_deque *deque, void *item);
  int (*deque_pop)(void **out, libsched_deque *deque);
  int (*deque_shrink)(libsched_deque *deque);
  int (*deque_len)(uint64_t *out, libsched_deque *deque);
  int (*stealer_create)(libsched_stealer **out, libsched_deque *deque);
  libsched_stealer *(*stealer_ref)(libsched_stealer *stealer);
  void (*stealer_unref)(libsched_stealer *stealer);
  int (*stealer_steal)(void **out, libsched_stealer *stealer);
  int (*stealer_steal_batch)(libsched_stealer *stealer, libsched_deque *destination, uint32_t limit);
  int (*stealer_steal_batch_and_pop)(void **out, libsched_stealer *stealer, libsched_deque *destination, uint32_t limit);
  int (*stealer_len)(uint64_t *out, libsched_stealer *stealer);
  void (*injector_options_init)(libsched_injector_options *options);
  int (*injector_create)( libsched_injector **out, const libsched_injector_options *options);
  libsched_injector *(*injector_ref)(libsched_injector *injector);
  void (*injector_unref)(libsched_injector *injector);
  int (*injector_push)(libsched_injector *injector, void *item);
  int (*injector_push_n)(size_t *accepted, libsched_injector *injector, void *const *items, size_t n);
  int (*injector_steal)(void **out, libsched_injector *injector);
  int (*injector_steal_batch)(libsched_injector *injector, libsched_deque *destination, uint32_t limit);
  int (*injector_steal_batch_and_pop)( void **out, libsched_injector *injector, libsched_deque *destination, uint32_t limit);
  int (*injector_len)(uint64_t *out, libsched_injector *injector);
  void (*stealing_queue_options_init)(libsched_stealing_queue_options *options);
  int (*stealing_queue_create)( libsched_stealing_queue **out, const libsched_stealing_queue_options *options);
  libsched_stealing_queue *(*stealing_queue_ref)(libsched_stealing_queue *queue);
  void (*stealing_queue_unref)(libsched_stealing_queue *queue);
  int (*stealing_queue_contexts)(uint32_t *out, libsched_stealing_queue *queue);
  int (*stealing_queue_submit)(libsched_stealing_queue *queue, uint32_t priority, void *item);
  int (*stealing_queue_submit_local)( libsched_stealing_queue *queue, uint32_t context, uint32_t priority, void *item);
  int (*stealing_queue_next)(void **out, uint32_t *priority, libsched_stealing_queue *queue, uint32_t context);
  int (*stealing_queue_len)(uint64_t *out, libsched_stealing_queue *queue, uint32_t priority);
  void (*pool_options_init)(libsched_pool_options *options);
  void (*pool_stats_init)(libsched_pool_stats *stats);
  int (*pool_create)(libsched_pool **out, const libsched_pool_options *options, libsched_error **error);
  libsched_pool *(*pool_ref)(libsched_pool *pool);
  void (*pool_unref)(libsched_pool *pool);
  int (*pool_submit)(libsched_pool *pool, uint32_t priority, libsched_task_fn fn, void *user_data, libsched_discard_fn discard);
  int (*pool_try_submit)(libsched_pool *pool, uint32_t priority, libsched_task_fn fn, void *user_data, libsched_discard_fn discard);
  int (*pool_submit_timed)( libsched_pool *pool, uint32_t priority, libsched_task_fn fn, void *user_data, libsched_discard_fn discard, int64_t timeout_ns, libsched_cancel *cancel, libsched_error **error);
  int (*pool_submit_n)( size_t *accepted, libsched_pool *pool, uint32_t priority, libsched_task_fn fn, void *const *user_data, size_t n, libsched_discard_fn discard, int64_t timeout_ns, libsched_cancel *cancel, libsched_error **error);
  int (*pool_wait_idle)(libsched_pool *pool, int64_t timeout_ns, libsched_cancel *cancel, libsched_error **error);
  int (*pool_shutdown)(libsched_pool *pool, uint32_t mode, int64_t timeout_ns, libsched_cancel *cancel, libsched_error **error);
  int (*pool_run_one)(libsched_pool *pool);
  int (*pool_get_stats)(libsched_pool_stats *out, libsched_pool *pool);
  int (*pool_max_workers)(uint32_t *out, libsched_pool *pool);
  int (*pool_current_worker)(uint32_t *out, libsched_pool *pool);
  uint32_t (*task_worker)(const libsched_task *task);
  int (*task_cancelled)(const libsched_task *task);
  int (*should_yield)(const libsched_task *task);
  int (*fork)(libsched_frame *frame, libsched_task_fn fn, void *user_data);
  int (*join)(libsched_frame *frame);
  int (*parallel_for)(int *code, libsched_pool *pool, uint32_t priority, uint64_t begin, uint64_t end,
                      uint64_t grain, libsched_index_fn fn, void *user_data, libsched_cancel *cancel,
                      libsched_error **error);
  int (*parallel_for_each_chunk)(int *code, libsched_pool *pool, uint32_t priority, uint64_t begin,
                                 uint64_t end, uint64_t grain, libsched_chunk_fn fn, void *user_data,
                                 libsched_cancel *cancel, libsched_error **error);
  int (*blocking_begin)(void);
  int (*blocking_end)(void);
  void (*group_options_init)(libsched_group_options *options);
  void (*group_stats_init)(libsched_group_stats *stats);
  int (*group_create)(libsched_group **out, libsched_pool *pool, const libsched_group_options *options, libsched_error **error);
  libsched_group *(*group_ref)(libsched_group *group);
  void (*group_unref)(libsched_group *group);
  int (*group_submit)(libsched_group *group, uint32_t priority, libsched_task_fn fn, void *user_data, libsched_discard_fn discard);
  int (*group_submit_timed)(libsched_group *group, uint32_t priority, libsched_task_fn fn, void *user_data, libsched_discard_fn discard, int64_t timeout_ns, libsched_cancel *cancel, libsched_error **error);
  int (*group_submit_n)(size_t *accepted, libsched_group *group, uint32_t priority, libsched_task_fn fn, void *const *user_data, size_t n, libsched_discard_fn discard, int64_t timeout_ns, libsched_cancel *cancel, libsched_error **error);
  int (*group_enter)(libsched_group *group);
  int (*group_leave)(libsched_group *group, int code);
  int (*group_close)(libsched_group *group);
  int (*group_wait)(int *code, libsched_group *group, uint32_t flags, int64_t timeout_ns, libsched_cancel *cancel, libsched_error **error);
  int (*group_cancel)(libsched_group *group);
  int (*group_reset)(libsched_group *group);
  int (*group_get_stats)(libsched_group_stats *out, libsched_group *group);
  int (*batch_create)(libsched_batch **out, libsched_pool *pool, libsched_batch_fn run_many, libsched_discard_fn discard, uint32_t max, libsched_error **error);
  libsched_batch *(*batch_ref)(libsched_batch *batch);
  void (*batch_unref)(libsched_batch *batch);
  int (*batch_submit)(libsched_batch *batch, libsched_group *group, uint32_t priority, void *user_data);
  int (*batch_submit_n)(size_t *accepted, libsched_batch *batch, libsched_group *group, uint32_t priority, void *const *user_data, size_t n, int64_t timeout_ns, libsched_cancel *cancel, libsched_error **error);
  void (*queue_options_init)(libsched_queue_options *options);
  int (*queue_create)(libsched_queue **out, const libsched_queue_options *options);
  libsched_queue *(*queue_ref)(libsched_queue *queue);
  void (*queue_unref)(libsched_queue *queue);
  int (*queue_push)(libsched_queue *queue, void *message);
  int (*queue_push_bounded)(libsched_queue *queue, void *message, int64_t timeout_ns, libsched_cancel *cancel);
  int (*queue_try_push)(libsched_queue *queue, void *message);
  int (*queue_pop)(void **out, libsched_queue *queue, int64_t timeout_ns, libsched_cancel *cancel);
  int (*queue_try_pop)(void **out, libsched_queue *queue);
  int (*queue_pop_n)(void **out, size_t *taken, libsched_queue *queue, size_t n, int64_t timeout_ns, libsched_cancel *cancel);
  int (*queue_pop_all)(size_t *taken, libsched_queue *queue, libsched_message_fn fn, void *user_data);
  int (*queue_push_bytes)(libsched_queue *queue, const void *bytes, size_t size);
  int (*queue_push_bytes_bounded)(libsched_queue *queue, const void *bytes, size_t size, int64_t timeout_ns, libsched_cancel *cancel);
  int (*queue_try_push_bytes)(libsched_queue *queue, const void *bytes, size_t size);
  int (*queue_pop_bytes)(void *buffer, size_t *size, libsched_queue *queue, size_t capacity, int64_t timeout_ns, libsched_cancel *cancel);
  int (*queue_try_pop_bytes)(void *buffer, size_t *size, libsched_queue *queue, size_t capacity);
  int (*queue_close)(libsched_queue *queue);
  int (*queue_len)(uint64_t *out, libsched_queue *queue);
  int (*queue_byte_len)(uint64_t *out, libsched_queue *queue);
  int (*queue_poll_fd)(int *out, libsched_queue *queue);
  int (*queue_poll_arm)(uint32_t *out, libsched_queue *queue);
  int (*sender_create)(libsched_sender **out, libsched_queue *queue);
  libsched_sender *(*sender_ref)(libsched_sender *sender);
  void (*sender_unref)(libsched_sender *sender);
  int (*sender_push)(libsched_sender *sender, void *message);
  int (*sender_push_bounded)(libsched_sender *sender, void *message, int64_t timeout_ns, libsched_cancel *cancel);
  int (*sender_try_push)(libsched_sender *sender, void *message);
  int (*sender_push_bytes)(libsched_sender *sender, const void *bytes, size_t size);
  int (*sender_push_bytes_bounded)(libsched_sender *sender, const void *bytes, size_t size, int64_t timeout_ns, libsched_cancel *cancel);
  int (*sender_try_push_bytes)(libsched_sender *sender, const void *bytes, size_t size);
  void (*dispatcher_options_init)(libsched_dispatcher_options *options);
  int (*dispatcher_create)(libsched_dispatcher **out, libsched_pool *pool, const libsched_dispatcher_options *options, libsched_error **error);
  libsched_dispatcher *(*dispatcher_ref)(libsched_dispatcher *dispatcher);
  void (*dispatcher_unref)(libsched_dispatcher *dispatcher);
  int (*dispatcher_set_limit)(libsched_dispatcher *dispatcher, uint32_t limit);
  int (*dispatcher_pause)(libsched_dispatcher *dispatcher);
  int (*dispatcher_resume)(libsched_dispatcher *dispatcher);
  int (*dispatcher_wait)(libsched_dispatcher *dispatcher, int64_t timeout_ns, libsched_cancel *cancel, libsched_error **error);
  int (*dispatcher_shutdown)(libsched_dispatcher *dispatcher, uint32_t mode, int64_t timeout_ns, libsched_cancel *cancel, libsched_error **error);
  void (*dispatcher_stats_init)(libsched_dispatcher_stats *stats);
  int (*dispatcher_get_stats)(libsched_dispatcher_stats *out, libsched_dispatcher *dispatcher);
  void (*channel_options_init)(libsched_channel_options *options);
  int (*channel_create)(libsched_channel **out, libsched_dispatcher *dispatcher, const libsched_channel_options *options, libsched_error **error);
  libsched_channel *(*channel_ref)(libsched_channel *channel);
  void (*channel_unref)(libsched_channel *channel);
  const char *(*channel_name)(libsched_channel *channel);
  int (*channel_send)(libsched_channel *channel, void *user_data, int64_t timeout_ns, libsched_cancel *cancel);
  int (*channel_try_send)(libsched_channel *channel, void *user_data);
  int (*channel_send_n)(size_t *accepted, libsched_channel *channel, void *const *user_data, size_t n, int64_t timeout_ns, libsched_cancel *cancel);
  int (*channel_send_task)(libsched_channel *channel, libsched_task_fn work, libsched_finalize_fn finalize, void *user_data, libsched_discard_fn discard, int64_t timeout_ns, libsched_cancel *cancel);
  int (*channel_len)(uint64_t *out, libsched_channel *channel);
  int (*channel_in_flight)(uint64_t *out, libsched_channel *channel);
  int (*channel_close)(libsched_channel *channel);
  int (*channel_clear)(uint64_t *dropped, uint64_t *cancelled, libsched_channel *channel);
  int (*channel_pause)(libsched_channel *channel);
  int (*channel_resume)(libsched_channel *channel);
  int (*channel_set_limit)(libsched_channel *channel, uint32_t limit);
  void (*channel_stats_init)(libsched_channel_stats *stats);
  int (*channel_get_stats)(libsched_channel_stats *out, libsched_channel *channel);
  void (*jobserver_options_init)(libsched_jobserver_options *options);
  int (*jobserver_inherit)(libsched_jobserver **out, const libsched_jobserver_options *options, libsched_error **error);
  int (*jobserver_serve)(libsched_jobserver **out, uint32_t slots, uint32_t style, uint32_t flags, libsched_error **error);
  libsched_jobserver *(*jobserver_ref)(libsched_jobserver *jobserver);
  void (*jobserver_unref)(libsched_jobserver *jobserver);
  int (*jobserver_acquire)(uint64_t *token, libsched_jobserver *jobserver, int64_t timeout_ns, libsched_cancel *cancel);
  int (*jobserver_try_acquire)(uint64_t *token, libsched_jobserver *jobserver);
  int (*jobserver_acquire_into)(libsched_jobserver *jobserver, libsched_queue *queue);
  int (*jobserver_acquire_call)(libsched_jobserver *jobserver, libsched_token_fn fn, void *user_data, libsched_discard_fn discard);
  int (*jobserver_withdraw)(uint64_t *withdrawn, libsched_jobserver *jobserver);
  int (*jobserver_release)(libsched_jobserver *jobserver, uint64_t token);
  int (*jobserver_release_all)(libsched_jobserver *jobserver);
  void (*jobserver_info_init)(libsched_jobserver_info *info);
  int (*jobserver_get_info)(libsched_jobserver_info *out, libsched_jobserver *jobserver);
  void (*jobserver_stats_init)(libsched_jobserver_stats *stats);
  int (*jobserver_get_stats)(libsched_jobserver_stats *out, libsched_jobserver *jobserver);
  int (*jobserver_shutdown)(libsched_jobserver_stats *report, libsched_jobserver *jobserver);
  const char *(*jobserver_makeflags)(libsched_jobserver *jobserver);
  int (*jobserver_envp)(char ***out, libsched_jobserver *jobserver, const char *const *base);
  void (*envp_free)(char **envp);
  int (*jobserver_child_fds)(int *read_fd, int *write_fd, libsched_jobserver *jobserver);
  int (*broker_create)(libsched_broker **out, libsched_jobserver *jobserver, libsched_error **error);
  libsched_broker *(*broker_ref)(libsched_broker *broker);
  void (*broker_unref)(libsched_broker *broker);
  const char *(*broker_makeflags)(libsched_broker *broker);
  int (*broker_envp)(char ***out, libsched_broker *broker, const char *const *base);
  int (*broker_child_fds)(int *read_fd, int *write_fd, libsched_broker *broker);
  int (*broker_start)(libsched_broker *broker);
  int (*broker_wait)(libsched_broker *broker, int64_t timeout_ns, libsched_cancel *cancel);
  void (*broker_stats_init)(libsched_broker_stats *stats);
  int (*broker_get_stats)(libsched_broker_stats *out, libsched_broker *broker);
  void (*process_options_init)(libsched_process_options *options);
  int (*process_spawn)(libsched_process **out, const libsched_process_options *options, libsched_error **error);
  libsched_process *(*process_ref)(libsched_process *process);
  void (*process_unref)(libsched_process *process);
  int (*process_pid)(int64_t *out, libsched_process *process);
  void (*process_result_init)(libsched_process_result *result);
  int (*process_wait)(libsched_process_result *result, libsched_process *process, int64_t timeout_ns, libsched_cancel *cancel);
  int (*process_stop)(libsched_process *process, int64_t grace_ns);
  int (*process_kill)(libsched_process *process, int32_t signal);
  void (*job_options_init)(libsched_job_options *options);
  int (*graph_create)(libsched_graph **out, uint32_t flags, libsched_error **error);
  libsched_graph *(*graph_ref)(libsched_graph *graph);
  void (*graph_unref)(libsched_graph *graph);
  int (*graph_add)(uint64_t *out, libsched_graph *graph, const libsched_job_options *options,
                   libsched_error **error);
  int (*graph_depend)(libsched_graph *graph, uint64_t dependent, uint64_t dependency, uint32_t kind,
                      libsched_error **error);
  int (*graph_depend_name)(libsched_graph *graph, const char *dependent, const char *dependency,
                           uint32_t kind, libsched_error **error);
  int (*graph_limit)(uint32_t *out, libsched_graph *graph, const char *name, uint32_t most,
                     libsched_error **error);
  int (*graph_find)(uint64_t *out, libsched_graph *graph, const char *name);
  int (*graph_freeze)(libsched_graph *graph, libsched_error **error);
  int (*graph_reset)(libsched_graph *graph);
  void (*run_options_init)(libsched_run_options *options);
  int (*graph_run)(libsched_result **out, libsched_graph *graph, libsched_pool *pool,
                   const libsched_run_options *options, libsched_cancel *cancel,
                   libsched_error **error);
  uint64_t (*job_id)(libsched_job *job);
  libsched_run *(*job_run)(libsched_job *job);
  int (*job_cancelled)(libsched_job *job);
  int (*job_signal_early)(libsched_job *job);
  int (*job_message)(libsched_job *job, const void *data, size_t size);
  int (*job_message_bounded)(libsched_job *job, const void *data, size_t size);
  int (*run_add)(uint64_t *out, libsched_run *run, const libsched_job_options *options,
                 const libsched_dependency *dependencies, size_t count, libsched_error **error);
  int (*run_signal_early)(libsched_run *run, uint64_t job);
  int (*run_cancel)(libsched_run *run);
  libsched_result *(*result_ref)(libsched_result *result);
  void (*result_unref)(libsched_result *result);
  void (*run_summary_init)(libsched_run_summary *summary);
  int (*result_get_summary)(libsched_run_summary *out, libsched_result *result);
  void (*job_result_init)(libsched_job_result *result);
  int (*result_job)(libsched_job_result *out, libsched_result *result, uint64_t job);
  int (*result_at)(libsched_job_result *out, libsched_result *result, uint64_t index);
  int (*result_write_trace)(libsched_result *result, const char *path, libsched_error **error);
  int (*job_try_slots)(libsched_job *job, uint32_t more);
  int (*job_release_slots)(libsched_job *job, uint32_t fewer);
  int (*run_hold)(libsched_run *run);
  void (*run_release)(libsched_run *run);
  int (*batch_give_back)(libsched_task *task, size_t first);
  int (*batch_stand_in)(libsched_task *task);
} libsched_api;

/** The type of libsched_get_api, for dlsym. */
typedef const libsched_api *(*libsched_get_api_fn)(uint32_t api_version);

/**
 * The function table.
 *
 * @param api_version  LIBSCHED_API_VERSION of the headers the caller was compiled with
 * @return a static table, or NULL if the library does not have that version
 *
 * Threads: any.  Blocks: never.  Since: 0.1
 */
LIBSCHED_API LIBSCHED_NODISCARD const libsched_api *libsched_get_api(uint32_t api_version);

LIBSCHED_END_DECLS

#endif
