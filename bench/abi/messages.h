#pragma once

#include <libsched.h>

#include "bench/abi/queues.h"
#include "bench/message_rows.h"

// The message queue as message_rows.h wants it.
namespace abi {

class Messages {
 public:
  Messages() {
    libsched_queue_options options = LIBSCHED_QUEUE_OPTIONS_INIT;
    options.bound = bench::kMessageBound;
    expect_ok("libsched_queue_create", libsched_queue_create(&queue_, &options));
  }
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;
  ~Messages() { libsched_queue_unref(queue_); }

  void push(std::uint64_t item) {
    const int status =
        libsched_queue_push_bounded(queue_, pointer(item), LIBSCHED_FOREVER, nullptr);
    if (status != LIBSCHED_OK) expect_ok("libsched_queue_push_bounded", status);
  }
  std::uint64_t pop() {
    void* out = nullptr;
    const int status = libsched_queue_pop(&out, queue_, LIBSCHED_FOREVER, nullptr);
    if (status != LIBSCHED_OK) expect_ok("libsched_queue_pop", status);
    return number(out);
  }
  bool try_push(std::uint64_t item) {
    const int status = libsched_queue_try_push(queue_, pointer(item));
    if (status != LIBSCHED_OK && status != LIBSCHED_E_FULL) {
      expect_ok("libsched_queue_try_push", status);
    }
    return status == LIBSCHED_OK;
  }
  bool try_pop(std::uint64_t& item) {
    void* out = nullptr;
    if (take_of(libsched_queue_try_pop(&out, queue_)) != Take::kOk) return false;
    item = number(out);
    return true;
  }

 private:
  libsched_queue* queue_ = nullptr;
};

}  // namespace abi
