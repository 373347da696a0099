#include "core/jobserver/jobserver.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "core/jobserver/broker.h"
#include "core/jobserver/callbacks.h"
#include "core/sync/wait.h"

namespace sched {
namespace {

// A broker's offer stands for that long, so that a child which waits for it gets it, even if others want it.
constexpr std::int64_t kOfferNs = 10'000'000;
// How often in a row others may go before brokers that have not needed what they were offered.
constexpr std::uint32_t kMostIdlePasses = 16;
constexpr std::uint32_t kMostDoublings = 7;  // of 10 ms: 1.28 s

}  // namespace

Jobserver::~Jobserver() {
  if (reactor_ != nullptr) (*reactor_)->remove(*this);
}

void Jobserver::abandon() {
  shutdown();
  if (callbacks_ != nullptr) callbacks_->finish();
  {
    const Locked locked(*this);
    // Brokers go on, and give back what they have.
    tokens_.drain([this](std::uint8_t byte) { give(byte); }, false);
  }
  drop();
}

Jobserver::Locked::~Locked() {
  TokenRequest* spent = jobserver_.spent_;
  jobserver_.spent_ = nullptr;
  lock_.unlock();
  while (spent != nullptr) {
    TokenRequest* const next = spent->next_;
    spent->spent();
    spent = next;
  }
}

// --- tokens ---

Status Jobserver::use_reactor() {
  if (reactor_ != nullptr) return LIBSCHED_OK;
  try {
    auto made = std::make_unique<sys::Reactor::Use>();
    if (made->status() != LIBSCHED_OK) return made->status();
    (*made)->add(*this, ends_.read_fd());
    reactor_ = std::move(made);
  } catch (const std::bad_alloc&) {
    return -ENOMEM;
  }
  return LIBSCHED_OK;
}

Status Jobserver::take_implicit(std::uint64_t& out) {
  if (closed_ || leaving_.load(Orders::kLeaving)) return LIBSCHED_E_CLOSED;
  if (explicit_only_ && !ends_.is_open()) return LIBSCHED_E_STATE;
  if (!tokens_.reserve()) return -ENOMEM;
  if (!implicit_free_.load(Orders::kHint)) return LIBSCHED_E_EMPTY;
  implicit_free_.store(false, Orders::kHint);
  out = tokens_.put({true, 0});
  return LIBSCHED_OK;
}

Status Jobserver::take(std::uint64_t& out) {
  const Status status = take_implicit(out);
  if (status != LIBSCHED_E_EMPTY || !ends_.is_open()) return status;
  // That the pool has broken is told once; then there is the implicit slot, unless it is the caller's.
  if (broken_ != LIBSCHED_OK) return explicit_only_ || !told_ ? broken_ : LIBSCHED_E_EMPTY;
  std::uint8_t byte = 0;
  const Status taken = read_token(byte);
  if (taken == LIBSCHED_OK) out = tokens_.put({false, byte});
  if (taken != LIBSCHED_OK && taken != LIBSCHED_E_EMPTY && taken != LIBSCHED_E_CLOSED) {
    broken_ = taken;
  }
  return taken;
}

void Jobserver::put_back(std::uint64_t number) {
  const auto token = tokens_.take(number);
  if (!token) return;  // release_all() has
  if (token->implicit) {
    implicit_free_.store(true, Orders::kHint);
  } else {
    give(token->byte);
  }
}

// The oldest one that was not taken, if it has stood long enough.
bool Jobserver::take_offer_back(std::uint64_t& out) {
  while (offers_ != nullptr && sys::now_ns() - offers_->offered_at_ns_ >= kOfferNs) {
    Broker& broker = *offers_;
    out = broker.take_offer_back();
    if (out != 0) return true;
    broker.note_taken();
    broker.want(false);
  }
  return false;
}

Status Jobserver::take_otherwise(std::uint64_t& out) {
  const Locked locked(*this);
  if (!wanted_.empty()) return LIBSCHED_E_EMPTY;
  Status status = take(out);
  if (status == LIBSCHED_E_EMPTY && take_offer_back(out)) status = LIBSCHED_OK;
  if (broken_ != LIBSCHED_OK && status == broken_) told_ = true;
  if (waiting_.load(Orders::kHint) != 0) grant();  // the broker whose offer it was
  return status;
}

void Jobserver::free_implicit() {
  const Locked locked(*this);
  implicit_free_.store(true, Orders::kHint);
  grant();
}

void Jobserver::grant_now() {
  const Locked locked(*this);
  grant();
}

void Jobserver::release_all() {
  leaving_.store(true, Orders::kLeaving);
  tokens_.drain([this](std::uint8_t byte) { give(byte); });
}

// --- requests ---

Status Jobserver::enqueue(TokenRequest& request, RequestLine& line) {
  if (closed_) return LIBSCHED_E_CLOSED;
  if (!tokens_.reserve()) return -ENOMEM;
  line.push(request);
  waiting_.fetch_add(1, Orders::kHint);
  return LIBSCHED_OK;
}

void Jobserver::dequeue(TokenRequest& request) {
  RequestLine::remove(request);
  waiting_.fetch_sub(1, Orders::kHint);
  passes_.store(0, Orders::kHint);
}

Status Jobserver::request(TokenRequest& request) {
  const Locked locked(*this);
  const Status status = enqueue(request, wanted_);
  if (status == LIBSCHED_OK) grant();
  return status;
}

Status Jobserver::call_with_token(CallbackFn fn, void* user_data, DiscardFn discard) {
  TokenCallbacks* callbacks = nullptr;
  {
    const Locked locked(*this);
    if (callbacks_ == nullptr) callbacks_ = new TokenCallbacks;
    callbacks = callbacks_;
  }
  Status status = LIBSCHED_OK;
  TokenRequest* const made = callbacks->prepare(fn, user_data, discard, status);
  if (made == nullptr) return status;
  status = request(*made);
  if (status != LIBSCHED_OK) callbacks->forget(made);
  return status;
}

// Whose turn it is.
RequestLine* Jobserver::next_line() {
  if (wanted_.empty()) return idle_.empty() ? nullptr : &idle_;
  if (idle_.empty() || idle_passed_ < kMostIdlePasses) return &wanted_;
  return &idle_;
}

// Serves those that wait, as far as there are tokens, and sees to it that this goes on.
void Jobserver::grant() {
  serve_lines();
  set_broker_time();
}

void Jobserver::serve_lines() {
  while (RequestLine* line = next_line()) {
    std::uint64_t token = 0;
    Status status = take(token);
    if (status == LIBSCHED_E_EMPTY && take_offer_back(token)) {
      if (!wanted_.empty()) line = &wanted_;
      status = LIBSCHED_OK;
    } else if (status == LIBSCHED_E_EMPTY) {
      status = wait_for_more();
      if (status == LIBSCHED_OK) return;
    }
    if (broken_ != LIBSCHED_OK && status == broken_) {
      end_brokers(wanted_);
      end_brokers(idle_);
      if (wanted_.empty()) return;  // whoever comes next is told
      line = &wanted_;
      told_ = true;
    }
    idle_passed_ = line == &idle_ || idle_.empty() ? 0 : idle_passed_ + 1;
    end(*line->first(), token, status);
  }
}

// What they were waiting for will not come.
void Jobserver::end_brokers(RequestLine& line) {
  for (TokenRequest* request = line.first(); request != nullptr;) {
    TokenRequest* const next = request->next_;
    if (request->kind_ == TokenRequest::Kind::kBroker) dequeue(*request);
    request = next;
  }
}

Status Jobserver::wait_for_more() {
  // With a broken pool the implicit slot is all that can still come.
  if (!ends_.is_open() || broken_ != LIBSCHED_OK || armed_) return LIBSCHED_OK;
  Status status = use_reactor();
  if (status == LIBSCHED_OK) status = (*reactor_)->arm(*this, sys::Reactor::For::kReading);
  armed_ = status == LIBSCHED_OK;
  return status;
}

void Jobserver::ready() {
  const Locked locked(*this);
  armed_ = false;
  grant();
  if (!armed_) (*reactor_)->rest(*this);
}

// Nobody sees whether a child waits for a token. So where others may want it, an offer stands for a short time only, and comes again after
// a pause.
void Jobserver::set_broker_time() {
  std::int64_t when = INT64_MAX;
  if (offers_ != nullptr && (shared_ || !wanted_.empty() || !idle_.empty())) {
    when = offers_->offered_at_ns_ + kOfferNs;
    if (wanted_.empty() && idle_.empty()) when = std::max(when, next_look_ns_);
  }
  for (const Broker* broker = pausing_; broker != nullptr; broker = broker->next_pausing_) {
    when = std::min(when, broker->resumes_at_ns_);
  }
  if (when == broker_time_ns_) return;
  broker_time_ns_ = when;
  (*reactor_)->set_time(*this, when);
}

// As long as tokens lie in the pool nobody else is short of those that are offered.
void Jobserver::relieve_pool(std::int64_t now) {
  if (offers_ == nullptr || now < next_look_ns_) return;
  if (ends_.available() > 0) {
    next_look_ns_ = now + (kOfferNs << looks_);
    looks_ = std::min(looks_ + 1, kMostDoublings);
    return;
  }
  looks_ = 0;
  std::uint64_t token = 0;
  while (take_offer_back(token)) put_back(token);
}

void Jobserver::late() {
  const Locked locked(*this);
  broker_time_ns_ = INT64_MAX;
  const std::int64_t now = sys::now_ns();
  Broker** link = &pausing_;
  while (Broker* broker = *link) {
    if (broker->resumes_at_ns_ > now) {
      link = &broker->next_pausing_;
      continue;
    }
    *link = broker->next_pausing_;
    broker->want(true);
  }
  serve_lines();
  if (shared_) relieve_pool(now);
  set_broker_time();
}

void Jobserver::end(TokenRequest& request, std::uint64_t token, Status status) {
  dequeue(request);
  const bool is_told = request.kind_ == TokenRequest::Kind::kIsTold;
  const bool taken = request.granted(token, status);
  if (!taken && token != 0) put_back(token);
  if (!is_told) return;
  request.next_ = spent_;
  spent_ = &request;
}

bool Jobserver::withdraw(TokenRequest& request) {
  const Locked locked(*this);
  if (!request.queued()) return false;
  dequeue(request);
  return true;
}

std::uint64_t Jobserver::withdraw_some() {
  std::uint64_t count = 0;
  for (TokenRequest* request = wanted_.first(); request != nullptr;) {
    TokenRequest* const next = request->next_;
    if (request->kind_ != TokenRequest::Kind::kBroker) {
      end(*request, 0, LIBSCHED_E_CLOSED);
      ++count;
    }
    request = next;
  }
  return count;
}

std::uint64_t Jobserver::withdraw_all() {
  const Locked locked(*this);
  return withdraw_some();
}

// A thread that waits.
class Jobserver::Waiter final : public TokenRequest {
 public:
  Waiter() : TokenRequest(Kind::kWaits) {}
  // Told with the lock held, which the thread takes before this is gone.
  bool granted(std::uint64_t token, Status status) override {
    token_ = token;
    status_ = status;
    done_.store(true, Orders::kDone);
    event.notify_one();
    return true;
  }
  bool done() const { return done_.load(Orders::kDone); }
  Status result(std::uint64_t& out) const {
    if (status_ == LIBSCHED_OK) out = token_;
    return status_;
  }

