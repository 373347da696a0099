#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "core/pool/current.h"
#include "core/sync/std_sync.h"

namespace sched {

struct BlockCacheSizes {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  // So that a use after the end is found, and each object's locks are its own.
  static constexpr std::uint32_t kMost = 0;
#else
  static constexpr std::uint32_t kMost = 64;
#endif
};

// Memory of objects that come and go quickly. Each worker keeps some blocks for the next ones, so that a task which makes a
// group, uses it and lets it go asks the allocator for nothing.
class BlockCache {
 public:
  enum class Kind : std::uint8_t { kGroup, kRing };

  BlockCache() = default;
  ~BlockCache() {
    for (List& list : lists_) {
      while (list.first != nullptr) ::operator delete(list.pop());
    }
  }
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  // All blocks of a kind are of one size. Throws std::bad_alloc.
  static void* take(Kind kind, std::size_t bytes) {
    BlockCache* cache = of_this_worker();
    if (cache == nullptr || cache->list(kind).first == nullptr) return ::operator new(bytes);
    return cache->list(kind).pop();
  }
  static void give(Kind kind, void* block) {
    BlockCache* cache = of_this_worker();
    if (cache == nullptr || cache->list(kind).count == kMost) {
      ::operator delete(block);
    } else {
      cache->list(kind).push(block);
    }
  }

 private:
  static constexpr std::uint32_t kMost = StdSync::Traits<BlockCacheSizes>::kMost;

  struct Free {
    Free* next;
  };
  struct List {
    Free* first = nullptr;
    std::uint32_t count = 0;

    void push(void* block) {
      first = new (block) Free{first};
      ++count;
    }
    void* pop() {
      Free* block = first;
      first = block->next;
      --count;
      return block;
    }
  };

  List& list(Kind kind) { return lists_[static_cast<std::size_t>(kind)]; }
  static BlockCache* of_this_worker();

  List lists_[2];
};

}  // namespace sched
