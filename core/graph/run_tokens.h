#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/jobserver/jobserver.h"

namespace sched {

class Run;

// The tokens of a run: those it holds, those it has asked for, and those it gives back. Under the run's lock; a Batch is what is
// done with the jobserver when the lock is let go.
class RunTokens {
  class Request final : public TokenRequest {
   public:
    Request() : TokenRequest(Kind::kIsTold) {}
    bool granted(std::uint64_t token, Status status) override;
    void spent() override;

    Run* run = nullptr;
    std::uint64_t token = 0;
    Status status = LIBSCHED_OK;
    // It is in line when a thread that has asked knows it; then it may be withdrawn. That may be one which has asked by it before:
    // then the withdrawal fails, as it does when it comes too late, and the thread that asks now says it again.
    bool in_line = false;
    Request* next = nullptr;
  };

 public:
  class Batch {
   public:
    bool empty() const { return releases_ + asks_ + withdrawals_ == 0; }

   private:
    friend class RunTokens;
    static constexpr std::size_t kMost = 16;
    std::uint64_t release_[kMost];
    Request* ask_[kMost];
    bool in_line_[kMost];
    Request* withdraw_[kMost];
    bool withdrawn_[kMost];
    std::size_t releases_ = 0;
    std::size_t asks_ = 0;
    std::size_t withdrawals_ = 0;
  };

  // The jobserver may be nullptr: then no tokens are needed. Throws std::bad_alloc.
  RunTokens(Run& run, Jobserver* jobserver, std::uint32_t slots);
  ~RunTokens();
  RunTokens(const RunTokens&) = delete;
  RunTokens& operator=(const RunTokens&) = delete;

  bool needed() const { return jobserver_ != nullptr; }
  Jobserver* jobserver() const { return jobserver_; }
  // Most tokens that there ever are; 0: not known.
  std::uint32_t most() const { return needed() ? jobserver_->slots() : 0; }
  std::uint32_t held() const { return static_cast<std::uint32_t>(held_.size()); }
  // Whether some are on their way.
  bool asking() const { return asked_ != 0; }
  // Why no more of them come.
  Status broken() const { return broken_; }
  bool idle() const { return held_.empty() && given_back_.empty() && asked_ == 0; }

  // How many should be held, at most one for each slot: the others are asked for, or not any more.
  void want(std::uint32_t count) { wanted_ = count; }
  void give_back(std::uint32_t count);
  // Some that try_take() has taken, which needs no lock. LIBSCHED_E_EMPTY, or why none come: then it has taken none.
  void add(std::uint64_t token) { held_.push_back(token); }
  Status try_take(std::vector<std::uint64_t>& out, std::uint32_t count);

  void take_batch(Batch& batch);
  // Without the lock.
  void perform(Batch& batch);
  // With it again.
  void finish(Batch& batch);

 private:
  friend class Run;
  void put_back(Request& request);
  void take(Request& request);

  Run& run_;
  Jobserver* const jobserver_;
  const std::uint32_t slots_;
  std::vector<std::uint64_t> held_;
  std::vector<std::uint64_t> given_back_;  // they are to be
  const std::unique_ptr<Request[]> requests_;
  Request* free_ = nullptr;
  std::uint32_t asked_ = 0;
  std::uint32_t wanted_ = 0;
  Status broken_ = LIBSCHED_OK;
};

}  // namespace sched
