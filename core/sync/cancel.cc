#include "core/sync/cancel.h"

namespace sched {

void CancelSwitch::trigger() {
  triggered_.store(true, CancelOrders::kFlag);
  const std::lock_guard lock(mutex_);
  for (Registration* entry = first_; entry != nullptr; entry = entry->next_) {
    entry->event_.notify_all();
  }
}

CancelSwitch::Registration::Registration(CancelSwitch* owner, EventCount<StdSync>& event)
    : owner_(owner), event_(event) {
  if (owner_ == nullptr) return;
  const std::lock_guard lock(owner_->mutex_);
  next_ = owner_->first_;
  if (next_ != nullptr) next_->previous_ = this;
  owner_->first_ = this;
}

CancelSwitch::Registration::~Registration() {
  if (owner_ == nullptr) return;
  const std::lock_guard lock(owner_->mutex_);
  if (next_ != nullptr) next_->previous_ = previous_;
  (previous_ != nullptr ? previous_->next_ : owner_->first_) = next_;
}

}  // namespace sched
