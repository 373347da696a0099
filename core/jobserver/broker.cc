#include "core/jobserver/broker.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>

namespace sched {
namespace {

Status refused(Error* error, Status status) {
  return fail(error, status, "no pipes for a child's tokens: %s", std::strerror(-status));
}

}  // namespace

Status Broker::create(Broker*& out, Jobserver& jobserver, Error* error) {
  std::unique_ptr<Broker, void (*)(Broker*)> made(new Broker(jobserver),
                                                  [](Broker* unused) { unused->drop(); });
  if (const Status status = made->open(error)) return status;
  out = made.release();
  return LIBSCHED_OK;
}

Status Broker::open(Error* error) {
  if (!jobserver_.ends_.is_open()) {
    return fail(error, LIBSCHED_E_STATE, "there is no jobserver whose tokens a child could get");
  }
  int feed[2];
  if (const int failed = sys::calls.pipe(feed)) return refused(error, failed);
  child_read_.reset(feed[0]);
  sys::File feed_write(feed[1]);
  // One page, so that it can be written to exactly when it is empty.
  const int size = sys::calls.fcntl(feed[1], F_SETPIPE_SZ, 1);
  if (size < 0) return refused(error, size);
  if (const Status status = feed_.open_own(feed[0], std::move(feed_write), error)) return status;
  int back[2];
  if (const int failed = sys::calls.pipe(back)) return refused(error, failed);
  return_fd_.reset(back[0]);
  child_write_.reset(back[1]);
  const int flags = sys::calls.fcntl(back[0], F_SETFL, O_NONBLOCK);
  if (flags < 0) return refused(error, flags);
  access_.read_fd = feed[0];
  access_.write_fd = back[1];
  const std::uint32_t slots = jobserver_.slots();
  access_.makeflags = " -j" + (slots != 0 ? std::to_string(slots) : std::string()) +
                      " --jobserver-auth=" + std::to_string(feed[0]) + "," +
                      std::to_string(back[1]);
  return LIBSCHED_OK;
}

Broker::~Broker() {
  unwatch();
  jobserver_.drop();
}

Status Broker::start() {
  Status status = LIBSCHED_OK;
  {
    const Jobserver::Locked locked(jobserver_);
    if (started()) return LIBSCHED_E_STATE;
    status = watch();
    if (status == LIBSCHED_OK) {
      started_.store(true, Orders::kOver);
      child_write_.reset();
      if (feed_.is_own()) child_read_.reset();
      add();  // until the end
      want(false);
      jobserver_.grant();
    }
  }
  if (status != LIBSCHED_OK) unwatch();
  return status;
}

Status Broker::watch() {
  if (const Status status = jobserver_.use_reactor()) return status;
  reactor_ = jobserver_.reactor_->get();
  reactor_->add(*this, feed_.write_fd());
  reactor_->add(returns_, return_fd_.fd());
  return reactor_->arm(returns_, sys::Reactor::For::kReading);
}

void Broker::unwatch() {
  if (reactor_ == nullptr) return;
  reactor_->remove(*this);
  reactor_->remove(returns_);
}

// Without memory for it: soon again.
void Broker::arm(sys::Reactor::Watch& watch, sys::Reactor::For what) {
  if (reactor_->arm(watch, what) == LIBSCHED_OK) return;
  reactor_->set_time(watch, sys::now_ns() + sys::kAgainNs);
}

// --- offering ---

void Broker::want(bool idle) {
  if (over_.load(Orders::kOver) || jobserver_.closed_.load(Jobserver::Orders::kHint) || queued())
    return;
  // What is taken must have a place to be noted in. Without memory the child gets no more than it has.
  try {
    if (taken_.size() == taken_.capacity()) taken_.reserve(2 * taken_.size() + 4);
  } catch (const std::bad_alloc&) {
    return;
  }
  static_cast<void>(jobserver_.enqueue(*this, idle ? jobserver_.idle_ : jobserver_.wanted_));
}

void Broker::pause() {
  if (over_.load(Orders::kOver) || jobserver_.closed_.load(Jobserver::Orders::kHint)) return;
  resumes_at_ns_ = sys::now_ns() + (kOfferNs << pauses_);
  pauses_ = std::min(pauses_ + 1, kMostDoublings);
  next_pausing_ = jobserver_.pausing_;
  jobserver_.pausing_ = this;
}

void Broker::stop_pausing() {
  for (Broker** link = &jobserver_.pausing_; *link != nullptr; link = &(*link)->next_pausing_) {
    if (*link != this) continue;
    *link = next_pausing_;
    return;
  }
}

bool Broker::granted(std::uint64_t token, Status) {
  if (token == 0) return true;
  const TokenTable::Token kept = jobserver_.tokens_.look(token);
  if (feed_.give(kept.byte) != LIBSCHED_OK) return false;
  arm(*this, sys::Reactor::For::kWriting);
  note_lent(token, true);
  offered_ = token;
  offered_at_ns_ = sys::now_ns();
  previous_offer_ = jobserver_.last_offer_;
  next_offer_ = nullptr;
  (previous_offer_ != nullptr ? previous_offer_->next_offer_ : jobserver_.offers_) = this;
  jobserver_.last_offer_ = this;
  return true;
}

void Broker::forget_offer() {
  offered_ = 0;
  (next_offer_ != nullptr ? next_offer_->previous_offer_ : jobserver_.last_offer_) =
      previous_offer_;
  (previous_offer_ != nullptr ? previous_offer_->next_offer_ : jobserver_.offers_) = next_offer_;
}

void Broker::note_lent(std::uint64_t token, bool lent) {
  jobserver_.tokens_.set_lent(token, lent);
  if (!jobserver_.tokens_.look(token).implicit)
    jobserver_.brokered_ += lent ? 1 : std::uint64_t(-1);
}

void Broker::give_back(std::uint64_t token) {
  note_lent(token, false);
  jobserver_.put_back(token);
}

void Broker::note_taken() {
  taken_.push_back(offered_);  // there is room: want()
  ++total_;
  pauses_ = 0;
  forget_offer();
}

std::uint64_t Broker::take_offer_back() {
  std::uint8_t byte = 0;
  if (feed_.take(byte) != LIBSCHED_OK) return 0;
  const std::uint64_t token = offered_;
  forget_offer();
  note_lent(token, false);
  pause();
  return token;
}

// The offer was taken.
void Broker::ready() {
  const Jobserver::Locked locked(jobserver_);
  if (offered_ == 0 || over_.load(Orders::kOver)) return jobserver_.grant();
  if (feed_.available() != 0) {  // it was told of an offer before this one
    arm(*this, sys::Reactor::For::kWriting);
    return;
  }
  note_taken();
  want(false);
  jobserver_.grant();
}

// --- taking back ---

void Broker::read_returns() {
  bool ended = false;
  {
    const Jobserver::Locked locked(jobserver_);
    ended = read_some();
    if (ended) {
      end();
    } else {
      arm(returns_, sys::Reactor::For::kReading);
    }
    jobserver_.grant();
  }
  if (ended) drop();
}

// True: nobody is left who could give a token back.
bool Broker::read_some() {
  std::uint8_t bytes[64];
  const ssize_t count = sys::calls.read(return_fd_.fd(), bytes, sizeof bytes);
  if (count == -EAGAIN || count == -EINTR) return false;
  if (count <= 0) return true;
  for (ssize_t i = 0; i < count; ++i) {
    // What was taken and given back at once may not have been told yet.
    if (taken_.empty() && offered_ != 0 && feed_.available() == 0) {
      note_taken();
      want(false);
    }
    if (taken_.empty()) {
      ++extra_;
      continue;
    }
    give_back(taken_.back());
    taken_.pop_back();
  }
  return false;
}

void Broker::end() {
  if (offered_ != 0) {  // whoever may have taken it is gone
    std::uint8_t byte = 0;
    if (feed_.take(byte) == LIBSCHED_OK) {
      const std::uint64_t token = offered_;
      forget_offer();
      give_back(token);
    } else {
      note_taken();
    }
  }
  rescued_ += taken_.size();
  for (const std::uint64_t token : taken_) give_back(token);
  taken_.clear();
  if (queued()) jobserver_.dequeue(*this);
  stop_pausing();
  over_.store(true, Orders::kOver);
  event_.notify_all();
}

Broker::Stats Broker::stats() {
  const Jobserver::Locked locked(jobserver_);
  const std::uint64_t offered = offered_ != 0 ? 1 : 0;
  return {offered, taken_.size(), total_, rescued_, extra_, over_.load(Orders::kOver)};
}

}  // namespace sched
