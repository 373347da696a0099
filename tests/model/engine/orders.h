#pragma once

#include <atomic>
#include <string>
#include <vector>

namespace model {

// A memory order of the engine: a named constant of a struct, as the checker's Sync policy replaces it.
struct Order {
  const char* group;
  const char* name;
  std::memory_order* value;  // what model runs use
  std::memory_order shipped;
};

// Every one there is in core/; generated from its headers.
std::vector<Order> all_orders();

// An order that is one step weaker in one place.
struct Mutant {
  Order order;
  std::memory_order weaker;

  std::string name() const;  // "DequeOrders.kTake=acq_rel"
};

// All one-step weakenings of a group's constants; of all groups if `group` is empty.
std::vector<Mutant> mutants_of(const std::string& group);

// In force while it lives.
class Weakened {
 public:
  explicit Weakened(const Mutant& mutant) : mutant_(mutant) {
    *mutant_.order.value = mutant_.weaker;
  }
  ~Weakened() { *mutant_.order.value = mutant_.order.shipped; }
  Weakened(const Weakened&) = delete;
  Weakened& operator=(const Weakened&) = delete;

 private:
  const Mutant mutant_;
};

}  // namespace model
