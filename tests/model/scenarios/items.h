#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "tests/model/engine/policy.h"
#include "tests/model/engine/scenario.h"

namespace model {

// What scenarios put into queues. Each item carries a plain cell that is written before the item is handed over and read
// when it has been taken: a queue that does not order the two is found out by the race.
class Items {
 public:
  explicit Items(std::size_t count)
      : count_(count),
        cells_(std::make_unique<Cell[]>(count)),
        taken_(std::make_unique<int[]>(count)) {}

  // Numbers begin at 1; as a pointer or a word an item is its number.
  void* make(std::size_t number) {
    cells_[number - 1].value = static_cast<int>(number);
    return reinterpret_cast<void*>(number);
  }
  std::uint64_t make_word(std::size_t number) {
    return reinterpret_cast<std::uint64_t>(make(number));
  }

  // Somebody has taken this. Returns its number.
  std::size_t take(const void* item) { return take_word(reinterpret_cast<std::uint64_t>(item)); }
  std::size_t take_word(std::uint64_t number) {
    check(number >= 1 && number <= count_, "something was taken that nobody put there");
    check(cells_[number - 1].value == static_cast<int>(number),
          "an item's contents are not its own");
    if (++taken_[number - 1] != 1) fail(Failure::kTwice, "an item was taken twice");
    return number;
  }

  bool taken(std::size_t number) const { return taken_[number - 1] != 0; }
  // The first `count` have been taken, each once.
  void check_all(std::size_t count) const {
    for (std::size_t number = 1; number <= count; ++number) {
      check(taken(number), "an item was lost");
    }
  }
  void check_all() const { check_all(count_); }

 private:
  struct Cell {
    Plain<int> value;
  };
  const std::size_t count_;
  const std::unique_ptr<Cell[]> cells_;
  // Read and written by any thread: only one runs at a time, and what is found does not depend on which is first.
  const std::unique_ptr<int[]> taken_;
};

}  // namespace model
