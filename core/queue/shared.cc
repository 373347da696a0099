#include "core/queue/shared.h"

#include <cerrno>

#include "core/base/call.h"

namespace sched {
namespace {

Status status_of(PushStatus status) {
  switch (status) {
    case PushStatus::kOk:
      return LIBSCHED_OK;
    case PushStatus::kFull:
      return LIBSCHED_E_FULL;
    case PushStatus::kClosed:
      return LIBSCHED_E_CLOSED;
    case PushStatus::kNoMemory:
      return -ENOMEM;
  }
  return LIBSCHED_E_INTERNAL;
}

Status status_of(StealStatus status) {
  switch (status) {
    case StealStatus::kSuccess:
      return LIBSCHED_OK;
    case StealStatus::kEmpty:
      return LIBSCHED_E_EMPTY;
    case StealStatus::kRetry:
    case StealStatus::kPending:
      return LIBSCHED_E_RETRY;
    case StealStatus::kFull:
      return LIBSCHED_E_FULL;
    case StealStatus::kNoMemory:
      return -ENOMEM;
  }
  return LIBSCHED_E_INTERNAL;
}

void give_up(ItemDiscard discard, void* item) {
  if (discard == nullptr) return;
  call_user([&] { return discard(item), 0; }, [](int, const char*) {});  // user code
}

using Item = Injector<StdSync>::Item;
Item pack(void* item) { return {reinterpret_cast<std::uint64_t>(item), 0}; }
void* unpack(const Item& item) { return reinterpret_cast<void*>(item[0]); }

}  // namespace

// --- deque ---

void SharedDeque::unref() {
  if (!references_.drop()) return;
  void* item = nullptr;
  while (discard_ != nullptr && deque_.pop(item) == StealStatus::kSuccess) give_up(discard_, item);
  delete this;
}

Status SharedDeque::push(void* item) {
  const OwnerFlag::Hold hold(owner_);
  return hold ? status_of(deque_.push(item)) : LIBSCHED_E_BUSY;
}

Status SharedDeque::pop(void*& out) {
  const OwnerFlag::Hold hold(owner_);
  return hold ? status_of(deque_.pop(out)) : LIBSCHED_E_BUSY;
}

Status SharedDeque::shrink() {
  const OwnerFlag::Hold hold(owner_);
  return hold ? status_of(deque_.shrink()) : LIBSCHED_E_BUSY;
}

Status SharedDeque::steal(void*& out) { return status_of(deque_.steal(out)); }

Status SharedDeque::steal_batch(SharedDeque& destination, std::size_t limit) {
  const OwnerFlag::Hold hold(destination.owner_);
  return hold ? status_of(sched::steal_batch(deque_, destination.deque_, limit)) : LIBSCHED_E_BUSY;
}

Status SharedDeque::steal_batch_and_pop(SharedDeque& destination, std::size_t limit, void*& out) {
  const OwnerFlag::Hold hold(destination.owner_);
  if (!hold) return LIBSCHED_E_BUSY;
  return status_of(sched::steal_batch_and_pop(deque_, destination.deque_, limit, out));
}

// --- injector ---

void SharedInjector::clear() {
  Item item;
  while (discard_ != nullptr && injector_.pop(item) == StealStatus::kSuccess) {
    give_up(discard_, unpack(item));
  }
}

Status SharedInjector::push(void* item) { return status_of(injector_.push(pack(item))); }

Status SharedInjector::push_n(void* const* items, std::size_t count, std::size_t& accepted) {
  constexpr std::size_t kSlice = 64;
  Item slice[kSlice];
  accepted = 0;
  while (accepted < count) {
    const std::size_t length = std::min(count - accepted, kSlice);
    for (std::size_t i = 0; i < length; ++i) slice[i] = pack(items[accepted + i]);
    std::size_t pushed = 0;
    const PushStatus status = injector_.push_n(slice, length, pushed);
    accepted += pushed;
    if (status != PushStatus::kOk) return accepted != 0 ? LIBSCHED_OK : status_of(status);
  }
  return LIBSCHED_OK;
}

Status SharedInjector::steal(void*& out) {
  Item item;
  const StealStatus status = injector_.pop(item);
  if (status == StealStatus::kSuccess) out = unpack(item);
  return status_of(status);
}

Status SharedInjector::steal_batch(SharedDeque& destination, std::size_t limit) {
  const OwnerFlag::Hold hold(destination.owner_);
  return hold ? status_of(inject_batch(injector_, destination.deque_, limit)) : LIBSCHED_E_BUSY;
}

Status SharedInjector::steal_batch_and_pop(SharedDeque& destination, std::size_t limit,
                                           void*& out) {
  const OwnerFlag::Hold hold(destination.owner_);
  if (!hold) return LIBSCHED_E_BUSY;
  return status_of(inject_batch_and_pop(injector_, destination.deque_, limit, out));
}

// --- stealing queue ---

void SharedStealingQueue::clear() {
  Item item;
  Level level = Level::kNormal;
  while (discard_ != nullptr && queue_.look(kEveryLevel) != Ready::kNothing) {
    if (queue_.next(0, kEveryLevel, false, item, level) == StealStatus::kSuccess) {
      give_up(discard_, unpack(item));
    }
  }
}

Status SharedStealingQueue::submit(Level level, void* item) {
  return status_of(queue_.submit(level, pack(item)));
}

Status SharedStealingQueue::submit_local(std::uint32_t context, Level level, void* item) {
  if (context >= contexts()) return LIBSCHED_E_RANGE;
  const OwnerFlag::Hold hold(owners_[context]);
  bool run_next = false;
  return hold ? status_of(queue_.submit_local(context, level, pack(item), &run_next))
              : LIBSCHED_E_BUSY;
}

Status SharedStealingQueue::next(std::uint32_t context, void*& out, Level& level) {
  if (context >= contexts()) return LIBSCHED_E_RANGE;
  const OwnerFlag::Hold hold(owners_[context]);
  if (!hold) return LIBSCHED_E_BUSY;
  Item item;
  const StealStatus status = queue_.next(context, kEveryLevel, false, item, level);
  if (status == StealStatus::kSuccess) out = unpack(item);
  return status_of(status);
}

}  // namespace sched
