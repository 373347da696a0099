#include "core/graph/downstream.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/base/saturating.h"

namespace sched {
namespace {

constexpr std::size_t kWords = 8;
// Jobs that are looked for in all sets together: a cache line for each set.
constexpr std::size_t kBlock = 64 * kWords;

// Sums without sets, where the sets of the dependents have nothing in common: there is one dependent, or all that comes after
// the job waits for one job only. False: some job is neither.
bool sum_simple(std::vector<std::uint64_t>& sums, const Graph& graph) {
  std::vector<bool> is_tree(sums.size());
  const auto order = graph.order();
  for (std::size_t i = order.size(); i-- > 0;) {
    const JobIndex job = order[i];
    const auto successors = graph.successors(job);
    bool tree = true;
    std::uint64_t sum = graph.job(job).cost;
    for (const Successor successor : successors) {
      tree = tree && is_tree[successor.job()] && graph.dependency_counts()[successor.job()] == 1;
      sum = saturating_add(sum, sums[successor.job()]);
    }
    if (!tree && successors.size() > 1) return false;
    is_tree[job] = tree;
    sums[job] = sum;
  }
  return true;
}

// Sums by sets. Jobs stand at their places in the topological order, so a set has only places behind its own. For one block of
// them after the other, the sets' share in it is made from the last job to the first, and what it costs is added.
class SetSums {
 public:
  explicit SetSums(const Graph& graph) : graph_(graph), size_(graph.frozen_size()) {
    std::vector<std::uint32_t> place(size_);
    const auto order = graph.order();
    for (std::uint32_t at = 0; at < size_; ++at) place[order[at]] = at;
    first_.reserve(size_ + 1);
    for (const JobIndex job : order) {
      first_.push_back(static_cast<std::uint32_t>(places_.size()));
      for (const Successor successor : graph.successors(job)) {
        places_.push_back(place[successor.job()]);
      }
    }
    first_.push_back(static_cast<std::uint32_t>(places_.size()));
    sets_.resize(size_);
  }

  void add_to(std::vector<std::uint64_t>& sums) {
    for (std::size_t begin = 0; begin < size_; begin += kBlock) {
      const std::size_t end = std::min(begin + kBlock, size_);
      load_costs(begin, end);
      // No set of this block has a job at `end` or behind it.
      for (std::size_t at = end; at-- > 0;) {
        Set& set = sets_[at];
        set = {};
        if (at >= begin) set.words[(at - begin) / 64] |= std::uint64_t{1} << (at - begin) % 64;
        for (std::uint32_t i = first_[at]; i < first_[at + 1]; ++i) {
          if (places_[i] < end) set.add(sets_[places_[i]]);
        }
        std::uint64_t& sum = sums[graph_.order()[at]];
        sum = saturating_add(sum, cost_of(set));
      }
    }
  }

 private:
  struct alignas(64) Set {
    std::uint64_t words[kWords];
    void add(const Set& other) {
      for (std::size_t i = 0; i < kWords; ++i) words[i] |= other.words[i];
    }
  };

  // For each four jobs of the block, what any set of them costs.
  void load_costs(std::size_t begin, std::size_t end) {
    for (std::size_t four = 0; four < kBlock / 4; ++four) {
      costs_[four][0] = 0;
      for (std::size_t bit = 0; bit < 4; ++bit) {
        const std::size_t at = begin + 4 * four + bit;
        const std::uint64_t cost = at < end ? graph_.job(graph_.order()[at]).cost : 0;
        for (std::size_t set = 0; set < std::size_t{1} << bit; ++set) {
          costs_[four][set | std::size_t{1} << bit] = saturating_add(costs_[four][set], cost);
        }
      }
    }
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < kWords; ++i) {
      word_costs_[i] = 0;
      for (std::size_t four = 0; four < 16; ++four) {
        word_costs_[i] = saturating_add(word_costs_[i], costs_[16 * i + four][15]);
      }
      all = saturating_add(all, word_costs_[i]);
    }
    may_saturate_ = all == UINT64_MAX;
  }

  std::uint64_t cost_of(const Set& set) const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kWords; ++i) {
      const std::uint64_t word = set.words[i];
      if (word == 0) continue;
      if (word == UINT64_MAX) {
        sum = saturating_add(sum, word_costs_[i]);
        continue;
      }
      for (std::size_t four = 0; four < 16; ++four) {
        const std::uint64_t cost = costs_[16 * i + four][word >> 4 * four & 15];
        sum = may_saturate_ ? saturating_add(sum, cost) : sum + cost;
      }
    }
    return sum;
  }

  const Graph& graph_;
  const std::size_t size_;
  std::vector<std::uint32_t> first_;
  std::vector<std::uint32_t> places_;  // of the dependents
  std::vector<Set> sets_;
  std::uint64_t costs_[kBlock / 4][16];
  std::uint64_t word_costs_[kWords];  // of all 64 jobs
  bool may_saturate_ = false;
};

}  // namespace

Status downstream(std::vector<std::uint64_t>& out, const Graph& graph, Error* error,
                  std::uint64_t budget) {
  const std::uint64_t jobs = graph.frozen_size();
  const std::uint64_t edges = graph.edge_count();
  std::vector<std::uint64_t> sums(jobs);
  if (!sum_simple(sums, graph)) {
    const std::uint64_t work = (jobs + kBlock - 1) / kBlock * (jobs + edges);
    if (work > budget) {
      return fail(error, LIBSCHED_E_TOO_LARGE,
                  "the downstream order of %llu jobs and %llu edges takes %llu steps, and %llu are "
                  "allowed: use the critical path",
                  static_cast<unsigned long long>(jobs), static_cast<unsigned long long>(edges),
                  static_cast<unsigned long long>(work), static_cast<unsigned long long>(budget));
    }
    std::fill(sums.begin(), sums.end(), 0);
    SetSums(graph).add_to(sums);
  }
  for (JobIndex job = 0; job < jobs; ++job) {
    sums[job] = saturating_add(sums[job], graph.job(job).cost);
  }
  out = std::move(sums);
  return LIBSCHED_OK;
}

}  // namespace sched
