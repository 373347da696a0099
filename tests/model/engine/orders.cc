#include "tests/model/engine/orders.h"

#include "tests/model/engine/trace.h"

namespace model {
namespace {

// An operation takes of an order what it can use: a load the acquire half, a store the release half.
std::vector<std::memory_order> weaker_than(std::memory_order order) {
  switch (order) {
    case std::memory_order_seq_cst:
      return {std::memory_order_acq_rel};
    case std::memory_order_acq_rel:
      return {std::memory_order_acquire, std::memory_order_release};
    case std::memory_order_relaxed:
      return {};
    default:
      return {std::memory_order_relaxed};
  }
}

}  // namespace

std::string Mutant::name() const {
  return std::string(order.group) + "." + order.name + "=" + name_of(weaker);
}

std::vector<Mutant> mutants_of(const std::string& group) {
  std::vector<Mutant> mutants;
  for (const Order& order : all_orders()) {
    if (!group.empty() && group != order.group) continue;
    for (const std::memory_order weaker : weaker_than(order.shipped)) {
      mutants.push_back({order, weaker});
    }
  }
  return mutants;
}

}  // namespace model
