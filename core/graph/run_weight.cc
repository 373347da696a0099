#include <algorithm>

#include "core/graph/run.h"

namespace sched {
namespace {

// How long tokens are held for a job that needs more of them, and how long it lets others pass when they have not come: some time
// between these, so that two such processes do not take them from each other for ever.
constexpr std::uint32_t kLeastNs = 10'000'000;
constexpr std::uint32_t kMostNs = 50'000'000;

}  // namespace

bool Run::has_tokens(JobIndex job) const {
  return !tokens_.needed() || tokens_.held() >= needed_tokens() + weight_of(job);
}

// As many tokens as jobs that could start at once, and no more; for a job of several slots its own alone. What is held beyond that
// goes back.
void Run::settle_tokens() {
  if (!tokens_.needed()) return;
  const std::uint32_t needed = needed_tokens();
  const std::uint32_t free = options_.slots - used_;
  std::uint32_t wanted = needed;
  bool gathers = false;
  ReadyQueue* const from = mode_ == Mode::kGoing ? best() : nullptr;
  if (from != nullptr) {
    const std::uint32_t weight = weight_of(from->top());
    if (weight == 1) {
      const std::uint64_t functions =
          std::min<std::uint64_t>(ready_[kFunctions].size(), most_functions_ - functions_);
      const std::uint64_t jobs = functions + ready_[kCommands].size();
      wanted += static_cast<std::uint32_t>(std::min<std::uint64_t>(jobs, free));
    } else if (weight <= free) {
      wanted += weight;
      gathers = tokens_.held() > needed;
    }
  }
  tokens_.want(wanted);
  if (wanted == needed && tokens_.held() > needed) tokens_.give_back(tokens_.held() - needed);
  gather(gathers);
  if (wanted <= tokens_.held()) return;
  if (tokens_.broken() != LIBSCHED_OK && at_work_ == 0) return break_off(tokens_.broken());
  if (from == nullptr || !tokens_.asking() || waiting_ == from->top()) return;
  waiting_ = from->top();
  event(MessageKind::kWaits, waiting_, {});
}

std::int64_t Run::some_time() { return std::int64_t{kLeastNs} + random_.below(kMostNs - kLeastNs); }

void Run::gather(bool gathers) {
  if (gathers == (gather_until_ns_ != INT64_MAX)) return;
  gather_until_ns_ = gathers ? now_ + some_time() : INT64_MAX;
  set_timer();
}

// At the time that was set. A job that has not got all its tokens lets others have them, and pass, for a while. So do all others of
// several slots, or the run would hold on to the tokens with one after the other; they come back before it, so that one that needs
// fewer has its turn.
void Run::end_gathering() {
  end_rest(passing_, pass_until_ns_);
  end_rest(resting_, rest_until_ns_);
  if (gather_until_ns_ > now_) return;
  gather_until_ns_ = INT64_MAX;
  ReadyQueue* from = best();
  if (from == nullptr || weight_of(from->top()) == 1 || has_tokens(from->top())) return;
  // Where nobody knows how many tokens there are, and nobody here will give any back, these may be all.
  if (tokens_.most() == 0 && at_work_ == 0) {
    clamped_ = from->top();
    clamped_to_ = tokens_.held();
    return;
  }
  rest(*from, resting_);
  while ((from = best()) != nullptr && weight_of(from->top()) != 1) rest(*from, passing_);
  pass_until_ns_ = now_ + some_time();
  rest_until_ns_ = pass_until_ns_ + some_time();
}

void Run::rest(ReadyQueue& from, ReadyQueue& to) {
  const JobIndex job = from.pop();
  to.push(job, graph_.graph().job(job).level, graph_.priority(job));
}

void Run::end_rest(ReadyQueue& jobs, std::int64_t& until_ns) {
  if (until_ns > now_) return;
  until_ns = INT64_MAX;
  while (!jobs.empty()) queue_ready(jobs.pop());
}

// --- slots of a job at work ---

Status Run::grow(libsched_job& job, std::uint32_t more) {
  auto& place = static_cast<Place&>(job);
  {
    Locked locked(*this);
    if (!place.at_work) return LIBSCHED_E_STATE;
    if (mode_ == Mode::kKilled) return LIBSCHED_E_CANCELLED;
    if (more > options_.slots - used_) return LIBSCHED_E_EMPTY;
    used_ += more;
    growing_ += more;
    place.weight += more;
  }
  std::vector<std::uint64_t> tokens;
  struct Grown {
    Run& run;
    Place& place;
    const std::uint32_t more;
    const std::vector<std::uint64_t>& tokens;
    bool succeeds = false;
    ~Grown() {
      Locked locked(run);
      run.growing_ -= more;
      for (const std::uint64_t token : tokens) run.tokens_.add(token);
      if (succeeds) return;
      run.used_ -= more;
      place.weight -= more;
    }
  } grown{*this, place, more, tokens};
  const Status status = tokens_.needed() ? tokens_.try_take(tokens, more) : LIBSCHED_OK;
  grown.succeeds = status == LIBSCHED_OK;
  return status;
}

Status Run::shrink(libsched_job& job, std::uint32_t fewer) {
  auto& place = static_cast<Place&>(job);
  Locked locked(*this);
  if (!place.at_work) return LIBSCHED_E_STATE;
  if (fewer >= place.weight) return LIBSCHED_E_RANGE;
  place.weight -= fewer;
  used_ -= fewer;
  if (!options_.keep_tokens && tokens_.broken() == LIBSCHED_OK) tokens_.give_back(fewer);
  return LIBSCHED_OK;
}

void Run::token_came(RunTokens::Request& request) {
  Locked locked(*this);
  tokens_.take(request);
}

}  // namespace sched
