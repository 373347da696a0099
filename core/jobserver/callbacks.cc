#include "core/jobserver/callbacks.h"

#include <memory>

#include "core/base/call.h"
#include "core/sys/fork_guard.h"
#include "core/sys/thread.h"

namespace sched {

class TokenCallbacks::Call final : public TokenRequest {
 public:
  Call(TokenCallbacks& owner, Fn fn, void* user_data, DiscardFn discard)
      : TokenRequest(Kind::kIsTold),
        owner_(owner),
        fn_(fn),
        user_data_(user_data),
        discard_(discard) {}

  bool granted(std::uint64_t token, Status) override {
    token_ = token;
    return true;
  }
  void spent() override { owner_.post(*this); }

  void take_token_away() { token_ = 0; }

  void run() const {
    if (token_ != 0) {
      call_user([&] { return fn_(token_, user_data_), 0; });
    } else if (discard_ != nullptr) {
      call_user([&] { return discard_(user_data_), 0; });
    }
  }

  Call* next = nullptr;

 private:
  TokenCallbacks& owner_;
  const Fn fn_;
  void* const user_data_;
  const DiscardFn discard_;
  std::uint64_t token_ = 0;
};

TokenRequest* TokenCallbacks::prepare(Fn fn, void* user_data, DiscardFn discard, Status& status) {
  auto call = std::make_unique<Call>(*this, fn, user_data, discard);
  const std::lock_guard lock(mutex_);
  status = start();
  if (status != LIBSCHED_OK) return nullptr;
  ++made_;
  return call.release();
}

void TokenCallbacks::forget(TokenRequest* request) {
  const std::lock_guard lock(mutex_);
  --made_;
  delete static_cast<Call*>(request);
}

void TokenCallbacks::post(Call& call) {
  const std::lock_guard lock(mutex_);
  if (finishing_) call.take_token_away();
  (last_ != nullptr ? last_->next : first_) = &call;
  last_ = &call;
  static_cast<void>(start());  // one that has ended in a callback, and could not be replaced
  event_.notify_one();
}

void TokenCallbacks::finish() {
  {
    const std::lock_guard lock(mutex_);
    finishing_ = true;
    for (Call* call = first_; call != nullptr; call = call->next) call->take_token_away();
    static_cast<void>(start());
    event_.notify_one();
    if (running_) return;
  }
  run();
  delete this;
}

// --- the thread ---

Status TokenCallbacks::start() {
  if (running_) return LIBSCHED_OK;
  pthread_t thread{};
  sys::pin_own_code();
  const int failed =
      sys::start_thread(&thread, sys::ThreadOptions{}, &TokenCallbacks::thread_main, this);
  if (failed != 0) return failed;
  sys::calls.thread_detach(thread);
  running_ = true;
  return LIBSCHED_OK;
}

// Another thread goes on when a callback has ended this one.
class TokenCallbacks::Replace {
 public:
  explicit Replace(TokenCallbacks& owner) : owner_(owner) {}
  ~Replace() {
    if (finished) {
      delete &owner_;
      return;
    }
    const std::lock_guard lock(owner_.mutex_);
    owner_.running_ = false;
    static_cast<void>(owner_.start());
  }
  Replace(const Replace&) = delete;
  Replace& operator=(const Replace&) = delete;

  bool finished = false;

 private:
  TokenCallbacks& owner_;
};

void* TokenCallbacks::thread_main(void* self) {
  Replace replace(*static_cast<TokenCallbacks*>(self));
  sys::name_current_thread("tokens", 0);
  static_cast<TokenCallbacks*>(self)->run();
  replace.finished = true;
  return nullptr;
}

TokenCallbacks::Call* TokenCallbacks::next() {
  std::unique_lock lock(mutex_);
  event_.wait(lock, [this] { return first_ != nullptr || (finishing_ && made_ == 0); });
  Call* const call = first_;
  if (call == nullptr) return nullptr;
  --made_;
  first_ = call->next;
  if (first_ == nullptr) last_ = nullptr;
  return call;
}

void TokenCallbacks::run() {
  const std::uint64_t process = sys::ForkGuard::current();
  for (;;) {
    const std::unique_ptr<Call> call(next());
    if (call == nullptr) return;
    call->run();
    if (sys::ForkGuard::current() != process) sys::end_child();
  }
}

}  // namespace sched
