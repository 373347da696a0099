#pragma once

#include <cerrno>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/jobserver/child_access.h"
#include "core/jobserver/makeflags.h"
#include "core/jobserver/request_line.h"
#include "core/jobserver/served_pool.h"
#include "core/jobserver/token_ends.h"
#include "core/jobserver/token_table.h"
#include "core/sync/cancel.h"
#include "core/sync/ref_count.h"
#include "core/sys/reactor.h"

namespace sched {

class Broker;
class TokenCallbacks;

// What the environment says of a jobserver, and what became of it.
struct JobserverInfo {
  std::string variable;  // its name; empty: none exists, or the text was given
  MakeFlags flags;
  JobserverAuth::Kind kind = JobserverAuth::Kind::kNone;  // of the word that counts
  std::string word;
  Status status = LIBSCHED_E_EMPTY;  // of using it
  std::string message;               // why not
};

// The tokens of one jobserver as this process has them, and those that wait for one, in order. All of them share the implicit
// slot, which is handed out first. See core/jobserver/README.md.
class Jobserver final : private sys::Reactor::Watch {
 public:
  struct Options {
    const char* makeflags = nullptr;  // nullptr: the environment's
    bool last_wins = false;
    bool explicit_only = false;  // the implicit slot is the caller's
    std::uint32_t fallback = 1;  // slots where there is none that can be used
  };
  struct Stats {
    std::uint64_t slots;        // 0: not known
    std::uint64_t available;    // tokens in the shared pool
    std::uint64_t held;         // by this process, without the implicit one
    std::uint64_t brokered;     // by its brokers
    std::uint64_t outstanding;  // by others, as far as it is known
    std::uint64_t extra;        // more than were ever put in
    std::uint64_t waiting;      // requests
    std::uint64_t lost;         // that could not be given back
  };

  // Both throw std::bad_alloc.
  static Status inherit(Jobserver*& out, const Options& options, Error* error);
  static Status serve(Jobserver*& out, ServedPool::Style style, std::uint32_t slots,
                      bool explicit_only, Error* error);
  void add() { references_.add(); }
  void drop() {
    if (references_.drop()) delete this;
  }
  // The last outside handle is gone: nobody waits any more.
  void abandon();

  const JobserverInfo& info() const { return info_; }
  // From then on others may read from the pool.
  const ChildAccess& child_access();
  std::uint32_t slots() const {
    return served_ != nullptr ? served_->slots() : ends_.is_open() ? info_.flags.jobs : 1;
  }
  Stats stats();

  // LIBSCHED_OK; LIBSCHED_E_EMPTY, also while others wait; LIBSCHED_E_CLOSED; -ENOMEM; a negated errno when the pool has broken.
  [[gnu::always_inline]] Status try_acquire(std::uint64_t& out) {
    TokenTable::Place place;
    const Status status = take_at_once(out, place);
    return status == LIBSCHED_OK ? status : take_otherwise(out, place);
  }
  // The request is granted sooner or later, or withdrawn. LIBSCHED_E_CLOSED or -ENOMEM.
  Status request(TokenRequest& request);
  // As a call on a thread for such calls. Throws std::bad_alloc. The same, or why that thread cannot start.
  using CallbackFn = void (*)(std::uint64_t token, void* user_data);
  using DiscardFn = void (*)(void* user_data);
  Status call_with_token(CallbackFn fn, void* user_data, DiscardFn discard);
  // True: it was not granted, and will not be.
  bool withdraw(TokenRequest& request);
  // All but those of brokers: how many.
  std::uint64_t withdraw_all();

  // LIBSCHED_OK, LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, and as try_acquire. Section is what a thread makes that is about to
  // sleep, and keeps until it goes on.
  template <class Section>
  Status acquire(std::uint64_t& out, std::int64_t timeout_ns, CancelSwitch* cancel) {
    for (int looks = 0; looks < kLooks; ++looks) {
      const Status status = try_acquire(out);
      if (status != LIBSCHED_E_EMPTY) return status;
      if (timeout_ns == 0) return out_of_time(cancel);
      StdSync::yield();
    }
    const Section section;
    return wait_for_token(out, timeout_ns, cancel);
  }

  // LIBSCHED_OK or LIBSCHED_E_STALE.
  [[gnu::always_inline]] Status release(std::uint64_t number) {
    std::optional<TokenTable::Token> token;
    {
      const std::lock_guard lock(mutex_);
      token = tokens_.take(number);
    }
    if (!token) return LIBSCHED_E_STALE;
    if (token->implicit) {
      free_implicit();
      return LIBSCHED_OK;
    }
    give(token->byte);
    // Who begins to wait meanwhile waits for the descriptor, and does not rely on this.
    if (waiting_.load(Orders::kHint) != 0) grant_now();
    return LIBSCHED_OK;
  }
  // Gives back all that this process holds, at any moment, in a signal handler too. The tokens are stale after it, and the shared
  // pool is left alone.
  void release_all();

  // No token is handed out after it, and the files of a served one are gone: where its tokens are then.
  Stats shutdown();

 private:
  friend class Broker;
  struct Orders {
    static constexpr std::memory_order kHint =
        std::memory_order_relaxed;  // what is decided under the lock, or does not matter
    // Who finds a token in the pool that was given back has passed the kernel's lock of it.
    static constexpr std::memory_order kLeaving = std::memory_order_relaxed;
  };
  // How often somebody who comes anew may take what is there before one that waits.
  static constexpr std::uint32_t kMostPasses = 64;
  // Before one sleeps, while others run.
  static constexpr int kLooks = 4;
  class Waiter;
  class Held {
   public:
    explicit Held(Jobserver& jobserver) : jobserver_(jobserver) { jobserver_.add(); }
    ~Held() { jobserver_.drop(); }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    Jobserver& jobserver_;
  };
  // The lock; requests that have come to their end are told so when it is let go.
  class Locked {
   public:
    explicit Locked(Jobserver& jobserver) : jobserver_(jobserver), lock_(jobserver.mutex_) {}
    ~Locked();
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;

