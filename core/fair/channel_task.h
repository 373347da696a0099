#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "core/pool/task.h"

namespace sched {

using FinalizeFn = void (*)(libsched_task*, int, void*);

// What runs a task of a channel, and who is told of its end.
struct Handlers {
  TaskFn work = nullptr;
  FinalizeFn finalize = nullptr;
  DiscardFn discard = nullptr;
};

struct ChannelTask {
  Handlers handlers;
  void* user_data;
  std::uint32_t sent;  // Task::clock()
};

// Some tasks of one channel, in order.
struct TaskBlock {
  static constexpr std::uint32_t kTasks = 24;  // with the words around them just below 1024 bytes

  TaskBlock* next;
  std::uint32_t begin;
  std::uint32_t end;
  ChannelTask tasks[kTasks];
};

// Blocks for the next tasks, so that channels that fill and empty all the time ask the allocator for nothing.
class TaskBlockStock {
 public:
  TaskBlockStock() = default;
  ~TaskBlockStock() {
    while (first_ != nullptr) delete pop();
  }
  TaskBlockStock(const TaskBlockStock&) = delete;
  TaskBlockStock& operator=(const TaskBlockStock&) = delete;

  // An empty one, or nullptr when there is no memory.
  TaskBlock* take() {
    TaskBlock* block = first_ != nullptr ? pop() : new (std::nothrow) TaskBlock;
    if (block != nullptr) {
      block->next = nullptr;
      block->begin = block->end = 0;
    }
    return block;
  }
  void give(TaskBlock* block) {
    if (count_ == kMost) {
      delete block;
      return;
    }
    block->next = first_;
    first_ = block;
    ++count_;
  }

 private:
  static constexpr std::size_t kMost = 256;

  TaskBlock* pop() {
    TaskBlock* block = first_;
    first_ = block->next;
    --count_;
    return block;
  }

  TaskBlock* first_ = nullptr;
  std::size_t count_ = 0;
};

// The tasks that wait in a channel, first in first out.
class TaskFifo {
 public:
  explicit TaskFifo(TaskBlockStock& stock) : stock_(stock) {}
  ~TaskFifo() {
    while (!empty()) pop();
  }
  TaskFifo(const TaskFifo&) = delete;
  TaskFifo& operator=(const TaskFifo&) = delete;

  bool empty() const { return size_ == 0; }
  std::uint64_t size() const { return size_; }
  const ChannelTask& front() const { return first_->tasks[first_->begin]; }

  // False: no memory.
  bool push(const ChannelTask& task) {
    if (last_ == nullptr || last_->end == TaskBlock::kTasks) {
      TaskBlock* block = stock_.take();
      if (block == nullptr) return false;
      (last_ != nullptr ? last_->next : first_) = block;
      last_ = block;
    }
    last_->tasks[last_->end++] = task;
    ++size_;
    return true;
  }

  ChannelTask pop() {
    TaskBlock* block = first_;
    const ChannelTask task = block->tasks[block->begin++];
    --size_;
    if (block->begin == block->end) {
      first_ = block->next;
      if (first_ == nullptr) last_ = nullptr;
      stock_.give(block);
    }
    return task;
  }

  // All of another's tasks, behind its own.
  void take_all(TaskFifo& other) {
    if (other.empty()) return;
    (last_ != nullptr ? last_->next : first_) = other.first_;
    last_ = other.last_;
    size_ += other.size_;
    other.first_ = other.last_ = nullptr;
    other.size_ = 0;
  }

 private:
  TaskBlockStock& stock_;
  TaskBlock* first_ = nullptr;
  TaskBlock* last_ = nullptr;
  std::uint64_t size_ = 0;
};

}  // namespace sched
