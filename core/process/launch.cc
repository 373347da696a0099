#include "core/process/launch.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/sys/file.h"

namespace sched {
namespace {

using sys::SpawnPlan;
using sys::SpawnStage;

constexpr char kShell[] = "/bin/sh";
constexpr char kDefaultPath[] = "/bin:/usr/bin";  // where PATH is not set, as execvp

bool same_name(const char* entry, const char* name, std::size_t length) {
  return std::strncmp(entry, name, length) == 0 && (entry[length] == '=' || entry[length] == '\0');
}

// Whether one of the entries is for that name.
bool names(const char* const* entries, const char* name, std::size_t length) {
  for (; entries != nullptr && *entries != nullptr; ++entries) {
    if (same_name(*entries, name, length)) return true;
  }
  return false;
}

const char* name_of(SpawnStage stage) {
  switch (stage) {
    case SpawnStage::kNone:
    case SpawnStage::kStart:
      return "start";
    case SpawnStage::kGroup:
      return "group";
    case SpawnStage::kInput:
      return "stdin";
    case SpawnStage::kOutput:
      return "stdout";
    case SpawnStage::kErrors:
      return "stderr";
    case SpawnStage::kDescriptors:
      return "descriptors";
    case SpawnStage::kDirectory:
      return "chdir";
    case SpawnStage::kLimits:
      return "limits";
    case SpawnStage::kSignals:
      return "signals";
    case SpawnStage::kProgram:
      break;
  }
  return "exec";
}

// What the stage was about.
std::string value_of(const SpawnPlan& plan, const sys::SpawnFailure& failure) {
  constexpr const char* kLimitNames[] = {"cpu seconds", "memory bytes", "open files", "core bytes"};
  switch (failure.stage) {
    case SpawnStage::kDirectory:
      return plan.directory;
    case SpawnStage::kLimits:
      return std::string(kLimitNames[failure.item])
          .append(1, ' ')
          .append(std::to_string(plan.limits[failure.item]));
    case SpawnStage::kProgram:
      // One that was looked for in many places is in none of them.
      return failure.error == ENOENT && plan.paths[1] != nullptr ? plan.arguments[0]
                                                                 : plan.paths[failure.item];
    case SpawnStage::kDescriptors:
      return failure.item < plan.inherited_count ? std::to_string(plan.inherited[failure.item])
                                                 : "those not inherited";
    case SpawnStage::kInput:
    case SpawnStage::kOutput:
    case SpawnStage::kErrors:
      return "the descriptor";
    default:
      return "the child";
  }
}

}  // namespace

Status Launch::prepare(const Command& command, Error* error) {
  if (command.arguments == nullptr || command.arguments[0] == nullptr) {
    return fail(error, LIBSCHED_E_NULL, "argv has no program");
  }
  if (command.shell) {
    arguments_ = {kShell, "-c", command.arguments[0], kShell};
    for (const char* const* more = command.arguments + 1; *more != nullptr; ++more) {
      arguments_.push_back(*more);
    }
    arguments_.push_back(nullptr);
    plan_.arguments = arguments_.data();
  } else {
    plan_.arguments = command.arguments;
  }
  if (const Status status = check_inherited(command, error)) return status;
  if (const Status status = merge_environment(command, error)) return status;
  find_program(plan_.arguments[0]);
  plan_.directory = command.directory;
  plan_.own_group = command.own_group;
  std::copy(std::begin(command.limits), std::end(command.limits), plan_.limits);
  return LIBSCHED_OK;
}

// Now, before files of our own are opened: they may get the numbers of those that the caller believes to be open.
Status Launch::check_inherited(const Command& command, Error* error) {
  for (std::size_t i = 0; i < command.inherited_count; ++i) {
    const int fd = command.inherited[i];
    if (fd < 3) {
      return fail(error, LIBSCHED_E_RANGE,
                  "inherit[%zu] is %d; 0, 1 and 2 are set by options of their own", i, fd);
    }
    if (!sys::is_open(fd)) {
      return fail(error, -EBADF, "inherit[%zu] is %d: %s", i, fd, std::strerror(EBADF));
    }
    inherited_.push_back(fd);
  }
  std::sort(inherited_.begin(), inherited_.end());
  inherited_.erase(std::unique(inherited_.begin(), inherited_.end()), inherited_.end());
  plan_.inherited = inherited_.data();
  plan_.inherited_count = inherited_.size();
  return LIBSCHED_OK;
}

Status Launch::merge_environment(const Command& command, Error* error) {
  const char* const* const base =
      command.environment != nullptr ? command.environment : sys::environment();
  const char* const* const unset = command.unset;
  plan_.environment = base;
  if (unset == nullptr && command.set == nullptr) return LIBSCHED_OK;
  for (std::size_t i = 0; unset != nullptr && unset[i] != nullptr; ++i) {
    if (unset[i][0] != '\0' && std::strchr(unset[i], '=') == nullptr) continue;
    return fail(error, LIBSCHED_E_RANGE, "env_unset[%zu] is \"%s\"; it must be a name", i,
                unset[i]);
  }
  for (const char* const* entry = base; entry != nullptr && *entry != nullptr; ++entry) {
    const std::size_t length = std::strcspn(*entry, "=");
    if (names(unset, *entry, length) || names(command.set, *entry, length)) continue;
    environment_.push_back(*entry);
  }
  for (std::size_t i = 0; command.set != nullptr && command.set[i] != nullptr; ++i) {
    const char* const entry = command.set[i];
    const std::size_t length = std::strcspn(entry, "=");
    if (length == 0 || entry[length] == '\0') {
      return fail(error, LIBSCHED_E_RANGE, "env_set[%zu] is \"%s\"; it must be NAME=value", i,
                  entry);
    }
    if (!names(command.set + i + 1, entry, length)) environment_.push_back(entry);
  }
  environment_.push_back(nullptr);
  plan_.environment = environment_.data();
  return LIBSCHED_OK;
}

void Launch::find_program(const char* name) {
  if (std::strchr(name, '/') != nullptr || name[0] == '\0') {
    names_ = {name};
  } else {
    const char* path = std::getenv("PATH");
    if (path == nullptr) path = kDefaultPath;
    for (;; ++path) {
      const std::size_t length = std::strcspn(path, ":");
      std::string& candidate = names_.emplace_back(path, length);
      candidate += length != 0 ? "/" : "./";
      candidate += name;
      path += length;
      if (*path == '\0') break;
    }
  }
  for (const std::string& candidate : names_) paths_.push_back(candidate.c_str());
  paths_.push_back(nullptr);
  plan_.paths = paths_.data();
}

Status Launch::run(sys::SpawnedChild& out, Error* error) const {
  sys::SpawnFailure failure;
  const Status status = sys::spawn(out, plan_, failure);
  if (status == LIBSCHED_OK) return status;
  return fail(error, status, "%s: %s: %s", name_of(failure.stage), value_of(plan_, failure).c_str(),
              std::strerror(failure.error));
}

}  // namespace sched
