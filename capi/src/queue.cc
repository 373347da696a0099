#include "queue.h"

#include "cancel.h"
#include "guard.h"

using sched::Status;
using sched::capi::check_cancel;
using sched::capi::Handle;

static_assert(sched::WaitLineSizes::kMostPasses == LIBSCHED_QUEUE_MAX_PASSES);

namespace {

using Body = sched::capi::Queue;
using Way = Body::Way;

constexpr Body::Waiting kAnyway{Way::kAnyway, 0, nullptr};
constexpr Body::Waiting kTry{Way::kTry, 0, nullptr};

Body::Waiting waiting_of(int64_t timeout_ns, libsched_cancel* cancel) {
  return {Way::kWait, timeout_ns, sched::capi::body_of(cancel)};
}

}  // namespace

struct libsched_sender : Handle {
  static constexpr uint32_t kKind = LIBSCHED_KIND_SENDER;
  explicit libsched_sender(Body* queue) : Handle(kKind), body(queue) {}
  Body* const body;
};

namespace {

// Either end of a queue, for messages of one form.
template <class End>
Status check(const End* end, bool bytes) {
  if (const Status status = Handle::check(end, End::kKind)) return status;
  return end->body->holds_bytes() == bytes ? LIBSCHED_OK : LIBSCHED_E_STATE;
}

template <class End>
Status push(End* end, void* message, const Body::Waiting& waiting) {
  const Status status = check(end, false);
  return status != LIBSCHED_OK ? status : end->body->push(message, waiting);
}

template <class End>
Status push_bytes(End* end, const void* bytes, size_t size, const Body::Waiting& waiting) {
  if (bytes == nullptr && size != 0) return LIBSCHED_E_NULL;
  const Status status = check(end, true);
  return status != LIBSCHED_OK ? status : end->body->push_bytes(bytes, size, waiting);
}

Status pop(void** out, libsched_queue* queue, const Body::Waiting& waiting) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = check(queue, false);
  return status != LIBSCHED_OK ? status : queue->body->pop(*out, waiting);
}

Status pop_bytes(void* buffer, size_t* size, libsched_queue* queue, size_t capacity,
                 const Body::Waiting& waiting) {
  if (size == nullptr || (buffer == nullptr && capacity != 0)) return LIBSCHED_E_NULL;
  *size = 0;
  const Status status = check(queue, true);
  return status != LIBSCHED_OK ? status : queue->body->pop_bytes(buffer, capacity, waiting, *size);
}

}  // namespace

extern "C" {

void libsched_queue_options_init(libsched_queue_options* options) {
  sched::capi::init_options(options);
}

int libsched_queue_create(libsched_queue** out, const libsched_queue_options* options) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  *out = nullptr;
  libsched_queue_options wanted;
  if (const Status status = sched::capi::read_options(options, wanted)) return status;
  if ((wanted.flags & ~uint64_t{LIBSCHED_QUEUE_BYTES}) != 0) return LIBSCHED_E_FLAGS;
  const bool bytes = wanted.flags != 0;
  if (bytes ? wanted.discard != nullptr : wanted.byte_bound != 0) return LIBSCHED_E_RANGE;
  return sched::capi::guarded([&] {
    Body* body = new Body({wanted.bound, wanted.byte_bound, bytes}, wanted.discard);
    *out = new (std::nothrow) libsched_queue(body);
    if (*out != nullptr) return LIBSCHED_OK;
    body->drop_receivers();
    return -ENOMEM;
  });
}

libsched_queue* libsched_queue_ref(libsched_queue* queue) {
  Handle::add(queue, LIBSCHED_KIND_QUEUE);
  return queue;
}

void libsched_queue_unref(libsched_queue* queue) {
  if (!Handle::drop(queue, LIBSCHED_KIND_QUEUE)) return;
  Body* body = queue->body;
  delete queue;
  body->drop_receivers();
}

int libsched_queue_push(libsched_queue* queue, void* message) {
  return push(queue, message, kAnyway);
}

int libsched_queue_push_bounded(libsched_queue* queue, void* message, int64_t timeout_ns,
                                libsched_cancel* cancel) {
  if (const Status status = check_cancel(cancel)) return status;
  return push(queue, message, waiting_of(timeout_ns, cancel));
}

int libsched_queue_try_push(libsched_queue* queue, void* message) {
  return push(queue, message, kTry);
}

int libsched_queue_pop(void** out, libsched_queue* queue, int64_t timeout_ns,
                       libsched_cancel* cancel) {
  if (const Status status = check_cancel(cancel)) return status;
  return pop(out, queue, waiting_of(timeout_ns, cancel));
}

int libsched_queue_try_pop(void** out, libsched_queue* queue) { return pop(out, queue, kTry); }

int libsched_queue_pop_n(void** out, size_t* taken, libsched_queue* queue, size_t n,
                         int64_t timeout_ns, libsched_cancel* cancel) {
  if (taken == nullptr) return LIBSCHED_E_NULL;
  *taken = 0;
  if (out == nullptr && n != 0) return LIBSCHED_E_NULL;
  if (const Status status = check(queue, false)) return status;
  if (const Status status = check_cancel(cancel)) return status;
  return queue->body->pop_n(out, n, waiting_of(timeout_ns, cancel), *taken);
}

