#include "tests/model/engine/seq_cst.h"

#include <algorithm>

#include "tests/model/engine/failure.h"

namespace model {
namespace {

bool has(const SeqCstOrder::Row& row, SeqCstOrder::Id id) {
  return (row[id / 64] >> (id % 64) & 1) != 0;
}

void set(SeqCstOrder::Row& row, SeqCstOrder::Id id) {
  row[id / 64] |= std::uint64_t{1} << (id % 64);
}

}  // namespace

void SeqCstOrder::reset() {
  events_.clear();
  for (auto& list : of_thread_) list.clear();
}

void SeqCstOrder::add(Row& row, Id id) const {
  for (std::size_t word = 0; word < words(); ++word) row[word] |= before_[id][word];
  set(row, id);
}

void SeqCstOrder::begin(ThreadId thread, const Clock& before) {
  std::fill_n(base_.begin(), words(), 0);
  for (ThreadId other = 0; other < kMaxThreads; ++other) {
    const auto& list = of_thread_[static_cast<std::size_t>(other)];
    // Of another thread: what is sequenced before an event that happens before one of ours that is sequenced before the
    // new one. The released event itself is not: it happens before, but not strongly.
    const std::uint32_t limit = other == thread ? UINT32_MAX : before.of(other);
    for (auto id = list.rbegin(); id != list.rend(); ++id) {
      if (events_[*id].stamp.index < limit) {
        add(base_, *id);
        break;
      }
    }
  }
  candidate();
}

void SeqCstOrder::candidate() {
  std::copy_n(base_.begin(), words(), into_.begin());
  out_.clear();
}

void SeqCstOrder::precedes_new(Id earlier) { add(into_, earlier); }

void SeqCstOrder::follows_new(Id later) { out_.push_back(later); }

bool SeqCstOrder::consistent() const {
  return std::none_of(out_.begin(), out_.end(), [this](Id id) { return has(into_, id); });
}

SeqCstOrder::Id SeqCstOrder::commit(Stamp event) {
  const Id id = static_cast<Id>(events_.size());
  if (id + 1 >= kMaxEvents) fail(Failure::kLimit, "too many seq_cst operations in one execution");
  if (before_.size() <= id) before_.emplace_back();
  const std::size_t used = words();
  if (id % 64 == 0) {
    // A new word of every row comes into use.
    for (auto& row : before_) row[id / 64] = 0;
  }
  events_.push_back({event});
  of_thread_[static_cast<std::size_t>(event.thread)].push_back(id);
  before_[id].fill(0);
  std::copy_n(into_.begin(), used, before_[id].begin());
  if (out_.empty()) return id;
  for (Id other = 0; other < id; ++other) {
    const bool later = std::any_of(
        out_.begin(), out_.end(), [&](Id out) { return out == other || has(before_[other], out); });
    if (later) add(before_[other], id);
  }
  return id;
}

}  // namespace model
