#include "core/graph/names.h"

#include <algorithm>
#include <functional>
#include <new>

namespace sched {

std::uint32_t Names::hash(std::string_view text) {
  return static_cast<std::uint32_t>(std::hash<std::string_view>{}(text));
}

std::size_t Names::slot_of(std::string_view text, std::uint32_t hash) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t at = hash & mask;
  while (table_[at].name != kNone &&
         (table_[at].hash != hash || this->text(table_[at].name) != text)) {
    at = (at + 1) & mask;
  }
  return at;
}

std::uint32_t Names::find(std::string_view text) const {
  return table_.empty() ? kNone : table_[slot_of(text, hash(text))].name;
}

std::uint32_t Names::intern(std::string_view text) {
  // Beyond that, numbers do not fit into what refers to them.
  if (size() == kNoJob || text.size() >= UINT32_MAX) throw std::bad_alloc();
  const std::uint32_t text_hash = hash(text);
  if (entries_.size() >= table_.size() / 4 * 3) grow_table();
  Slot& slot = table_[slot_of(text, text_hash)];
  if (slot.name != kNone) return slot.name;
  entries_.reserve(entries_.size() < entries_.capacity() ? 0 : 2 * entries_.size() + 16);
  auto& texts = kept_ == kNone ? kept_texts_ : new_texts_;
  char* copy = static_cast<char*>(texts.allocate(text.size() + 1, 1));
  copy[text.copy(copy, text.size())] = 0;
  slot = {text_hash, size()};
  entries_.push_back({copy, static_cast<std::uint32_t>(text.size()), kNoJob});
  return slot.name;
}

void Names::put(std::uint32_t hash, std::uint32_t name) {
  const std::size_t mask = table_.size() - 1;
  std::size_t at = hash & mask;
  while (table_[at].name != kNone) at = (at + 1) & mask;
  table_[at] = {hash, name};
}

void Names::grow_table() {
  std::vector<Slot> old(std::max<std::size_t>(16, 2 * table_.size()));
  old.swap(table_);
  for (const Slot& slot : old) {
    if (slot.name != kNone) put(slot.hash, slot.name);
  }
}

void Names::drop_new(JobIndex first) {
  for (Entry& entry : entries_) {
    if (entry.job >= first) entry.job = kNoJob;
  }
  if (kept_ >= size()) return;
  entries_.resize(kept_);
  // Without a gap: what stood behind a name that goes would not be found any more.
  std::fill(table_.begin(), table_.end(), Slot{0, kNone});
  for (std::uint32_t name = 0; name < size(); ++name) put(hash(text(name)), name);
  new_texts_.release();
}

}  // namespace sched