  EventCount<StdSync> event;

 private:
  struct Orders {
    static constexpr std::memory_order kDone =
        std::memory_order_seq_cst;  // the condition of an eventcount
  };
  std::uint64_t token_ = 0;
  Status status_ = LIBSCHED_OK;
  StdSync::atomic<bool> done_{false};
};

Status Jobserver::wait_for_token(std::uint64_t& out, std::int64_t timeout_ns,
                                 CancelSwitch* cancel) {
  const Held held(*this);  // the last handle may go meanwhile, which ends the wait
  Waiter waiter;
  const sys::Deadline deadline(timeout_ns);
  if (const Status status = request(waiter)) return status;
  const Status status = wait_until(waiter.event, deadline, cancel, [&] { return waiter.done(); });
  if (status != LIBSCHED_OK && withdraw(waiter)) return status;
  const Locked locked(*this);  // who granted it has let it go
  return waiter.result(out);
}

// --- the end, and asking ---

const ChildAccess& Jobserver::child_access() {
  const Locked locked(*this);
  shared_ = true;
  set_broker_time();  // of offers that stand already
  return access_;
}

Jobserver::Stats Jobserver::shutdown() {
  const Locked locked(*this);
  if (!closed_) {
    closed_ = true;
    withdraw_some();
    end_brokers(wanted_);
    end_brokers(idle_);
    while (offers_ != nullptr) {
      Broker& broker = *offers_;
      const std::uint64_t token = broker.take_offer_back();
      if (token != 0) {
        put_back(token);
      } else {
        broker.note_taken();
      }
    }
    if (served_ != nullptr) served_->remove_files();
  }
  return count();
}

Jobserver::Stats Jobserver::stats() {
  const Locked locked(*this);
  return count();
}

Jobserver::Stats Jobserver::count() {
  Stats stats{};
  stats.slots = slots();
  const int available = ends_.is_open() ? ends_.available() : 0;
  stats.available = available > 0 ? static_cast<std::uint64_t>(available) : 0;
  stats.brokered = brokered_;
  const std::uint64_t held = tokens_.explicit_count();
  stats.held = held > brokered_ ? held - brokered_ : 0;  // release_all() takes from both
  stats.waiting = waiting_.load(Orders::kHint);
  stats.lost = lost_.load(Orders::kHint);
  if (served_ == nullptr) return stats;
  const std::uint64_t here = stats.available + stats.held + stats.brokered;
  const std::uint64_t whole = stats.slots - 1;
  if (here < whole) {
    stats.outstanding = whole - here;
  } else {
    stats.extra = here - whole;
  }
  return stats;
}

}  // namespace sched
