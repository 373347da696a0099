#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/model/engine/clock.h"
#include "tests/model/engine/table.h"

namespace model {

// The memory of a scenario: for each thread a part to allocate from and a stack. An execution ends by forgetting all of
// it, so that threads may be left in the middle of anything. Within one execution no memory is used twice, and a thread
// that does the same again gets the same addresses, whatever the others do.
class Arena {
 public:
  static constexpr std::size_t kHeapBytes = std::size_t{4} << 20;
  static constexpr std::size_t kStackBytes = std::size_t{256} << 10;
  static constexpr std::size_t kBytes = kMaxThreads * (kHeapBytes + kStackBytes);

  struct Block {
    std::size_t begin;  // offset
    std::size_t size;
    Stamp made;
    bool freed;
    std::uint32_t first_location;  // of those inside, linked
  };
  static constexpr std::uint32_t kNone = UINT32_MAX;

  Arena();

  void reset();

  bool contains(const void* address) const { return offset_of(address) < kBytes; }
  // At least kBytes for an address outside.
  std::size_t offset_of(const void* address) const {
    return static_cast<std::size_t>(static_cast<const char*>(address) - base_);
  }

  void* allocate(ThreadId thread, std::size_t bytes, Stamp now);
  // The block that holds the offset; nullptr on a stack.
  Block* find(std::size_t offset);
  // Fills a freed block, so that what is still used of it is likely to be noticed.
  void poison(const Block& block);
  const std::vector<Block>& blocks(ThreadId thread) const { return blocks_[thread]; }

  char* stack(ThreadId thread) {
    return base_ + kMaxThreads * kHeapBytes + static_cast<std::size_t>(thread) * kStackBytes;
  }

 private:
  Table<char> memory_{kBytes};
  char* const base_ = memory_.data();
  std::size_t used_[kMaxThreads] = {};
  std::vector<Block> blocks_[kMaxThreads];  // by address
};

}  // namespace model
