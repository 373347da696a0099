#include "core/jobserver/jobserver.h"

#include <cerrno>
#include <cstring>
#include <new>

#include "core/jobserver/broker.h"
#include "core/jobserver/callbacks.h"
#include "core/sync/wait.h"

namespace sched {

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
  if (closed_.load(Orders::kHint) || leaving_.load(Orders::kLeaving)) return LIBSCHED_E_CLOSED;
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
  const TokenTable::Place place = tokens_.begin();
  const Status taken = read_token(place);
  if (taken == LIBSCHED_OK) {
    out = place.number;
  } else {
    tokens_.forget(place);
  }
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

Status Jobserver::take_otherwise(std::uint64_t& out, const TokenTable::Place& unused) {
  const Locked locked(*this);
  if (unused.slot != nullptr) tokens_.forget(unused);
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
  if (closed_.load(Orders::kHint)) return LIBSCHED_E_CLOSED;
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
  if (!closed_.load(Orders::kHint)) {
    closed_.store(true, Orders::kHint);
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
