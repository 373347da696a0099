#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "core/graph/room.h"

namespace sched {

// A list that grows at its end, and beyond its first block moves nothing then: new memory costs more than what is put there, for
// the system clears its pages.
template <class T>
class Blocks {
 public:
  std::size_t size() const { return size_; }
  T& operator[](std::size_t index) { return blocks_[index / kBlock].data()[index % kBlock]; }
  const T& operator[](std::size_t index) const {
    return blocks_[index / kBlock].data()[index % kBlock];
  }

  // So that push_back() cannot fail. Throws std::bad_alloc.
  void make_room() {
    const std::size_t block = size_ / kBlock;
    if (block == blocks_.size()) {
      std::vector<T> more;
      if (block > 0) more.reserve(kBlock);
      blocks_.push_back(std::move(more));
    }
    if (block == 0) sched::make_room(blocks_[0]);  // a short list has little room
  }
  // Throws std::bad_alloc, and then nothing has changed.
  void push_back(T value) {
    make_room();
    blocks_[size_ / kBlock].push_back(std::move(value));
    ++size_;
  }
  T pop_back() {
    --size_;
    std::vector<T>& block = blocks_[size_ / kBlock];
    T last = std::move(block.back());
    block.pop_back();
    return last;
  }
  // visit(element) for each.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const std::vector<T>& block : blocks_) {
      for (const T& element : block) visit(element);
    }
  }

 private:
  static constexpr std::size_t kBlock = 1024;

  std::vector<std::vector<T>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace sched
