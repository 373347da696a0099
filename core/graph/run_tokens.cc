#include "core/graph/run_tokens.h"

#include <algorithm>

#include "core/graph/run.h"

namespace sched {

bool RunTokens::Request::granted(std::uint64_t given, Status why) {
  token = given;
  status = why;
  return true;
}

void RunTokens::Request::spent() {
  Run& its_run = *run;
  its_run.token_came(*this);
  its_run.drop();
}

RunTokens::RunTokens(Run& run, Jobserver* jobserver, std::uint32_t slots)
    : run_(run),
      jobserver_(jobserver),
      slots_(slots),
      requests_(jobserver != nullptr ? new Request[slots] : nullptr) {
  if (jobserver == nullptr) return;
  held_.reserve(slots);
  given_back_.reserve(slots);
  for (std::uint32_t i = slots; i-- > 0;) {
    requests_[i].run = &run;
    requests_[i].next = free_;
    free_ = &requests_[i];
  }
  jobserver_->add();
}

RunTokens::~RunTokens() {
  if (jobserver_ != nullptr) jobserver_->drop();
}

void RunTokens::put_back(Request& request) {
  request.in_line = false;
  request.next = free_;
  free_ = &request;
  --asked_;
}

// What has come of a request.
void RunTokens::take(Request& request) {
  if (request.token != 0) {
    held_.push_back(request.token);
  } else {
    broken_ = request.status;
  }
  put_back(request);
}

void RunTokens::give_back(std::uint32_t count) {
  for (; count != 0 && !held_.empty(); --count) {
    given_back_.push_back(held_.back());
    held_.pop_back();
  }
}

Status RunTokens::try_take(std::vector<std::uint64_t>& out, std::uint32_t count) {
  out.reserve(count);
  Status status = LIBSCHED_OK;
  while (status == LIBSCHED_OK && out.size() < count) {
    std::uint64_t token = 0;
    status = jobserver_->try_acquire(token);
    if (status == LIBSCHED_OK) out.push_back(token);
  }
  if (status == LIBSCHED_OK) return LIBSCHED_OK;
  for (const std::uint64_t token : out) static_cast<void>(jobserver_->release(token));
  out.clear();
  return status;
}

void RunTokens::take_batch(Batch& batch) {
  if (!needed()) return;
  while (batch.releases_ < Batch::kMost && !given_back_.empty()) {
    batch.release_[batch.releases_++] = given_back_.back();
    given_back_.pop_back();
  }
  // So that all tokens together are no more than there is room for.
  if (!given_back_.empty()) return;
  while (batch.asks_ < Batch::kMost && broken_ == LIBSCHED_OK && free_ != nullptr &&
         held() + asked_ < wanted_) {
    Request& request = *free_;
    free_ = request.next;
    ++asked_;
    batch.ask_[batch.asks_++] = &request;
  }
  if (batch.asks_ != 0 || asked_ == 0 || held() + asked_ <= wanted_) return;
  std::uint32_t surplus = std::min(asked_, held() + asked_ - wanted_);
  for (std::uint32_t i = 0; i < slots_ && surplus != 0; ++i) {
    if (!requests_[i].in_line || batch.withdrawals_ == Batch::kMost) continue;
    // Where it cannot be withdrawn it is about to be granted, or put in line.
    requests_[i].in_line = false;
    batch.withdraw_[batch.withdrawals_++] = &requests_[i];
    --surplus;
  }
}

void RunTokens::perform(Batch& batch) {
  for (std::size_t i = 0; i < batch.releases_; ++i) {
    static_cast<void>(jobserver_->release(batch.release_[i]));
  }
  for (std::size_t i = 0; i < batch.asks_; ++i) {
    Request& request = *batch.ask_[i];
    request.token = 0;
    request.status = jobserver_->try_acquire(request.token);
    batch.in_line_[i] = request.status == LIBSCHED_E_EMPTY;
    if (!batch.in_line_[i]) continue;
    run_.add_reference();  // the request's
    const Status status = jobserver_->request(request);
    if (status == LIBSCHED_OK) continue;
    run_.drop();
    request.status = status;
    batch.in_line_[i] = false;
  }
  for (std::size_t i = 0; i < batch.withdrawals_; ++i) {
    batch.withdrawn_[i] = jobserver_->withdraw(*batch.withdraw_[i]);
  }
}

void RunTokens::finish(Batch& batch) {
  for (std::size_t i = 0; i < batch.asks_; ++i) {
    Request& request = *batch.ask_[i];
    if (!batch.in_line_[i]) {
      take(request);
    } else {
      request.in_line = true;
    }
  }
  for (std::size_t i = 0; i < batch.withdrawals_; ++i) {
    if (!batch.withdrawn_[i]) continue;
    put_back(*batch.withdraw_[i]);
    run_.drop();  // whoever is here has another reference
  }
}

}  // namespace sched
