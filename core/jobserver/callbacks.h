#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "core/jobserver/request_line.h"

namespace sched {

// A thread that calls back those who have asked for a token in that way, since what grants tokens must not run code of theirs.
// It starts with the first of them.
class TokenCallbacks {
 public:
  using Fn = void (*)(std::uint64_t token, void* user_data);
  using DiscardFn = void (*)(void* user_data);

  TokenCallbacks() = default;
  TokenCallbacks(const TokenCallbacks&) = delete;
  TokenCallbacks& operator=(const TokenCallbacks&) = delete;

  // A request to make. nullptr: the thread cannot be started, as `status` says. Throws std::bad_alloc.
  TokenRequest* prepare(Fn fn, void* user_data, DiscardFn discard, Status& status);
  // One that was not made.
  void forget(TokenRequest* request);
  // No more requests are made, and all were granted or withdrawn. What was not called yet is discarded, since its token is about
  // to go back; and this is gone after that.
  void finish();

 private:
  class Call;
  class Replace;

  ~TokenCallbacks() = default;
  static void* thread_main(void* self);
  Status start();
  void run();
  Call* next();
  void post(Call& call);

  std::mutex mutex_;  // guards what follows
  std::condition_variable event_;
  Call* first_ = nullptr;
  Call* last_ = nullptr;
  std::uint64_t made_ = 0;  // requests that have not come to their end
  bool running_ = false;
  bool finishing_ = false;
};

}  // namespace sched
