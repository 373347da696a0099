#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/error.h"
#include "core/jobserver/makeflags.h"
#include "core/jobserver/served_pool.h"
#include "core/jobserver/token_ends.h"
#include "core/jobserver/token_table.h"
#include "core/sync/cancel.h"
#include "core/sync/event_count.h"
#include "core/sync/ref_count.h"
#include "core/sync/wait.h"
#include "core/sys/reactor.h"

namespace sched {

// What the environment says of a jobserver, and what became of it.
struct JobserverInfo {
  std::string variable;  // its name; empty: none exists, or the text was given
  MakeFlags flags;
  JobserverAuth::Kind kind = JobserverAuth::Kind::kNone;  // of the word that counts
  std::string word;
  Status status = LIBSCHED_E_EMPTY;  // of using it
  std::string message;               // why not
};

// The tokens of one jobserver as this process has them, and those of its threads that wait for one, in order. All of them share
// the implicit slot, which is handed out first. See core/jobserver/README.md.
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
    std::uint64_t outstanding;  // by others, as far as it is known
    std::uint64_t extra;        // more than were ever put in
    std::uint64_t waiting;      // requests
    std::uint64_t lost;         // that could not be given back
  };

  // Somebody who wants a token.
  class Request {
   public:
    // Under the jobserver's lock, once: the token, or 0 when there will never be one. False: it is not wanted any more.
    virtual bool granted(std::uint64_t token) = 0;
    // Out of the lock, after that, if it was asked for: nobody else has it any more.
    virtual void spent() {}

   protected:
    explicit Request(bool wants_spent) : wants_spent_(wants_spent) {}
    ~Request() = default;

   private:
    friend class Jobserver;
    const bool wants_spent_;
    Request* previous_ = nullptr;
    Request* next_ = nullptr;
    bool queued_ = false;
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
  const ServedPool* served() const { return served_.get(); }
  Stats stats();

  // LIBSCHED_OK; LIBSCHED_E_EMPTY, also while others wait; -ENOMEM; a negated errno when the pool is broken.
  Status try_acquire(std::uint64_t& out);
  // The request is granted sooner or later, or withdrawn. -ENOMEM.
  Status request(Request& request);
  // True: it was not granted, and will not be.
  bool withdraw(Request& request);
  // How many.
  std::uint64_t withdraw_all();

  // LIBSCHED_OK, LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED, and as try_acquire. Section is what a thread makes that is about to
  // sleep, and keeps until it goes on.
  template <class Section>
  Status acquire(std::uint64_t& out, std::int64_t timeout_ns, CancelSwitch* cancel) {
    const Status status = try_acquire(out);
    if (status != LIBSCHED_E_EMPTY) return status;
    if (timeout_ns == 0) return LIBSCHED_E_TIMEOUT;
    const Section section;
    return wait_for_token(out, timeout_ns, cancel);
  }

  // LIBSCHED_OK or LIBSCHED_E_STALE.
  Status release(std::uint64_t token);
  // Gives back all that this process holds, at any moment, in a signal handler too. The tokens are stale after it.
  void release_all();

 private:
  class Waiter;

  explicit Jobserver(bool explicit_only) : implicit_free_(!explicit_only) {}
  ~Jobserver();

  Status connect(const Options& options, Error* error);
  Status use(const JobserverAuth& auth, Error* error);
  Status watch(Error* error);
  Status wait_for_token(std::uint64_t& out, std::int64_t timeout_ns, CancelSwitch* cancel);

  // The lock; requests that have come to their end are told so when it is let go.
  class Locked;

  // The following with the lock held.
  Status take(std::uint64_t& out);
  void grant();
  void end(Request& request, std::uint64_t token);
  void put_back(const TokenTable::Token& token);
  void unlink(Request& request);

  void ready() override;

  JobserverInfo info_;
  std::unique_ptr<ServedPool> served_;
  RefCount<StdSync> references_;
  TokenEnds ends_;
  std::unique_ptr<sys::Reactor::Use> reactor_;

  std::mutex mutex_;  // guards what follows
  TokenTable tokens_;
  bool implicit_free_;
  Status broken_ = LIBSCHED_OK;  // no token will ever come
  bool armed_ = false;
  std::uint64_t lost_ = 0;
  std::uint64_t waiting_ = 0;
  Request* first_ = nullptr;
  Request* last_ = nullptr;
  Request* spent_ = nullptr;
};

}  // namespace sched
