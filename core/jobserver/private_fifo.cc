#include "core/jobserver/private_fifo.h"

#include <cstdlib>
#include <cstring>
#include <mutex>

#include "core/sys/calls.h"
#include "core/sys/fork_guard.h"
#include "core/sys/thread.h"

namespace sched {
namespace {

// All that there are in this process, and in those that it was forked from.
struct List {
  std::mutex mutex;
  PrivateFifo* first = nullptr;
  bool on_exit = false;
};
constinit List list;

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
  process_ = sys::ForkGuard::begin();
  const std::lock_guard lock(list.mutex);
  if (!list.on_exit) {
    sys::pin_own_code();
    list.on_exit = std::atexit(&PrivateFifo::remove_all) == 0;
  }
  next_ = list.first;
  if (next_ != nullptr) next_->previous_ = this;
  list.first = this;
  enlisted_ = true;
}

void PrivateFifo::remove() {
  if (!enlisted_) return;
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

// At exit, of a forked child too, whose parent's files are none of its business, and whose lock may be held for ever.
void PrivateFifo::remove_all() {
  const std::unique_lock lock(list.mutex, std::try_to_lock);
  if (!lock.owns_lock()) return;
  for (PrivateFifo* fifo = list.first; fifo != nullptr; fifo = fifo->next_) {
    if (fifo->process_ == sys::ForkGuard::current()) fifo->remove_files();
  }
}

}  // namespace sched
