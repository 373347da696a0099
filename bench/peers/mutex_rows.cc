// What one writes without a library: std::deque, std::mutex and a std::condition_variable for either end.

#include <condition_variable>
#include <deque>
#include <mutex>

#include "bench/message_rows.h"

namespace {

class Messages {
 public:
  void push(std::uint64_t item) {
    {
      std::unique_lock lock(mutex_);
      not_full_.wait(lock, [this] { return !full(); });
      items_.push_back(item);
    }
    not_empty_.notify_one();
  }
  std::uint64_t pop() {
    std::uint64_t item = 0;
    {
      std::unique_lock lock(mutex_);
      not_empty_.wait(lock, [this] { return !items_.empty(); });
      item = take();
    }
    not_full_.notify_one();
    return item;
  }
  bool try_push(std::uint64_t item) {
    {
      const std::lock_guard lock(mutex_);
      if (full()) return false;
      items_.push_back(item);
    }
    not_empty_.notify_one();
    return true;
  }
  bool try_pop(std::uint64_t& item) {
    {
      const std::lock_guard lock(mutex_);
      if (items_.empty()) return false;
      item = take();
    }
    not_full_.notify_one();
    return true;
  }

 private:
  bool full() const { return items_.size() >= bench::kMessageBound; }
  std::uint64_t take() {
    const std::uint64_t item = items_.front();
    items_.pop_front();
    return item;
  }

  std::mutex mutex_;
  std::condition_variable not_full_;
  std::condition_variable not_empty_;
  std::deque<std::uint64_t> items_;
};

}  // namespace

int main(int argc, char** argv) {
  bench::add_message_rows<Messages>();
  return bench::run(argc, argv);
}
