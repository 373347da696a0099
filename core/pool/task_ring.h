#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>

#include "core/pool/block_cache.h"
#include "core/pool/task.h"

namespace sched {

// Growing FIFO ring of tasks for one thread at a time. Tasks that are taken out on trial keep their room, so that they can be
// put back to the head whatever has been pushed meanwhile.
class TaskRing {
 public:
  TaskRing() = default;
  ~TaskRing() { release(items_, capacity_); }
  TaskRing(const TaskRing&) = delete;
  TaskRing& operator=(const TaskRing&) = delete;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const Task::Item& operator[](std::size_t i) const {
    return items_[(head_ + i) & (capacity_ - 1)];
  }

  // Room for `more` pushes. Throws std::bad_alloc, and then nothing has changed.
  void reserve(std::size_t more) {
    const std::size_t needed = size_ + on_trial_ + more;
    if (needed > capacity_) resize(std::bit_ceil(std::max(needed, kFirst)));
  }
  void push(const Task::Item& item) { items_[(head_ + size_++) & (capacity_ - 1)] = item; }

  Task::Item pop() {
    const Task::Item item = (*this)[0];
    drop(1);
    return item;
  }

  // Gives all memory back; it must be empty.
  void reset() {
    release(items_, capacity_);
    items_ = nullptr;
    capacity_ = head_ = 0;
  }

  // Takes the first `count` out, to be settled later.
  void take(Task::Item* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] = (*this)[i];
    on_trial_ += count;
    drop(count);
  }
  // Of `count` tasks that were taken, puts the last ones back.
  void settle(const Task::Item* items, std::size_t count, std::size_t keep) {
    on_trial_ -= count;
    for (std::size_t i = count; i > keep; --i) {
      head_ = (head_ - 1) & (capacity_ - 1);
      items_[head_] = items[i - 1];
      ++size_;
    }
    give_back_memory();
  }

 private:
  static constexpr std::size_t kFirst = 16;
  static constexpr std::size_t kKeep = 1024;  // an empty ring with more slots gives them back

  void drop(std::size_t count) {
    head_ = (head_ + count) & (capacity_ - 1);
    size_ -= count;
    give_back_memory();
  }
  void give_back_memory() {
    if (size_ + on_trial_ == 0 && capacity_ > kKeep) reset();
  }
  void resize(std::size_t capacity) {
    Task::Item* larger = acquire(capacity);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = (*this)[i];
    release(items_, capacity_);
    items_ = larger;
    capacity_ = capacity;
    head_ = 0;
  }

  static Task::Item* acquire(std::size_t capacity) {
    const std::size_t bytes = capacity * sizeof(Task::Item);
    return static_cast<Task::Item*>(capacity == kFirst
                                        ? BlockCache::take(BlockCache::Kind::kRing, bytes)
                                        : ::operator new(bytes));
  }
  static void release(Task::Item* items, std::size_t capacity) {
    if (capacity == kFirst) {
      BlockCache::give(BlockCache::Kind::kRing, items);
    } else {
      ::operator delete(items);
    }
  }

  Task::Item* items_ = nullptr;
  std::size_t capacity_ = 0;  // a power of two, or 0
  std::size_t head_ = 0;
  std::size_t size_ = 0;
  std::size_t on_trial_ = 0;
};

}  // namespace sched
