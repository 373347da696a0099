#include "core/sync/cancel.h"

namespace sched {

void CancelSwitch::trigger() {
  triggered_.store(true, Orders::kFlag);
  const std::lock_guard lock(mutex_);
  for (Registration* entry = first_; entry != nullptr; entry = entry->next_) {
    entry->event_.notify_all();
  }
  for (Listener* entry = first_listener_; entry != nullptr; entry = entry->next_listener_) {
    entry->cancel_triggered();
  }
}

void CancelSwitch::listen(Listener& listener) {
  const std::lock_guard lock(mutex_);
  Listener* const next = first_listener_;
  listener.next_listener_ = next;
  first_listener_ = &listener;
}

void CancelSwitch::forget(Listener& listener) {
  const std::lock_guard lock(mutex_);
  Listener* const next = listener.next_listener_;
  Listener* at = first_listener_;
  if (at == &listener) {
    first_listener_ = next;
    return;
  }
  while (at->next_listener_ != &listener) at = at->next_listener_;
  at->next_listener_ = next;
}

CancelSwitch::Registration::Registration(CancelSwitch* owner, EventCount<StdSync>& event)
    : owner_(owner), event_(event) {
  if (owner_ == nullptr) return;
  const std::lock_guard lock(owner_->mutex_);
  Registration* const next = owner_->first_;
  next_ = next;
  if (next != nullptr) next->previous_ = this;
  owner_->first_ = this;
}

CancelSwitch::Registration::~Registration() {
  if (owner_ == nullptr) return;
  const std::lock_guard lock(owner_->mutex_);
  Registration* const previous = previous_;
  Registration* const next = next_;
  if (next != nullptr) next->previous_ = previous;
  (previous != nullptr ? previous->next_ : owner_->first_) = next;
}

}  // namespace sched
