#include "core/graph/job_body.h"

#include <cstddef>

namespace sched {

CommandText::CommandText(const char* const* arguments, const char* const* environment,
                         const char* directory, bool shell)
    : has_environment_(environment != nullptr), shell_(shell) {
  for (const char* const* text = arguments; *text != nullptr; ++text) texts_.emplace_back(*text);
  const std::size_t argument_count = texts_.size();
  if (has_environment_) {
    for (const char* const* text = environment; *text != nullptr; ++text) {
      texts_.emplace_back(*text);
    }
  }
  const std::size_t count = texts_.size();
  if (directory != nullptr) texts_.emplace_back(directory);
  for (std::size_t i = 0; i < count; ++i) {
    (i < argument_count ? arguments_ : environment_).push_back(texts_[i].c_str());
  }
  arguments_.push_back(nullptr);
  environment_.push_back(nullptr);
  if (directory != nullptr) directory_ = texts_.back().c_str();
}

void CommandText::describe(Command& out) const {
  out.arguments = arguments_.data();
  out.environment = environment();
  out.directory = directory_;
  out.shell = shell_;
}

JobBody JobSpec::body() const {
  JobBody body;
  body.fn = fn;
  body.user_data = user_data;
  body.discard = discard;
  if (arguments == nullptr && retries == 0 && timeout_ns < 0) return body;
  auto extra = std::make_unique<JobExtra>();
  if (arguments != nullptr) extra->command.emplace(arguments, environment, directory, shell);
  extra->retries = retries;
  extra->timeout_ns = timeout_ns;
  body.extra = std::move(extra);
  return body;
}

}  // namespace sched
