#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace model {

enum class Strategy : std::uint8_t { kExhaustive, kRandom, kPct, kReplay };

// What a choice is about; random strategies weigh them differently.
enum class Choice : std::uint8_t {
  kSwitch,  // 0 = the running thread goes on
  kThread,  // who runs next
  kStore,   // which store is read, the newest first, or which place a store takes, the newest first
  kOther,
};

// Makes the choices of one execution after the other.
//
// Exhaustive: depth first over all sequences of choices. Random: each by itself. PCT: random priorities, changed at a
// few random points (Burckhardt, Kothari, Musuvathi, Nagarakatte 2010); only stores are drawn here, for PCT. Replay:
// those of a recorded execution.
class Chooser {
 public:
  explicit Chooser(Strategy strategy, std::uint64_t seed = 1)
      : strategy_(strategy), random_(seed) {}

  Strategy strategy() const { return strategy_; }

  // What replay() is to give again.
  void load(std::vector<std::uint16_t> recorded) { recorded_ = std::move(recorded); }

  void begin();
  // Forgets what was explored.
  void restart() { path_.clear(); }
  // One of 0 .. count-1. `state` is what must be the same whenever the same choices came before.
  std::uint32_t choose(Choice kind, std::uint32_t count, std::uint64_t state);
  // Whether the next choice is one that no execution before has made.
  bool fresh() const { return strategy_ != Strategy::kExhaustive || depth_ == path_.size(); }
  // A choice that the caller made itself, for PCT; recorded like the others.
  std::uint32_t record(std::uint32_t chosen) {
    made_.push_back(static_cast<std::uint16_t>(chosen));
    return chosen;
  }
  // Moves on to the next execution. False: there is none.
  bool advance();

  // The choices of the present execution.
  const std::vector<std::uint16_t>& made() const { return made_; }
  std::uint64_t draw();

 private:
  struct Node {
    std::uint16_t chosen;
    std::uint16_t count;
    std::uint32_t state;
  };

  std::uint32_t exhaustive(std::uint32_t count, std::uint64_t state);
  std::uint32_t random(Choice kind, std::uint32_t count);

  const Strategy strategy_;
  std::uint64_t random_;
  std::vector<Node> path_;
  std::size_t depth_ = 0;
  std::vector<std::uint16_t> recorded_;
  std::vector<std::uint16_t> made_;
};

// A sequence of choices as a short text: "12.1-3.2" is twelve times 0, a 1, three times 0, a 2, and 0 from there on.
std::string encode(const std::vector<std::uint16_t>& choices);
// False: the text is not one.
bool decode(const std::string& text, std::vector<std::uint16_t>& choices);

}  // namespace model
