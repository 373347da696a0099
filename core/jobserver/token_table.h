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
// back twice is noticed. All but drain() are called under a lock of the user's.
class TokenTable {
 public:
  struct Token {
    bool implicit;
    std::uint8_t byte;
  };

  // Room for one more. False: no memory.
  bool reserve() {
    if (free_ != kNone) return true;
    if (blocks_used_ == kBlocks) return false;
    Slot* made = new (std::nothrow) Slot[slots_of(blocks_used_)];
    if (made == nullptr) return false;
    blocks_[blocks_used_].store(made, Orders::kPublish);
    for (std::size_t i = slots_of(blocks_used_); i > 0; --i) {
      made[i - 1].next = free_;
      free_ = first_of(blocks_used_) + static_cast<std::uint32_t>(i) - 1;
    }
    ++blocks_used_;
    return true;
  }

  // There must be room.
  std::uint64_t put(const Token& token) {
    const std::uint32_t index = free_;
    Slot& slot = *find(index);
    free_ = slot.next;
    slot.used = true;
    ++slot.generation;
    slot.state.store(kHeld | (token.implicit ? kImplicit : 0) | token.byte, Orders::kPublish);
    return slot.generation << kIndexBits | (index + 1);
  }

  // Whether it is a token, held or drained, and not lent.
  bool holds(std::uint64_t number) const {
    const Slot* slot = find(index_of(number));
    if (slot == nullptr || !slot->used || slot->generation != number >> kIndexBits) return false;
    return (slot->state.load(Orders::kSee) & kLent) == 0;
  }

  // Nothing: it is no token, or not any more.
  std::optional<Token> take(std::uint64_t number) {
    if (!holds(number)) return std::nullopt;
    const std::uint32_t index = index_of(number);
    Slot* slot = find(index);
    const std::uint32_t state = slot->state.exchange(0, Orders::kTakeOut);
    slot->used = false;
    slot->next = free_;
    free_ = index;
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
        const std::uint32_t state = slots[i].state.fetch_and(kImplicit, Orders::kTakeOut);
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
    static constexpr std::memory_order kPublish =
        std::memory_order_release;  // pairs with kSee, kTakeOut
    static constexpr std::memory_order kSee = std::memory_order_acquire;      // pairs with kPublish
    static constexpr std::memory_order kTakeOut = std::memory_order_acq_rel;  // pairs with kPublish
  };
  static constexpr std::uint32_t kHeld = 0x100;
  static constexpr std::uint32_t kImplicit = 0x200;
  static constexpr std::uint32_t kLent = 0x400;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::size_t kBlocks = 20;
  static constexpr int kIndexBits = 24;  // for all slots of all blocks

  struct Slot {
    std::atomic<std::uint32_t> state{0};
    std::uint64_t generation = 0;  // 40 bits, for years of use
    bool used = false;
    std::uint32_t next = kNone;
  };

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
  std::size_t blocks_used_ = 0;
  std::uint32_t free_ = kNone;
};

}  // namespace sched
