#include "tests/model/engine/memory.h"

#include <cstring>

#include "tests/model/engine/failure.h"
#include "tests/model/engine/hash.h"

namespace model {
namespace {

constexpr std::uint32_t kCellTag = 0x80000000u;

std::size_t at(ThreadId thread) { return static_cast<std::size_t>(thread); }

std::uint64_t load_raw(const void* address, std::size_t size) {
  std::uint64_t value = 0;
  std::memcpy(&value, address, size);
  return value;
}

}  // namespace

void Memory::reset() {
  for (const std::size_t offset : indexed_) index_[offset] = 0;
  indexed_.clear();
  location_count_ = 0;
  cell_count_ = 0;
  stores_.clear();
  order_.reset();
  order_hash_ = 0;
  clocks_ = {};
}

Stamp Memory::tick(ThreadId thread) { return {thread, ++clock(thread).at[at(thread)]}; }

// --- lifetimes ---

Stamp Memory::birth(std::size_t offset, bool& freed, std::uint32_t*& list) {
  freed = false;
  list = nullptr;
  Arena::Block* block = arena_.find(offset);
  if (block == nullptr) return {};  // a stack
  freed = block->freed;
  list = &block->first_location;
  return block->made;
}

void Memory::check_use(ThreadId thread, Stamp born, bool freed, const char* what) const {
  if (freed) fail(Failure::kUseAfterFree, std::string("the memory of ") + what + " was freed");
  if (!clocks_[at(thread)].covers(born)) {
    fail(Failure::kRace,
         std::string(what) + " is used by a thread that its allocation does not happen before");
  }
}

bool Memory::all_before(const Cell& cell, const Clock& now) {
  bool ordered = now.covers(cell.written);
  for (ThreadId other = 0; other < kMaxThreads; ++other) {
    ordered = ordered && now.covers({other, cell.read[at(other)]});
  }
  return ordered;
}

bool Memory::all_before(const Location& location, const Clock& now) {
  bool ordered = true;
  for (ThreadId other = 0; other < kMaxThreads; ++other) {
    const auto& seen = location.seen[at(other)];
    ordered = ordered && (seen.empty() || now.covers({other, seen.back().index}));
  }
  return ordered;
}

// Forgets what lay at the address before. False: that is no memory of the scenario.
bool Memory::renew(ThreadId thread, const void* address) {
  const std::size_t offset = arena_.offset_of(address);
  if (offset >= Arena::kBytes) return false;
  const std::uint32_t entry = index_[offset];
  if (entry == 0) return true;
  if (arena_.find(offset) != nullptr) {
    const bool ordered = ((entry - 1) & kCellTag) != 0
                             ? all_before(cells_[(entry - 1) & ~kCellTag], clock(thread))
                             : all_before(locations_[entry - 1], clock(thread));
    if (!ordered) fail(Failure::kRace, "an object begins where another thread uses the one before");
  }
  index_[offset] = 0;
  return true;
}

void Memory::begin_plain(ThreadId thread, const void* address) {
  if (renew(thread, address)) plain_write(thread, address);
}

void Memory::begin_atomic(ThreadId thread, const void* address, std::size_t size) {
  if (!renew(thread, address)) return;
  index_[arena_.offset_of(address) + 1] = 0;  // the queue of a futex
  const LocationId id = locate(thread, address, size);
  locations_[id].born = tick(thread);
  stores_[locations_[id].first].by = locations_[id].born;
}

void* Memory::allocate(ThreadId thread, std::size_t bytes) {
  return arena_.allocate(thread, bytes, tick(thread));
}

void Memory::free(ThreadId thread, void* address) {
  Arena::Block* block = arena_.find(arena_.offset_of(address));
  if (block == nullptr) fail(Failure::kUseAfterFree, "free of an address that was not allocated");
  if (block->freed) fail(Failure::kUseAfterFree, "memory is freed twice");
  check_use(thread, block->made, false, "a block");
  block->freed = true;
  tick(thread);
  const Clock& now = clock(thread);
  for (std::uint32_t id = block->first_location; id != kNoId;) {
    if ((id & kCellTag) != 0) {
      Cell& cell = cells_[id & ~kCellTag];
      cell.freed = true;
      if (!all_before(cell, now)) {
        fail(Failure::kUseAfterFree, "a plain cell is freed while another thread uses it");
      }
      id = cell.next_in_block;
    } else {
      Location& location = locations_[id];
      location.freed = true;
      if (!all_before(location, now)) {
        fail(Failure::kUseAfterFree, "an atomic is freed while another thread uses it");
      }
      id = location.next_in_block;
    }
  }
  arena_.poison(*block);
}

std::size_t Memory::leaked() const {
  std::size_t count = 0;
  for (ThreadId thread = 0; thread < kMaxThreads; ++thread) {
    for (const auto& block : arena_.blocks(thread)) count += block.freed ? 0 : 1;
  }
  return count;
}

// --- plain cells ---

Memory::Cell& Memory::cell(ThreadId thread, const void* address) {
  const std::size_t offset = arena_.offset_of(address);
  if (offset >= Arena::kBytes)
    fail(Failure::kLimit, "a plain cell outside of the scenario's memory");
  std::uint32_t& entry = index_[offset];
  if (entry == 0) {
    std::uint32_t* list = nullptr;
    Cell fresh{offset, {}, false, {}, {}, kNoId};
    fresh.born = birth(offset, fresh.freed, list);
    const std::uint32_t id = static_cast<std::uint32_t>(cell_count_++);
    if (list != nullptr) {
      fresh.next_in_block = *list;
      *list = id | kCellTag;
    }
    if (cells_.size() <= id) cells_.emplace_back();
    cells_[id] = fresh;
    entry = (id | kCellTag) + 1;
    indexed_.push_back(offset);
  }
  Cell& cell = cells_[(entry - 1) & ~kCellTag];
  check_use(thread, cell.born, cell.freed, "a plain cell");
  return cell;
}

void Memory::plain_read(ThreadId thread, const void* address) {
  Cell& here = cell(thread, address);
  if (!clock(thread).covers(here.written)) {
    fail(Failure::kRace, "a plain cell is read that another thread writes at the same time");
  }
  here.read[at(thread)] = tick(thread).index;
}

void Memory::plain_write(ThreadId thread, const void* address) {
  Cell& here = cell(thread, address);
  if (!all_before(here, clock(thread))) {
    fail(Failure::kRace, "a plain cell is written that another thread uses at the same time");
  }
  here.written = tick(thread);
}

// --- atomics ---

LocationId Memory::locate(ThreadId thread, const void* address, std::size_t size) {
  const std::size_t offset = arena_.offset_of(address);
  if (offset >= Arena::kBytes) fail(Failure::kLimit, "an atomic outside of the scenario's memory");
  std::uint32_t& entry = index_[offset];
  if (entry == 0) {
    const LocationId id = static_cast<LocationId>(location_count_++);
    if (locations_.size() <= id) locations_.emplace_back();
    Location& fresh = locations_[id];
    std::uint32_t* list = nullptr;
    fresh.offset = offset;
    fresh.key = mix(offset, 0);
    fresh.born = birth(offset, fresh.freed, list);
    fresh.next_in_block = kNoId;
    if (list != nullptr) {
      fresh.next_in_block = *list;
      *list = id;
    }
    for (auto& seen : fresh.seen) seen.clear();
    fresh.repeats.fill(0);
    fresh.seq_cst.clear();
    const StoreId first = next_store();
    fresh.first = first;
    fresh.last = first;
    Store initial{};
    initial.location = id;
    initial.by = {fresh.born.thread, 0};
    initial.value = load_raw(address, size);
    initial.key = mix(fresh.key, mix(initial.value, 1));
    stores_.push_back(initial);
    entry = id + 1;
    indexed_.push_back(offset);
  }
  const LocationId id = entry - 1;
  check_use(thread, locations_[id].born, locations_[id].freed, "an atomic");
  return id;
}

StoreId Memory::floor(ThreadId thread, LocationId id) const {
  const Location& location = locations_[id];
  const Clock& now = clocks_[at(thread)];
  StoreId newest = location.first;
  for (ThreadId other = 0; other < kMaxThreads; ++other) {
    const auto& seen = location.seen[at(other)];
    const std::uint32_t limit = now.of(other);
    for (auto entry = seen.rbegin(); entry != seen.rend(); ++entry) {
      if (entry->index > limit) continue;
      if (stores_[entry->store].rank > stores_[newest].rank) newest = entry->store;
      break;
    }
  }
  return newest;
}

bool Memory::consistent(const Location& location, std::uint32_t rank, bool writes) {
  order_.candidate();
  for (const auto& access : location.seq_cst) {
    const std::uint32_t other = stores_[access.store].rank;
    if (other < rank || (other == rank && (writes || access.writes))) {
      order_.precedes_new(access.id);
    } else if (other > rank) {
      order_.follows_new(access.id);
    }
  }
  return order_.consistent();
}

bool Memory::readable(LocationId location, StoreId store, std::memory_order order) {
  return order != std::memory_order_seq_cst ||
         consistent(locations_[location], stores_[store].rank, false);
}

bool Memory::writable_after(LocationId location, StoreId store, std::memory_order order) {
  const StoreId after = stores_[store].after;
  if (after != kNoId && stores_[after].update) return false;
  return order != std::memory_order_seq_cst ||
         consistent(locations_[location], stores_[store].rank, true);
}

void Memory::note(ThreadId thread, LocationId id, std::uint32_t index, StoreId store) {
  Location& location = locations_[id];
  auto& seen = location.seen[at(thread)];
  std::uint32_t& repeats = location.repeats[at(thread)];
  repeats = !seen.empty() && seen.back().store == store ? repeats + 1 : 0;
  // Both the first and the last access count: one for coherence, one for the end of the location's life.
  if (repeats > 1) {
    seen.back().index = index;
  } else {
    seen.push_back({index, store});
  }
}

std::uint32_t Memory::repeats(ThreadId thread, LocationId id, StoreId store) const {
  const Location& location = locations_[id];
  const auto& seen = location.seen[at(thread)];
  if (store == location.last || seen.empty() || seen.back().store != store) return 0;
  return location.repeats[at(thread)] + 1;
}

std::uint64_t Memory::read(ThreadId thread, LocationId location, StoreId store,
                           std::memory_order order) {
  const bool seq_cst = order == std::memory_order_seq_cst;
  if (seq_cst) static_cast<void>(readable(location, store, order));
  const Stamp stamp = tick(thread);
  if (seq_cst) locations_[location].seq_cst.push_back({order_.commit(stamp), store, false});
  if (acquires(order)) clock(thread).join(stores_[store].released);
  note(thread, location, stamp.index, store);
  return stores_[store].value;
}

void Memory::join_order(StoreId before, StoreId after, int sign) {
  const std::uint64_t hash = mix(stores_[before].key, stores_[after].key + 1);
  order_hash_ += sign > 0 ? hash : ~hash + 1;
}

StoreId Memory::insert(ThreadId thread, Stamp stamp, LocationId id, StoreId before,
                       std::uint64_t value, bool is_update) {
  Location& location = locations_[id];
  const StoreId made = next_store();
  const StoreId after = stores_[before].after;
  Store store{};
  store.location = id;
  store.by = stamp;
  store.value = value;
  store.before = before;
  store.after = after;
  store.rank = stores_[before].rank + 1;
  store.update = is_update;
  store.key = mix(location.key, mix(static_cast<std::uint64_t>(thread), stamp.index));
  stores_.push_back(store);
  if (after != kNoId) join_order(before, after, -1);
  stores_[before].after = made;
  join_order(before, made, 1);
  if (after != kNoId) {
    stores_[after].before = made;
    join_order(made, after, 1);
    for (StoreId later = after; later != kNoId; later = stores_[later].after) ++stores_[later].rank;
  } else {
    location.last = made;
  }
  note(thread, id, stamp.index, made);
  return made;
}

StoreId Memory::write(ThreadId thread, LocationId location, StoreId after, std::uint64_t value,
                      std::memory_order order) {
  const bool seq_cst = order == std::memory_order_seq_cst;
  if (seq_cst) static_cast<void>(writable_after(location, after, order));
  const Stamp stamp = tick(thread);
  const StoreId made = insert(thread, stamp, location, after, value, false);
  if (seq_cst) locations_[location].seq_cst.push_back({order_.commit(stamp), made, true});
  if (releases(order)) stores_[made].released = clock(thread);
  return made;
}

StoreId Memory::update(ThreadId thread, LocationId location, StoreId from, std::uint64_t value,
                       std::memory_order order) {
  const bool seq_cst = order == std::memory_order_seq_cst;
  if (seq_cst) static_cast<void>(writable_after(location, from, order));
  const Stamp stamp = tick(thread);
  if (acquires(order)) clock(thread).join(stores_[from].released);
  const StoreId made = insert(thread, stamp, location, from, value, true);
  if (seq_cst) locations_[location].seq_cst.push_back({order_.commit(stamp), made, true});
  // An update continues the release sequence of what it has read.
  stores_[made].released = stores_[from].released;
  if (releases(order)) stores_[made].released.join(clock(thread));
  return made;
}

}  // namespace model
