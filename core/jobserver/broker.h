#pragma once

#include <cstdint>
#include <vector>

#include "core/jobserver/jobserver.h"
#include "core/sync/event_count.h"
#include "core/sync/wait.h"

namespace sched {

// A jobserver for one child and all that descends from it: two pipes of their own. Tokens are offered one at a time, and when
// nobody holds the pipe any more that they come back through, all that were taken are back, whatever became of the processes.
// See core/jobserver/README.md.
class Broker final : private sys::Reactor::Watch, private TokenRequest {
 public:
  struct Stats {
    std::uint64_t offered;  // 1: a token lies there for the child
    std::uint64_t taken;    // tokens that the child and its descendants have
    std::uint64_t total;    // how many they have taken since the beginning
    std::uint64_t rescued;  // of these: not given back before the last of them had ended
    std::uint64_t extra;    // that came back without having been taken, and were dropped
    bool over;
  };

  // Throws std::bad_alloc.
  static Status create(Broker*& out, Jobserver& jobserver, Error* error);
  void add() { references_.add(); }
  void drop() {
    if (references_.drop()) delete this;
  }

  const ChildAccess& child_access() const { return access_; }
  bool started() const { return started_.load(Orders::kOver); }
  // The child has what it inherits: from now on it is offered tokens. Once: LIBSCHED_OK, LIBSCHED_E_STATE, or a negated errno.
  Status start();
  Stats stats();

  // Until the child and all that has inherited from it are gone, or have closed the pipe. LIBSCHED_OK, LIBSCHED_E_STATE (not
  // started), LIBSCHED_E_TIMEOUT, LIBSCHED_E_CANCELLED.
  template <class Section>
  Status wait(std::int64_t timeout_ns, CancelSwitch* cancel) {
    const sys::Deadline deadline(timeout_ns);
    if (!started()) return LIBSCHED_E_STATE;
    if (over_.load(Orders::kOver)) return LIBSCHED_OK;
    if (timeout_ns == 0) return out_of_time(cancel);
    const Section section;
    return wait_until(event_, deadline, cancel, [this] { return over_.load(Orders::kOver); });
  }

 private:
  friend class Jobserver;
  // An offer stands for that long, so that a child which waits for it gets it, even if others want it. Pauses after offers that
  // were not taken begin with that, and double so often: up to 1.28 s.
  static constexpr std::int64_t kOfferNs = 10'000'000;
  static constexpr std::uint32_t kMostDoublings = 7;
  struct Orders {
    static constexpr std::memory_order kOver =
        std::memory_order_seq_cst;  // the condition of an eventcount
  };
  // The descriptor that tokens come back through.
  class Returns final : public sys::Reactor::Watch {
   public:
    explicit Returns(Broker& broker) : broker_(broker) {}
    void ready() override { broker_.read_returns(); }
    void late() override { broker_.read_returns(); }

   private:
    Broker& broker_;
  };

  explicit Broker(Jobserver& jobserver)
      : TokenRequest(Kind::kBroker), jobserver_(jobserver), returns_(*this) {
    jobserver_.add();
  }
  ~Broker();

  Status open(Error* error);
  Status watch();
  void arm(sys::Reactor::Watch& watch, sys::Reactor::For what);
  void unwatch();  // without the lock, which the watches take
  void read_returns();

  // The following with the jobserver's lock held.
  void want(bool idle);
  void pause();
  void stop_pausing();
  void note_taken();
  void note_lent(std::uint64_t token, bool lent);
  void give_back(std::uint64_t token);
  void forget_offer();
  bool read_some();
  void end();
  // An offer that was not taken: its token, or 0 if it was.
  std::uint64_t take_offer_back();

  bool granted(std::uint64_t token, Status status) override;
  void ready() override;
  void late() override { ready(); }

  Jobserver& jobserver_;
  RefCount<StdSync> references_;
  ChildAccess access_;
  TokenEnds feed_;       // both ends
  sys::File return_fd_;  // ours
  // The child's ends. That of the feed stays open where we have no other.
  sys::File child_read_;
  sys::File child_write_;
  Returns returns_;
  sys::Reactor* reactor_ = nullptr;  // once started
  EventCount<StdSync> event_;
  StdSync::atomic<bool> started_{false};
  StdSync::atomic<bool> over_{false};

  // Guarded by the jobserver's lock.
  std::uint64_t offered_ = 0;
  std::int64_t offered_at_ns_ = 0;
  Broker* previous_offer_ = nullptr;
  Broker* next_offer_ = nullptr;
  // After an offer that was not taken there is a pause before the next one, each time twice as long.
  std::uint32_t pauses_ = 0;
  std::int64_t resumes_at_ns_ = 0;
  Broker* next_pausing_ = nullptr;
  std::vector<std::uint64_t> taken_;
  std::uint64_t total_ = 0;
  std::uint64_t rescued_ = 0;
  std::uint64_t extra_ = 0;
};

}  // namespace sched
