#include "tests/model/engine/chooser.h"

#include <cstdlib>

#include "tests/model/engine/failure.h"

namespace model {

void Chooser::begin() {
  depth_ = 0;
  made_.clear();
}

std::uint64_t Chooser::draw() {
  random_ ^= random_ >> 12;
  random_ ^= random_ << 25;
  random_ ^= random_ >> 27;
  return (random_ * 0x2545F4914F6CDD1Du) >> 16;
}

std::uint32_t Chooser::choose(Choice kind, std::uint32_t count, std::uint64_t state) {
  std::uint32_t chosen = 0;
  switch (strategy_) {
    case Strategy::kExhaustive:
      chosen = exhaustive(count, state);
      break;
    case Strategy::kRandom:
    case Strategy::kPct:
      chosen = count > 1 ? random(kind, count) : 0;
      break;
    case Strategy::kReplay:
      chosen = made_.size() < recorded_.size() ? recorded_[made_.size()] : 0;
      if (chosen >= count) chosen = count - 1;
      break;
  }
  made_.push_back(static_cast<std::uint16_t>(chosen));
  return chosen;
}

std::uint32_t Chooser::exhaustive(std::uint32_t count, std::uint64_t state) {
  const std::size_t depth = depth_++;
  const auto mark = static_cast<std::uint32_t>(state ^ state >> 32);
  if (depth == path_.size()) {
    path_.push_back({0, static_cast<std::uint16_t>(count), mark});
    return 0;
  }
  const Node& node = path_[depth];
  if (node.count != count || node.state != mark) {
    fail(
        Failure::kNonDeterministic,
        "after the same choices the scenario does something else: it depends on something outside");
  }
  return node.chosen;
}

std::uint32_t Chooser::random(Choice kind, std::uint32_t count) {
  switch (kind) {
    case Choice::kSwitch:  // mostly go on
      return draw() % 4 != 0 ? 0 : static_cast<std::uint32_t>(draw() % count);
    case Choice::kStore:  // mostly the newest
      return draw() % 2 != 0 ? 0 : static_cast<std::uint32_t>(draw() % count);
    default:
      return static_cast<std::uint32_t>(draw() % count);
  }
}

bool Chooser::advance() {
  if (strategy_ == Strategy::kReplay) return false;
  if (strategy_ != Strategy::kExhaustive) return true;
  while (!path_.empty() && path_.back().chosen + 1 == path_.back().count) path_.pop_back();
  if (path_.empty()) return false;
  ++path_.back().chosen;
  return true;
}

std::string encode(const std::vector<std::uint16_t>& choices) {
  std::string text;
  std::size_t zeros = 0;
  for (const std::uint16_t choice : choices) {
    if (choice == 0) {
      ++zeros;
      continue;
    }
    if (!text.empty()) text += '-';
    text += std::to_string(zeros) + '.' + std::to_string(choice);
    zeros = 0;
  }
  return text.empty() ? "0" : text;
}

bool decode(const std::string& text, std::vector<std::uint16_t>& choices) {
  choices.clear();
  if (text == "0") return true;
  const char* at = text.c_str();
  for (;;) {
    char* end = nullptr;
    const unsigned long zeros = std::strtoul(at, &end, 10);
    if (end == at || *end != '.' || zeros > 1'000'000) return false;
    at = end + 1;
    const unsigned long choice = std::strtoul(at, &end, 10);
    if (end == at || choice > UINT16_MAX) return false;
    choices.resize(choices.size() + zeros);
    choices.push_back(static_cast<std::uint16_t>(choice));
    if (*end == '\0') return true;
    if (*end != '-') return false;
    at = end + 1;
  }
}

}  // namespace model
