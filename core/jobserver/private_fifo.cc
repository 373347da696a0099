#include "core/jobserver/private_fifo.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>

#include "core/sys/calls.h"
#include "core/sys/per_process.h"
#include "core/sys/thread.h"

namespace sched {
namespace {

// All that there are in this process.
struct List {
  std::mutex mutex;
  PrivateFifo* first = nullptr;
};
constinit sys::PerProcess<List> lists;

struct Orders {
  static constexpr std::memory_order kOnce = std::memory_order_relaxed;  // of one exchange
};
constinit std::atomic<bool> called{false};

// At exit, of a forked child too, whose parent's files are none of its business.
void remove_at_exit() {
  List* const list = lists.find();
  if (list != nullptr) PrivateFifo::remove_all(list->mutex, list->first);
}

// Once for all processes that are forked from this one.
void call_at_exit() {
  if (called.exchange(true, Orders::kOnce)) return;
  sys::pin_own_code();
  std::atexit(&remove_at_exit);
}

// Nothing that ends a word of make's flags, or that make or a shell would change.
bool is_plain(const char* path) {
  return path != nullptr && path[0] == '/' &&
         path[std::strcspn(path, " \t\n\\$#,:;'\"`&|<>()[]{}*?~!=%")] == '\0';
}

}  // namespace

Status PrivateFifo::create(Error* error) {
  const char* parent = std::getenv("TMPDIR");
  if (!is_plain(parent)) parent = "/tmp";
  std::string name = std::string(parent) + "/libsched-XXXXXX";
  std::string path = name + "/jobserver";
  lists.get();  // all that can throw comes before what must be removed then
  if (const int failed = sys::calls.make_directory(name.data())) {
    return fail(error, failed, "no directory for the jobserver's fifo can be made in %s: %s",
                parent, std::strerror(-failed));
  }
  path.replace(0, name.size(), name);
  directory_ = std::move(name);
  path_ = std::move(path);
  enlist();
  const int failed = sys::calls.mkfifo(path_.c_str());
  made_ = failed == 0;
  if (made_) return LIBSCHED_OK;
  remove();
  return fail(error, failed, "no fifo can be made in %s: %s", directory_.c_str(),
              std::strerror(-failed));
}

void PrivateFifo::enlist() {
  call_at_exit();
  List& list = lists.get();
  const std::lock_guard lock(list.mutex);
  next_ = list.first;
  if (next_ != nullptr) next_->previous_ = this;
  list.first = this;
  enlisted_ = true;
}

void PrivateFifo::remove() {
  if (!enlisted_) return;
  List& list = lists.get();
  const std::lock_guard lock(list.mutex);
  if (next_ != nullptr) next_->previous_ = previous_;
  (previous_ != nullptr ? previous_->next_ : list.first) = next_;
  enlisted_ = false;
  remove_files();
}

void PrivateFifo::remove_files() {
  if (made_) sys::calls.unlink(path_.c_str());
  made_ = false;
  sys::calls.rmdir(directory_.c_str());
}

void PrivateFifo::remove_all(std::mutex& mutex, PrivateFifo* const& first) {
  const std::lock_guard lock(mutex);
  for (PrivateFifo* fifo = first; fifo != nullptr; fifo = fifo->next_) fifo->remove_files();
}

}  // namespace sched