   private:
    Jobserver& jobserver_;
    std::unique_lock<std::mutex> lock_;
  };

  explicit Jobserver(bool explicit_only)
      : implicit_free_(!explicit_only), explicit_only_(explicit_only) {}
  ~Jobserver();

  Status connect(const Options& options, Error* error);
  Status use(const JobserverAuth& auth, Error* error);
  Status begin_serving(ServedPool::Style style, std::uint32_t slots, Error* error);
  // What all is well with is in line, and makes one system call, without the lock. Otherwise the place, if there is one, was not
  // needed.
  [[gnu::always_inline]] Status take_at_once(std::uint64_t& out, TokenTable::Place& place) {
    const bool may_pass =
        waiting_.load(Orders::kHint) == 0 || passes_.fetch_add(1, Orders::kHint) < kMostPasses;
    if (!may_pass || implicit_free_.load(Orders::kHint) || !ends_.is_open()) {
      return LIBSCHED_E_EMPTY;
    }
    place = tokens_.begin_at_once();
    if (place.slot == nullptr) {
      const std::lock_guard lock(mutex_);
      if (!tokens_.reserve()) return LIBSCHED_E_EMPTY;
      place = tokens_.begin();
    }
    const Status status = read_token(place);
    if (status == LIBSCHED_OK) out = place.number;
    return status;
  }
  // From the shared pool. What release_all() has put there is for others: this process is about to die, and would take it along.
  [[gnu::always_inline]] Status read_token(const TokenTable::Place& place) {
    if (leaving_.load(Orders::kLeaving) || closed_.load(Orders::kHint)) return LIBSCHED_E_CLOSED;
    const Status status = ends_.take(place.byte());
    if (status != LIBSCHED_OK) return status;
    const bool wanted = !leaving_.load(Orders::kLeaving) && !closed_.load(Orders::kHint);
    if (wanted && TokenTable::finish(place)) return LIBSCHED_OK;
    if (const auto byte = TokenTable::refuse(place)) give(*byte);
    return LIBSCHED_E_CLOSED;
  }
  // What came out of the pool fits into it, unless others have given it more than it had.
  [[gnu::always_inline]] void give(std::uint8_t byte) {
    if (ends_.give(byte) != LIBSCHED_OK) lost_.fetch_add(1, Orders::kHint);
  }
  Status take_otherwise(std::uint64_t& out, const TokenTable::Place& unused);
  void free_implicit();
  void grant_now();
  Status wait_for_token(std::uint64_t& out, std::int64_t timeout_ns, CancelSwitch* cancel);

  // The following with the lock held.
  Status use_reactor();
  Status take_implicit(std::uint64_t& out);
  Status take(std::uint64_t& out);
  bool take_offer_back(std::uint64_t& out);
  Status enqueue(TokenRequest& request, RequestLine& line);
  void dequeue(TokenRequest& request);
  RequestLine* next_line();
  void grant();
  void serve_lines();
  void set_broker_time();
  void relieve_pool(std::int64_t now);
  Status wait_for_more();
  void end(TokenRequest& request, std::uint64_t token, Status status);
  void end_brokers(RequestLine& line);
  void put_back(std::uint64_t token);
  std::uint64_t withdraw_some();
  Stats count();

  void ready() override;
  void late() override;

  JobserverInfo info_;
  ChildAccess access_;
  std::unique_ptr<ServedPool> served_;
  RefCount<StdSync> references_;
  TokenEnds ends_;
  StdSync::atomic<bool> implicit_free_;
  StdSync::atomic<std::uint64_t> waiting_{0};
  StdSync::atomic<std::uint32_t> passes_{0};  // since one that waits got a token
  StdSync::atomic<std::uint64_t> lost_{0};
  StdSync::atomic<bool> leaving_{false};  // release_all() was called
  StdSync::atomic<bool> closed_{false};   // changes under the lock

  std::mutex mutex_;  // guards what follows
  TokenTable tokens_;
  const bool explicit_only_;
  std::unique_ptr<sys::Reactor::Use> reactor_;  // once somebody has had to wait
  bool armed_ = false;
  Status broken_ = LIBSCHED_OK;  // no token will ever come from the shared pool,
  bool told_ = false;            // and somebody knows it
  std::uint64_t brokered_ = 0;   // tokens that are with brokers, without the implicit one
  RequestLine wanted_;
  RequestLine idle_;  // of brokers whose children have not taken what they were offered
  std::uint32_t idle_passed_ = 0;  // how often, since one of them got a token
  Broker* offers_ = nullptr;       // those with an offer that was not taken, the oldest first
  Broker* last_offer_ = nullptr;
  Broker* pausing_ = nullptr;                // those that come into idle_ at some time
  std::int64_t broker_time_ns_ = INT64_MAX;  // when that is, or when an offer has stood long enough
  bool shared_ = false;                      // others may read from the pool, which nobody sees
  std::int64_t next_look_ns_ = 0;  // whether the pool is empty beside offers that are not taken
  std::uint32_t looks_ = 0;
  TokenRequest* spent_ = nullptr;
  TokenCallbacks* callbacks_ = nullptr;
};

}  // namespace sched
