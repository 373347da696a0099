#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "tests/model/engine/clock.h"

namespace model {

// What is known of the single total order S of all seq_cst operations: the partial order that C++20 demands S to extend
// ([atomics.order] 4). An operation precedes another if it strongly happens before it, or is coherence-ordered before
// it. An execution is consistent as long as this has no cycle; a candidate that would make one is refused.
class SeqCstOrder {
 public:
  static constexpr std::size_t kMaxEvents = 4096;
  using Id = std::uint32_t;
  using Row = std::array<std::uint64_t, kMaxEvents / 64>;

  // A seq_cst operation on a location: where in the modification order it writes or reads.
  struct Access {
    Id id;
    std::uint32_t store;  // written, or read
    bool writes;
  };

  void reset();

  // A new operation of a thread, whose clock (without the operation) is given: what strongly happens before it. The
  // result stays valid until the next call.
  void begin(ThreadId thread, const Clock& before);
  // Edges of the candidate begun. begin() must have been called, and candidate() before each further candidate.
  void candidate();
  void precedes_new(Id earlier);
  void follows_new(Id later);
  // Whether the candidate leaves the order without a cycle.
  bool consistent() const;
  // The operation happens as the last candidate has it.
  Id commit(Stamp event);

 private:
  void add(Row& row, Id id) const;
  std::size_t words() const { return events_.size() / 64 + 1; }

  struct Event {
    Stamp stamp;
  };
  std::vector<Event> events_;
  std::vector<Row> before_;
  std::array<std::vector<Id>, kMaxThreads> of_thread_;
  Row base_{};
  Row into_{};
  std::vector<Id> out_;
};

}  // namespace model
