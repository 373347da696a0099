#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>

namespace sched {

// The tokens that were handed out: the byte of each, by a number that is never used again, so that a token which is given
// back twice is noticed. All but drain(), begin_at_once(),
// finish() and refuse() are called under a lock of the user's.
class TokenTable {
  struct Slot;

 public:
  struct Token {
    bool implicit;
    std::uint8_t byte;
  };
  // For a token that is to be read from the pool: what was read is in the table at once, so that drain() finds it when a signal
  // comes before the reading thread can do anything else. A token of the byte 0 alone does not show.
  struct Place {
    Slot* slot = nullptr;
    std::uint64_t number = 0;
    std::uint8_t& byte() const { return slot->byte; }
  };

  // Room for one more. False: no memory.
  bool reserve() {
    if (free_ != kNone) return true;
    if (blocks_used_ == kBlocks) return false;
    Slot* made = new (std::nothrow) Slot[slots_of(blocks_used_)];
    if (made == nullptr) return false;
    blocks_[blocks_used_].store(made, Orders::kPublish);
    for (std::size_t i = slots_of(blocks_used_); i > 0; --i) {
      const std::uint32_t index = first_of(blocks_used_) + static_cast<std::uint32_t>(i) - 1;
      made[i - 1].number = index + 1;
      free_slot(made[i - 1], index);
    }
    ++blocks_used_;
    return true;
  }

  // There must be room.
  std::uint64_t put(const Token& token) {
    const Place place = use_next();
    place.slot->state.store(kHeld | (token.implicit ? kImplicit : 0) | token.byte,
                            Orders::kPublish);
    return place.number;
  }

  // The same for one that is to be read. Where take() has left one behind it can be had without the lock.
  Place begin() {
    const Place place = use_next();
    place.byte() = 0;
    place.slot->state.store(kTaking, Orders::kPublish);
    return place;
  }
  Place begin_at_once() {
    if (spare_.load(Orders::kHint) == nullptr) return {};
    Slot* const slot = spare_.exchange(nullptr, Orders::kTakeOut);
    return slot != nullptr ? Place{slot, slot->number} : Place{};
  }
  // It was read. False: drain() has been there, and there is no token.
  static bool finish(const Place& place) {
    std::uint32_t state = kTaking;
    const std::uint32_t byte = std::atomic_ref(place.byte()).load(Orders::kSee);
    return place.slot->state.compare_exchange_strong(state, kHeld | byte, Orders::kPublish,
                                                     Orders::kSee);
  }
  // It was read, and is not wanted. Nothing: drain() has given it back.
  static std::optional<std::uint8_t> refuse(const Place& place) {
    const bool first = mark_drained(*place.slot);
    const std::uint8_t byte = taken_byte(*place.slot);
    if (!first && byte == 0) return std::nullopt;
    return byte;
  }
  // There is no token.
  void forget(const Place& place) {
    place.slot->state.store(0, Orders::kPublish);
    free_slot(*place.slot, index_of(place.number));
  }

  // Whether it is a token, held or drained, and not lent.
  bool holds(std::uint64_t number) const {
    const Slot* slot = find(index_of(number));
    if (slot == nullptr || !slot->used || slot->number != number) return false;
    return (slot->state.load(Orders::kSee) & (kLent | kTaking)) == 0;
  }

  // Nothing: it is no token, or not any more.
  std::optional<Token> take(std::uint64_t number) {
    if (!holds(number)) return std::nullopt;
    const std::uint32_t index = index_of(number);
    Slot* slot = find(index);
    const std::uint32_t state = slot->state.exchange(0, Orders::kTakeOut);
    free_slot(*slot, index);
    if (spare_.load(Orders::kHint) == nullptr) spare_.store(begin().slot, Orders::kPublish);
    if ((state & kHeld) == 0) return std::nullopt;  // it was drained
    return Token{(state & kImplicit) != 0, static_cast<std::uint8_t>(state)};
  }

  // What it is; of one that was drained only whether it was the implicit one.
  Token look(std::uint64_t number) const {
    const std::uint32_t state = find(index_of(number))->state.load(Orders::kSee);
    return Token{(state & kImplicit) != 0, static_cast<std::uint8_t>(state)};
  }

  // That it is with somebody to whom this process answers for it.
  void set_lent(std::uint64_t number, bool lent) {
    std::atomic<std::uint32_t>& state = find(index_of(number))->state;
    if (lent) {
      state.fetch_or(kLent, Orders::kPublish);
    } else {
      state.fetch_and(~kLent, Orders::kPublish);
    }
  }

