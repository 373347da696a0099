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

}  // namespace sched
