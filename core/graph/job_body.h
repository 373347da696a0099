#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/graph/job.h"
#include "core/process/command.h"

struct libsched_job;

namespace sched {

using JobFn = int (*)(libsched_job*, void*);
using JobDiscardFn = void (*)(void*);

// A command as it is kept: copies of what it was given by.
class CommandText {
 public:
  // nullptr: the environment and the directory of this process. Throws std::bad_alloc.
  CommandText(const char* const* arguments, const char* const* environment, const char* directory,
              bool shell);
  CommandText(const CommandText&) = delete;
  CommandText& operator=(const CommandText&) = delete;
  void describe(Command& out) const;
  const char* const* environment() const {
    return has_environment_ ? environment_.data() : nullptr;
  }

 private:
  std::vector<std::string> texts_;
  std::vector<const char*> arguments_;
  std::vector<const char*> environment_;
  const char* directory_ = nullptr;
  bool has_environment_;
  bool shell_;
};

// What few jobs have.
struct JobExtra {
  std::optional<CommandText> command;
  std::uint32_t retries = 0;
  std::int64_t timeout_ns = -1;
};

// What a job does.
struct JobBody {
  JobFn fn = nullptr;
  void* user_data = nullptr;
  JobDiscardFn discard = nullptr;
  std::unique_ptr<const JobExtra> extra;

  bool is_command() const { return extra != nullptr && extra->command.has_value(); }
};

// A job as its user describes it.
struct JobSpec {
  Job job;
  std::string_view name;
  JobFn fn = nullptr;
  void* user_data = nullptr;
  JobDiscardFn discard = nullptr;
  const char* const* arguments = nullptr;
  const char* const* environment = nullptr;
  const char* directory = nullptr;
  bool shell = false;
  std::uint32_t retries = 0;
  std::int64_t timeout_ns = -1;

  // Throws std::bad_alloc.
  JobBody body() const;
};

}  // namespace sched