  // Of those that are not implicit.
  std::size_t explicit_count() const {
    std::size_t count = 0;
    for (std::size_t block = 0; block < blocks_used_; ++block) {
      const Slot* slots = blocks_[block].load(Orders::kSee);
      for (std::size_t i = 0; i < slots_of(block); ++i) {
        const std::uint32_t state = slots[i].state.load(Orders::kSee);
        if ((state & kHeld) != 0 && (state & kImplicit) == 0) ++count;
      }
    }
    return count;
  }

  // Calls give(byte) for each one that is not implicit, and perhaps not lent, at any moment: also in a signal handler that has
  // come in between.
  template <class Give>
  void drain(Give give, bool lent_too = true) {
    for (std::size_t block = 0; block < kBlocks; ++block) {
      Slot* slots = blocks_[block].load(Orders::kSee);
      if (slots == nullptr) return;
      for (std::size_t i = 0; i < slots_of(block); ++i) {
        if (!lent_too && (slots[i].state.load(Orders::kSee) & kLent) != 0) continue;
        if (mark_drained(slots[i])) {
          if (const std::uint8_t byte = taken_byte(slots[i])) give(byte);
          continue;
        }
        const std::uint32_t state = slots[i].state.fetch_and(kKept, Orders::kTakeOut);
        if ((state & kHeld) == 0 || (state & kImplicit) != 0) continue;
        give(static_cast<std::uint8_t>(state));
      }
    }
  }

  TokenTable() = default;
  TokenTable(const TokenTable&) = delete;
  TokenTable& operator=(const TokenTable&) = delete;
  ~TokenTable() {
    for (auto& block : blocks_) delete[] block.load(Orders::kSee);
  }

 private:
  struct Orders {
    static constexpr std::memory_order kHint = std::memory_order_relaxed;  // it is looked at again
    static constexpr std::memory_order kPublish =
        std::memory_order_release;  // pairs with kSee, kTakeOut
    static constexpr std::memory_order kSee = std::memory_order_acquire;      // pairs with kPublish
    static constexpr std::memory_order kTakeOut = std::memory_order_acq_rel;  // pairs with kPublish
  };
  static constexpr std::uint32_t kHeld = 0x100;
  static constexpr std::uint32_t kImplicit = 0x200;
  static constexpr std::uint32_t kLent = 0x400;
  static constexpr std::uint32_t kTaking = 0x800;    // it is, or will be, in `byte`,
  static constexpr std::uint32_t kDrained = 0x1000;  // and whoever finds it there gives it back
  static constexpr std::uint32_t kKept = kImplicit | kTaking | kDrained;  // when it is drained
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::size_t kBlocks = 20;
  static constexpr int kIndexBits = 24;  // for all slots of all blocks

  struct Slot {
    std::atomic<std::uint32_t> state{0};
    std::uint8_t byte = 0;
    // Its index and one; above it how often it was used: 40 bits, for years of use.
    std::uint64_t number = 0;
    bool used = false;
    std::uint32_t next = kNone;
  };

  Place use_next() {
    const std::uint32_t index = free_;
    Slot& slot = *find(index);
    free_ = slot.next;
    slot.used = true;
    slot.number += std::uint64_t{1} << kIndexBits;
    return {&slot, slot.number};
  }
  void free_slot(Slot& slot, std::uint32_t index) {
    slot.used = false;
    slot.next = free_;
    free_ = index;
  }
  // Whether it is being taken, and was not marked before.
  static bool mark_drained(Slot& slot) {
    std::uint32_t state = kTaking;
    return slot.state.compare_exchange_strong(state, kTaking | kDrained, Orders::kTakeOut,
                                              Orders::kSee);
  }
  // Of two that come for it one finds it.
  static std::uint8_t taken_byte(Slot& slot) {
    return std::atomic_ref(slot.byte).exchange(0, Orders::kTakeOut);
  }

  // Blocks of 16, 32, 64 ... slots, which never move.
  static std::size_t slots_of(std::size_t block) { return std::size_t{16} << block; }
  static std::uint32_t first_of(std::size_t block) {
    return static_cast<std::uint32_t>(slots_of(block) - 16);
  }
  static std::uint32_t index_of(std::uint64_t number) {
    return static_cast<std::uint32_t>(number & ((1u << kIndexBits) - 1)) - 1;
  }
  Slot* find(std::uint32_t index) const {
    const std::size_t block = static_cast<std::size_t>(std::bit_width(index / 16 + 1)) - 1;
    if (block >= blocks_used_) return nullptr;
    return blocks_[block].load(Orders::kSee) + (index - first_of(block));
  }

  std::atomic<Slot*> blocks_[kBlocks] = {};
  std::atomic<Slot*> spare_{nullptr};
  std::size_t blocks_used_ = 0;
  std::uint32_t free_ = kNone;
};

}  // namespace sched
