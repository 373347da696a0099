#pragma once

#include <cstdint>
#include <initializer_list>

namespace sched {

class RoundRobin;

// One of those that take turns.
class Turn {
 public:
  explicit Turn(std::uint32_t weight) : weight_(weight) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool waits() const { return next_ != nullptr; }

 private:
  friend class RoundRobin;
  Turn* next_ = nullptr;
  Turn* previous_ = nullptr;
  const std::uint32_t weight_;
  std::uint64_t cycle_ = 0;  // of its last turn; 0: it has had none
};

// Interleaved weighted round robin: a round has several cycles, and in as many of them, the first ones, as its weight says
// everybody that waits has one turn. So with equal weights, between two turns of one that waits every other has at most one;
// and whoever waits has its turn after at most a round of the others. After Katevenis, Sidiropoulos and Courcoubetis (1991).
// Every operation takes constant time. One thread at a time may use it.
class RoundRobin {
 public:
  RoundRobin() {
    for (Turn* list : {&now_, &next_, &later_}) list->next_ = list->previous_ = list;
  }

  bool empty() const { return is_empty(now_) && is_empty(next_) && is_empty(later_); }

  // It waits from now on. Who comes, or comes back, while a round is under way has no more turns left in it than if it had
  // waited all the time. A newcomer stands behind those who wait for a later cycle, or ever more of them could pass these.
  void add(Turn& turn) {
    const bool newcomer = turn.cycle_ == 0 && !(is_empty(next_) && is_empty(later_));
    const bool had_turn = newcomer || turn.cycle_ == cycle_;
    const std::uint64_t next = cycle_ - round_began_ + (had_turn ? 1 : 0);
    append(next >= turn.weight_ ? later_ : had_turn ? next_ : now_, turn);
  }

  void remove(Turn& turn) {
    turn.previous_->next_ = turn.next_;
    turn.next_->previous_ = turn.previous_;
    turn.next_ = turn.previous_ = nullptr;
  }

  // The one whose turn it is, which waits no longer. There must be one.
  Turn& take() {
    if (is_empty(now_)) begin_cycle();
    Turn& turn = *now_.next_;
    remove(turn);
    turn.cycle_ = cycle_;
    return turn;
  }

 private:
  static bool is_empty(const Turn& list) { return list.next_ == &list; }

  static void append(Turn& list, Turn& turn) {
    turn.next_ = &list;
    turn.previous_ = list.previous_;
    turn.previous_->next_ = turn.next_->previous_ = &turn;
  }

  void begin_cycle() {
    ++cycle_;
    if (is_empty(next_)) {
      round_began_ = cycle_;
      move_all(later_, now_);
    } else {
      move_all(next_, now_);
    }
  }

  static void move_all(Turn& from, Turn& to) {
    to.next_ = from.next_;
    to.previous_ = from.previous_;
    to.next_->previous_ = to.previous_->next_ = &to;
    from.next_ = from.previous_ = &from;
  }

  Turn now_{0};    // this cycle's
  Turn next_{0};   // the next one's in this round
  Turn later_{0};  // the next round's
  std::uint64_t cycle_ = 1;
  std::uint64_t round_began_ = 1;  // the first cycle of the round
};

}  // namespace sched
