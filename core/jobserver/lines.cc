// Whose turn it is among those that wait for a token, brokers included.
#include <algorithm>

#include "core/jobserver/broker.h"
#include "core/jobserver/jobserver.h"

namespace sched {
namespace {

// How often in a row others may go before brokers that have not needed what they were offered.
constexpr std::uint32_t kMostIdlePasses = 16;

}  // namespace

// The oldest one that was not taken, if it has stood long enough.
bool Jobserver::take_offer_back(std::uint64_t& out) {
  while (offers_ != nullptr && sys::now_ns() - offers_->offered_at_ns_ >= Broker::kOfferNs) {
    Broker& broker = *offers_;
    out = broker.take_offer_back();
    if (out != 0) return true;
    broker.note_taken();
    broker.want(false);
  }
  return false;
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

// Nobody sees whether a child waits for a token. So where others may want it, an offer stands for a short time only, and comes
// again after a pause.
void Jobserver::set_broker_time() {
  std::int64_t when = INT64_MAX;
  if (offers_ != nullptr && (shared_ || !wanted_.empty() || !idle_.empty())) {
    when = offers_->offered_at_ns_ + Broker::kOfferNs;
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
    next_look_ns_ = now + (Broker::kOfferNs << looks_);
    looks_ = std::min(looks_ + 1, Broker::kMostDoublings);
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

}  // namespace sched
