#pragma once

#include "core/pool/pool.h"
#include "core/pool/worker.h"

namespace sched {

// A worker that runs a task of a capped level inside another one of the same level needs no second place: it is one worker.
class Worker::Places {
 public:
  explicit Places(Worker& worker, LevelMask wanted = kEveryLevel)
      : worker_(worker),
        before_(worker.held_),
        taken_(worker.pool_.caps_.take(wanted & ~before_)) {}
  ~Places() {
    worker_.held_ = before_;
    give_back(taken_ & worker_.pool_.caps_.capped());
  }
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

  LevelMask allowed() const { return taken_ | before_; }
  // A task of this level is run now: the other places are given back.
  void keep(Level level) {
    const LevelMask capped = taken_ & worker_.pool_.caps_.capped();
    const LevelMask kept = capped & bit_of(level);
    worker_.held_ = before_ | kept;
    taken_ = kept;
    give_back(capped & ~kept);
  }

 private:
  void give_back(LevelMask levels) {
    if (levels != 0) worker_.give_back_places(levels);
  }

  Worker& worker_;
  const LevelMask before_;
  LevelMask taken_;
};

// A worker that sleeps and may not run tasks at these levels meanwhile lets others have its places there. Who sleeps with a place
// can be told of work that needs it, and who cannot be told has none. It goes on whether there is a place or not, for those that
// have them may wait for it.
class Worker::Lent {
 public:
  Lent(Worker& worker, LevelMask levels) : worker_(worker), lent_(worker.held_ & levels) {
    if (lent_ == 0) return;
    worker_.held_ = worker_.held_ & ~lent_;
    worker_.pool_.caps_.give_back(lent_);
  }
  ~Lent() {
    if (lent_ == 0) return;
    worker_.pool_.caps_.take_again(lent_);
    worker_.held_ = worker_.held_ | lent_;
  }
  Lent(const Lent&) = delete;
  Lent& operator=(const Lent&) = delete;

 private:
  Worker& worker_;
  const LevelMask lent_;
};

}  // namespace sched
