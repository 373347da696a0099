#include "core/pool/waiting.h"

#include <cstdint>

#include "core/pool/current.h"
#include "core/pool/places.h"

namespace sched {
namespace {

constexpr int kMostRefusals = StdSync::Traits<WaitSizes>::kMostRefusals;

std::ptrdiff_t stack_above(const char* end) {
  if (end == nullptr) return PTRDIFF_MAX;
  return static_cast<const char*>(__builtin_frame_address(0)) - end;
}

}  // namespace

Worker::Unwinding::~Unwinding() {
  worker_.help_depth_ = worker_.help_depth_ - 1;
  worker_.waits_from_ = from_;
  if (over_) return;
  // The sections below end with their tasks; their slot has been taken again.
  current().blocking = blocking_;
  while (worker_.branches_.pop() != nullptr) {
  }
  alone_ = !worker_.leave_slot();
  worker_.sit_out(*this);
}

// If nobody is left to bring the end of what is waited for, then it is not waited for: the branches are run by somebody.
bool Worker::Unwinding::ended() const {
  return (alone_ || awaited_ == nullptr || awaited_->ended()) && worker_.branches_.all_done(from_);
}

bool Worker::wait(Awaited& awaited, Level level, bool isolated) {
  const LevelMask levels = isolated ? 0 : (bit_of(level) << 1) - 1;
  Unwinding unwinding(*this, &awaited);
  // Asked more than once, since somebody may be on the way to a slot.
  int refused = 0;
  while (refused < kMostRefusals && !awaited.ended()) {
    const bool room = has_stack();
    if (room && awaited.help(*this) != StealStatus::kEmpty) continue;
    const bool foreign = room && levels != 0 && help_depth_ <= kMaxHelpDepth;
    if (foreign && (work(levels) != StealStatus::kEmpty || branches_.share_all())) continue;
    if (!rest(awaited, foreign ? levels : 0)) ++refused;
  }
  unwinding.done();
  stop_search();
  return refused < kMostRefusals;
}

bool Worker::rest(const Awaited& awaited, LevelMask levels) {
  Sleepers<StdSync>& sleepers = pool_.sleepers_;
  const bool claimable = levels != 0;
  sleepers.begin_wait(index_, claimable, levels == kEveryLevel);
  if (searching_) sleepers.stop_search();
  searching_ = false;

  // Counted before the look, so that either the look finds work of its levels, or who is woken for that finds it counted.
  const bool holder = claimable && held_ != 0;
  if (holder) pool_.holders_waiting_.fetch_add(1, Pool::Orders::kHolders);
  Ready ready = awaited.ended() ? Ready::kWork : Ready::kNothing;
  if (ready == Ready::kNothing && claimable) {
    const Places places(*this, levels);
    ready = branches_wait() ? Ready::kWork : pool_.look(places.allowed() & levels);
  }
  // Whoever may not do everything does not count as one who works.
  const bool aside = levels != kEveryLevel;
  bool possible = true;
  bool claimed = false;
  bool napped = false;
  if (ready != Ready::kWork) {
    if (aside) {
      // Not to this one, which is announced but cannot do what is found now.
      if (show_work()) sleepers.hand_on();
      // Nobody is left, but for those that have been roused and are on their way.
      if (pool_.slots_.leave() == 0) {
        possible = pool_.stand_in() || sleepers.some_roused() || awaited.ended();
      }
    }
    if (possible) {
      napped = ready == Ready::kRunNext && sleepers.start_nap();
      counters_.parks.add(false);
      if (claimable) {
        claimed = sleepers.park(index_, napped ? kNapNs : -1);
        if (claimed) counters_.wakes.add(false);
      } else {
        sleepers.park_unannounced(index_);
      }
      if (napped) sleepers.stop_nap();
    } else if (claimable) {
      claimed = !sleepers.retract(index_);
    }
    if (aside) pool_.slots_.take();
  } else if (claimable) {
    claimed = !sleepers.retract(index_);
  }
  if (holder) pool_.holders_waiting_.fetch_sub(1, Pool::Orders::kHolders);
  sleepers.end_wait(index_);
  // After a nap too, as in sleep().
  searching_ = claimed || (napped && sleepers.start_search());
  return possible;
}

bool Worker::leave_slot() {
  stop_search();
  if (show_work()) pool_.sleepers_.notify_one();
  const std::uint32_t left = pool_.slots_.leave();
  return !pool_.slots_.too_few(left) || pool_.stand_in() || left != 0;
}

void Worker::sit_out(const Awaited& awaited) {
  Sleepers<StdSync>& sleepers = pool_.sleepers_;
  for (;;) {
    sleepers.begin_wait(index_, false);
    if (awaited.ended()) break;
    sleepers.park_unannounced(index_);
  }
  sleepers.end_wait(index_);
  pool_.slots_.take();
}

Status Worker::wait_aside(const Awaited& awaited, EventCount<StdSync>& event,
                          const sys::Deadline& deadline, CancelSwitch* cancel) {
  if (awaited.ended()) return LIBSCHED_OK;
  if (deadline.over()) return LIBSCHED_E_TIMEOUT;
  const bool aside = current().blocking == 0;
  if (aside) {
    if (show_work()) pool_.sleepers_.notify_one();
    if (pool_.slots_.leave() == 0 && !pool_.stand_in() && deadline.remaining_ns() < 0) {
      pool_.slots_.take();
      return LIBSCHED_E_DEADLOCK;
    }
  }
  const Status status = wait_until(event, deadline, cancel, [&awaited] { return awaited.ended(); });
  if (aside) pool_.slots_.take();
  return status;
}

bool Worker::has_stack() const { return stack_above(stack_end_) > kStackToHelp; }

bool has_stack_here() {
  constexpr std::ptrdiff_t kNeeded = 256 * 1024;
  Current& here = current();
  if (here.stack_end == nullptr) here.stack_end = sys::stack_end();
  return stack_above(here.stack_end) > kNeeded;
}

}  // namespace sched
