#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/model/engine/arena.h"
#include "tests/model/engine/clock.h"
#include "tests/model/engine/seq_cst.h"
#include "tests/model/engine/table.h"

namespace model {

using StoreId = std::uint32_t;
using LocationId = std::uint32_t;
inline constexpr std::uint32_t kNoId = UINT32_MAX;

inline bool acquires(std::memory_order order) {
  return order != std::memory_order_relaxed && order != std::memory_order_release;
}
inline bool releases(std::memory_order order) {
  return order == std::memory_order_release || order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}

// One side effect on one location.
struct Store {
  LocationId location;
  Stamp by;
  std::uint64_t value;
  Clock released;          // what who acquires it learns
  StoreId before = kNoId;  // in modification order
  StoreId after = kNoId;
  std::uint32_t rank = 0;  // place in modification order
  bool update = false;     // by a read-modify-write, so directly after what that has read
  std::uint64_t key = 0;   // the same whenever the same has happened
  std::uint32_t step = 0;  // in the trace
};

// The C++20 memory model, executed: an execution is the set of stores of each location in its modification order, and for
// each read the store it has read. Events are added one at a time, a read after the store that it reads. Everything that
// the standard allows under that restriction is offered as a candidate, and nothing else: happens-before by vector
// clocks, coherence by what happens before the event, seq_cst by SeqCstOrder. A new store may take an earlier place in
// the modification order than stores that exist.
//
// Also knows which accesses to plain cells and to memory that is allocated and freed are ordered.
class Memory {
 public:
  explicit Memory(Arena& arena) : arena_(arena) {}
  void reset();

  Clock& clock(ThreadId thread) { return clocks_[static_cast<std::size_t>(thread)]; }
  // The thread's next event.
  Stamp tick(ThreadId thread);

  // --- atomics ---

  // The location at an address; its first store is what lies there.
  LocationId locate(ThreadId thread, const void* address, std::size_t size);
  std::uint64_t key(LocationId location) const { return locations_[location].key; }
  const Store& store(StoreId id) const { return stores_[id]; }
  StoreId newest(LocationId location) const { return locations_[location].last; }
  StoreId oldest(LocationId location) const { return locations_[location].first; }
  StoreId next_store() const { return static_cast<StoreId>(stores_.size()); }

  // The newest store that the thread must not read behind.
  StoreId floor(ThreadId thread, LocationId location) const;
  // Before readable() and updatable() of a seq_cst operation.
  void begin_seq_cst(ThreadId thread) { order_.begin(thread, clock(thread)); }
  // Whether a read may take the store, which is the floor or newer.
  bool readable(LocationId location, StoreId store, std::memory_order order);
  // Whether a read-modify-write may take it, or a store may be put directly behind it.
  bool writable_after(LocationId location, StoreId store, std::memory_order order);

  std::uint64_t read(ThreadId thread, LocationId location, StoreId store, std::memory_order order);
  StoreId write(ThreadId thread, LocationId location, StoreId after, std::uint64_t value,
                std::memory_order order);
  StoreId update(ThreadId thread, LocationId location, StoreId from, std::uint64_t value,
                 std::memory_order order);

  // How often in a row the thread has read this store, which is not the newest.
  std::uint32_t repeats(ThreadId thread, LocationId location, StoreId store) const;

  // Sum over the modification orders, whatever the order of events: part of the state's hash.
  std::uint64_t order_hash() const { return order_hash_; }

  // --- plain memory ---

  void plain_read(ThreadId thread, const void* address);
  void plain_write(ThreadId thread, const void* address);
  void* allocate(ThreadId thread, std::size_t bytes);
  void free(ThreadId thread, void* address);
  // The object at the address begins or ends.
  void begin_plain(ThreadId thread, const void* address);
  void begin_atomic(ThreadId thread, const void* address, std::size_t size);
  // Blocks that were never freed.
  std::size_t leaked() const;

  // For the trace.
  Arena& arena() { return arena_; }
  std::size_t offset_of(LocationId location) const { return locations_[location].offset; }

 private:
  struct Seen {
    std::uint32_t index;  // of the event
    StoreId store;
  };
  struct Location {
    std::size_t offset;
    std::uint64_t key;
    Stamp born;
    bool freed;
    StoreId first;
    StoreId last;
    std::array<std::vector<Seen>, kMaxThreads> seen;
    std::array<std::uint32_t, kMaxThreads> repeats;
    std::vector<SeqCstOrder::Access> seq_cst;
    std::uint32_t next_in_block;
  };
  struct Cell {
    std::size_t offset;
    Stamp born;
    bool freed;
    Stamp written;
    std::array<std::uint32_t, kMaxThreads> read;
    std::uint32_t next_in_block;
  };

  // Whether all uses by any thread happen before.
  static bool all_before(const Cell& cell, const Clock& now);
  static bool all_before(const Location& location, const Clock& now);
  void check_use(ThreadId thread, Stamp born, bool freed, const char* what) const;
  void note(ThreadId thread, LocationId location, std::uint32_t index, StoreId store);
  void join_order(StoreId before, StoreId after, int sign);
  bool consistent(const Location& location, std::uint32_t rank, bool writes);
  StoreId insert(ThreadId thread, Stamp stamp, LocationId location, StoreId after,
                 std::uint64_t value, bool is_update);
  Cell& cell(ThreadId thread, const void* address);
  bool renew(ThreadId thread, const void* address);
  Stamp birth(std::size_t offset, bool& freed, std::uint32_t*& list);

  Arena& arena_;
  std::array<Clock, kMaxThreads> clocks_;
  std::vector<Location> locations_;
  std::size_t location_count_ = 0;
  std::vector<Cell> cells_;
  std::size_t cell_count_ = 0;
  std::vector<Store> stores_;
  SeqCstOrder order_;
  std::uint64_t order_hash_ = 0;
  // For each byte of the arena: 0, or one more than the location or cell that begins there. Cells have the highest bit.
  Table<std::uint32_t> index_{Arena::kBytes};
  std::vector<std::size_t> indexed_;  // what to clear
};

}  // namespace model
