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
  const Lent lent(worker_, kEveryLevel);
  alone_ = !worker_.leave_slot();
  worker_.sit_out(*this, alone_);
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
    const bool foreign = room && levels != 0 && help_depth_ <= kMaxHelpDepth;
    if ((room && awaited.help(*this) != StealStatus::kEmpty) ||
        (foreign && (work(levels) != StealStatus::kEmpty || branches_.share_all()))) {
      refused = 0;
    } else if (!rest(awaited, foreign ? levels : 0)) {
      ++refused;
    }
  }
  unwinding.done();
  stop_search();
  return refused < kMostRefusals;
}

bool Worker::rest(const Awaited& awaited, LevelMask levels) {
  Sleepers<StdSync>& sleepers = pool_.sleepers_;
  const bool claimable = levels != 0;
  const LevelMask holds = held_ & levels;
  sleepers.begin_wait(index_, claimable, levels == kEveryLevel, holds);
  if (searching_) sleepers.stop_search();
  searching_ = false;

  Ready ready = awaited.ended() ? Ready::kWork : Ready::kNothing;
  if (ready == Ready::kNothing && claimable) {
    const Places places(*this, levels);
    const LevelMask allowed = places.allowed() & levels;
    ready = branches_wait() ? Ready::kWork : pool_.look(allowed);
    if (ready == Ready::kNothing) pool_.tell_holders(allowed);
  }
  // Whoever may not do everything does not count as one who works.
  const bool aside = levels != kEveryLevel;
  bool possible = true;
  bool claimed = false;
  bool napped = false;
  if (ready != Ready::kWork) {
    const Lent lent(*this, kEveryLevel & ~levels);
    bool more = false;
    if (aside) {
      // Not to this one, which is announced but cannot do what is found now.
      more = show_work();
      if (more) sleepers.hand_on();
      // Nobody is left, but for those that have been roused and are on their way.
      possible = pool_.slots_.leave() != 0 || pool_.stand_in() || sleepers.others_roused(index_) ||
                 awaited.ended();
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
    } else {
      claimed = claimable && !sleepers.retract(index_);
      // Another one that may not do everything may do this.
      if (more) sleepers.notify_all();
    }
    if (aside) pool_.slots_.take();
  } else if (claimable) {
    claimed = !sleepers.retract(index_);
  }
  sleepers.end_wait(index_, holds);
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

void Worker::sit_out(const Awaited& awaited, bool& alone) {
  Sleepers<StdSync>& sleepers = pool_.sleepers_;
  bool tell = alone;
  for (bool woken = false;; woken = true) {
    // One that is alone can do nothing more, and must not look as if it were on its way to something.
    alone ? sleepers.begin_deaf_wait(index_) : sleepers.begin_wait(index_, false);
    if (tell) sleepers.rouse_all();
    if (awaited.ended()) break;
    tell = woken && !alone && pool_.slots_.none();
    alone |= tell;
    if (!tell) sleepers.park_unannounced(index_);
  }
  sleepers.end_wait(index_);
  pool_.slots_.take();
}

Status Worker::wait_aside(const Awaited& awaited, EventCount<StdSync>& event,
                          const sys::Deadline& deadline, CancelSwitch* cancel) {
  if (awaited.ended()) return LIBSCHED_OK;
  if (deadline.over()) return LIBSCHED_E_TIMEOUT;
  const Lent lent(*this, kEveryLevel);
  const bool aside = current().blocking == 0;
  if (aside) {
    if (show_work()) pool_.sleepers_.notify_one();
    int refused = 0;
    while (pool_.slots_.leave() == 0 && !pool_.stand_in() && deadline.remaining_ns() < 0 &&
           !pool_.sleepers_.others_roused(index_)) {
      pool_.slots_.take();
      if (awaited.ended()) return LIBSCHED_OK;
      if (++refused == kMostRefusals) return LIBSCHED_E_DEADLOCK;
      if (show_work()) pool_.sleepers_.notify_all();
    }
  }
  pool_.sleepers_.begin_deaf_wait(index_);
  const Status status = wait_until(event, deadline, cancel, [&awaited] { return awaited.ended(); });
  if (aside) pool_.slots_.take();
  pool_.sleepers_.end_wait(index_);
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
