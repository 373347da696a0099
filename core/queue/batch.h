#pragma once

#include <algorithm>

#include "core/queue/deque.h"
#include "core/queue/injector.h"
#include "core/queue/steal.h"

namespace sched {

// Moving several items at once into a deque that the caller owns, with crossbeam's rules for how many and in which
// order: the destination's owner pops them in the order in which the source's owner would have.

namespace batch_detail {

// What there is to take from, in the terms of the functions below. take() moves at most half.
template <class Deque>
struct DequeSource {
  Deque& deque;
  std::int64_t length() const { return static_cast<std::int64_t>(deque.size()); }
  bool newest_first() const { return deque.flavor() == Flavor::kLifo; }
  StealStatus take(void** out, std::size_t limit, std::size_t& taken) {
    return deque.steal_some(out, limit, taken);
  }
};

template <class Injector>
struct InjectorSource {
  Injector& injector;
  std::int64_t length() const { return static_cast<std::int64_t>(injector.size()); }
  bool newest_first() const { return false; }
  StealStatus take(void** out, std::size_t limit, std::size_t& taken) {
    typename Injector::Item items[kMaxBatch + 1];
    const std::size_t most = std::max(half(length()), std::size_t{1});
    const StealStatus status = injector.pop_n(items, std::min(limit, most), taken);
    for (std::size_t i = 0; i < taken; ++i) out[i] = reinterpret_cast<void*>(items[i][0]);
    return status;
  }
};

template <class Source, class Destination>
StealStatus move(Source source, Destination& destination, std::size_t limit, void** popped) {
  const std::size_t kept = popped != nullptr ? 1 : 0;
  // Room for the largest batch: a look at how much there is would cost the owner a cache miss for each batch.
  const std::size_t wanted = std::min(limit, kMaxBatch + kept);
  PushStatus room_status = PushStatus::kOk;
  const std::size_t room =
      wanted > kept ? destination.reserve(wanted - kept, room_status) : std::size_t{0};
  if (room + kept == 0) {
    if (source.length() == 0) return StealStatus::kEmpty;
    return room_status == PushStatus::kNoMemory ? StealStatus::kNoMemory : StealStatus::kFull;
  }
  void* items[kMaxBatch + 1];
  std::size_t taken = 0;
  const StealStatus status = source.take(items, room + kept, taken);
  if (taken == 0) return status;

  void** rest = items;
  if (popped != nullptr) {
    *popped = source.newest_first() ? items[taken - 1] : *rest++;
    --taken;
  }
  const bool reversed = source.newest_first() != (destination.flavor() == Flavor::kLifo);
  if (taken != 0) destination.append(rest, taken, reversed);
  return StealStatus::kSuccess;
}

}  // namespace batch_detail

// Moves up to `limit` items and at most half of the deque. Into itself nothing moves.
template <class Deque>
StealStatus steal_batch(Deque& source, Deque& destination, std::size_t limit) {
  if (&source == &destination) {
    return source.size() != 0 ? StealStatus::kSuccess : StealStatus::kEmpty;
  }
  return batch_detail::move(batch_detail::DequeSource<Deque>{source}, destination, limit, nullptr);
}

// Moves up to `limit` items, of which one is returned instead: the one the source's owner would pop first. A full
// destination gets none. Into itself it is an owner's pop.
template <class Deque>
StealStatus steal_batch_and_pop(Deque& source, Deque& destination, std::size_t limit, void*& out) {
  if (&source == &destination) return source.pop(out);
  return batch_detail::move(batch_detail::DequeSource<Deque>{source}, destination, limit, &out);
}

template <class Injector, class Deque>
StealStatus inject_batch(Injector& source, Deque& destination, std::size_t limit) {
  return batch_detail::move(batch_detail::InjectorSource<Injector>{source}, destination, limit,
                            nullptr);
}

template <class Injector, class Deque>
StealStatus inject_batch_and_pop(Injector& source, Deque& destination, std::size_t limit,
                                 void*& out) {
  return batch_detail::move(batch_detail::InjectorSource<Injector>{source}, destination, limit,
                            &out);
}

}  // namespace sched