int libsched_queue_pop_all(size_t* taken, libsched_queue* queue, libsched_message_fn fn,
                           void* user_data) {
  if (taken == nullptr) return LIBSCHED_E_NULL;
  *taken = 0;
  if (fn == nullptr) return LIBSCHED_E_NULL;
  const Status status = check(queue, false);
  return status != LIBSCHED_OK ? status : queue->body->pop_all(fn, user_data, *taken);
}

int libsched_queue_push_bytes(libsched_queue* queue, const void* bytes, size_t size) {
  return push_bytes(queue, bytes, size, kAnyway);
}

int libsched_queue_push_bytes_bounded(libsched_queue* queue, const void* bytes, size_t size,
                                      int64_t timeout_ns, libsched_cancel* cancel) {
  if (const Status status = check_cancel(cancel)) return status;
  return push_bytes(queue, bytes, size, waiting_of(timeout_ns, cancel));
}

int libsched_queue_try_push_bytes(libsched_queue* queue, const void* bytes, size_t size) {
  return push_bytes(queue, bytes, size, kTry);
}

int libsched_queue_pop_bytes(void* buffer, size_t* size, libsched_queue* queue, size_t capacity,
                             int64_t timeout_ns, libsched_cancel* cancel) {
  if (const Status status = check_cancel(cancel)) return status;
  return pop_bytes(buffer, size, queue, capacity, waiting_of(timeout_ns, cancel));
}

int libsched_queue_try_pop_bytes(void* buffer, size_t* size, libsched_queue* queue,
                                 size_t capacity) {
  return pop_bytes(buffer, size, queue, capacity, kTry);
}

int libsched_queue_close(libsched_queue* queue) {
  const Status status = Handle::check(queue, LIBSCHED_KIND_QUEUE);
  if (status == LIBSCHED_OK) queue->body->close();
  return status;
}

int libsched_queue_len(uint64_t* out, libsched_queue* queue) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = Handle::check(queue, LIBSCHED_KIND_QUEUE);
  if (status == LIBSCHED_OK) *out = queue->body->size();
  return status;
}

int libsched_queue_byte_len(uint64_t* out, libsched_queue* queue) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = check(queue, true);
  if (status == LIBSCHED_OK) *out = queue->body->bytes();
  return status;
}

int libsched_queue_poll_fd(int* out, libsched_queue* queue) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  const Status status = Handle::check(queue, LIBSCHED_KIND_QUEUE);
  return status != LIBSCHED_OK ? status : queue->body->poll_fd(*out);
}

int libsched_queue_poll_arm(uint32_t* out, libsched_queue* queue) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  if (const Status status = Handle::check(queue, LIBSCHED_KIND_QUEUE)) return status;
  bool something = false;
  const Status status = queue->body->arm(something);
  *out = something ? LIBSCHED_QUEUE_NONEMPTY : LIBSCHED_QUEUE_ARMED;
  return status;
}

int libsched_sender_create(libsched_sender** out, libsched_queue* queue) {
  if (out == nullptr) return LIBSCHED_E_NULL;
  *out = nullptr;
  if (const Status status = Handle::check(queue, LIBSCHED_KIND_QUEUE)) return status;
  auto* sender = new (std::nothrow) libsched_sender(queue->body);
  if (sender == nullptr) return -ENOMEM;
  const Status status = queue->body->add_sender();
  if (status == LIBSCHED_OK) {
    *out = sender;
  } else {
    delete sender;
  }
  return status;
}

libsched_sender* libsched_sender_ref(libsched_sender* sender) {
  Handle::add(sender, LIBSCHED_KIND_SENDER);
  return sender;
}

void libsched_sender_unref(libsched_sender* sender) {
  if (!Handle::drop(sender, LIBSCHED_KIND_SENDER)) return;
  Body* body = sender->body;
  delete sender;
  body->drop_sender();
}

int libsched_sender_push(libsched_sender* sender, void* message) {
  return push(sender, message, kAnyway);
}

int libsched_sender_push_bounded(libsched_sender* sender, void* message, int64_t timeout_ns,
                                 libsched_cancel* cancel) {
  if (const Status status = check_cancel(cancel)) return status;
  return push(sender, message, waiting_of(timeout_ns, cancel));
}

int libsched_sender_try_push(libsched_sender* sender, void* message) {
  return push(sender, message, kTry);
}

int libsched_sender_push_bytes(libsched_sender* sender, const void* bytes, size_t size) {
  return push_bytes(sender, bytes, size, kAnyway);
}

int libsched_sender_push_bytes_bounded(libsched_sender* sender, const void* bytes, size_t size,
                                       int64_t timeout_ns, libsched_cancel* cancel) {
  if (const Status status = check_cancel(cancel)) return status;
  return push_bytes(sender, bytes, size, waiting_of(timeout_ns, cancel));
}

int libsched_sender_try_push_bytes(libsched_sender* sender, const void* bytes, size_t size) {
  return push_bytes(sender, bytes, size, kTry);
}

}  // extern "C"
