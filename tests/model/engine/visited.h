#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace model {

// The states from which an exploration has gone on, each with the least part of the bound that was used up on the way
// there: coming again with as much or more finds nothing new. States are known by a hash of 64 bits.
class Visited {
 public:
  // True: the state is new, or was reached at less cost than before.
  bool enter(std::uint64_t state, int cost) {
    if (2 * (count_ + 1) > entries_.size()) grow();
    Entry& entry = find(entries_, state);
    if (entry.state == state && entry.cost != 0 && entry.cost <= cost + 1) return false;
    if (entry.cost == 0) ++count_;
    entry = {state, cost + 1};
    return true;
  }
  void clear() {
    entries_.clear();
    count_ = 0;
  }

 private:
  struct Entry {
    std::uint64_t state = 0;
    int cost = 0;  // one more than it; 0 = no entry
  };

  static Entry& find(std::vector<Entry>& entries, std::uint64_t state) {
    std::size_t at = state & (entries.size() - 1);
    while (entries[at].cost != 0 && entries[at].state != state)
      at = (at + 1) & (entries.size() - 1);
    return entries[at];
  }
  void grow() {
    std::vector<Entry> larger(entries_.empty() ? 1024 : entries_.size() * 2);
    for (const Entry& entry : entries_) {
      if (entry.cost != 0) find(larger, entry.state) = entry;
    }
    entries_.swap(larger);
  }

  std::vector<Entry> entries_;
  std::size_t count_ = 0;
};

}  // namespace model
