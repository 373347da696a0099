#include "core/graph/graph.h"

#include <cerrno>
#include <string>

#include "core/graph/room.h"

namespace sched {

Status Graph::check_room(Error* error) const {
  if (size() < kNoJob) return LIBSCHED_OK;
  return fail(error, LIBSCHED_E_TOO_LARGE, "a graph has room for %u jobs", kNoJob);
}

Status Graph::add(JobIndex& out, const Job& job, std::string_view name, Error* error) {
  if (frozen_) return fail(error, LIBSCHED_E_STATE, "the graph is frozen");
  const Status room = check_room(error);
  if (room != LIBSCHED_OK) return room;
  const JobIndex index = size();
  jobs_.make_room();
  if (!name.empty()) set_name(index, names_.intern(name));
  jobs_.push_back(job);
  out = index;
  return LIBSCHED_OK;
}

Status Graph::depend(JobRef dependent, const Dependency& dependency, Error* error) {
  if (frozen_) return fail(error, LIBSCHED_E_STATE, "the graph is frozen");
  if (finished_edges_.size() + early_edges_.size() >= kNone) {
    return fail(error, LIBSCHED_E_TOO_LARGE, "a graph has room for %u edges", kNone);
  }
  auto& edges = dependency.kind == EdgeKind::kEarly ? early_edges_ : finished_edges_;
  edges.push_back({dependent, dependency.job});
  has_named_edges_ = has_named_edges_ || dependent.is_named() || dependency.job.is_named();
  return LIBSCHED_OK;
}

void Graph::set_name(JobIndex job, std::uint32_t name) {
  name_of_.resize(job + 1, kNone);
  name_of_[job] = name;
  if (names_.job(name) != kNoJob) {
    if (second_of_name_ == kNoJob) second_of_name_ = job;
  } else {
    names_.set_job(name, job);
  }
}

std::string_view Graph::name(JobIndex job) const {
  if (job >= name_of_.size() || name_of_[job] == kNone) return {};
  return names_.text(name_of_[job]);
}

std::string Graph::label(JobIndex job) const {
  std::string text(name(job));
  if (text.empty()) text.append(1, '#').append(std::to_string(job + 1));
  return text;
}

JobIndex Graph::find(std::string_view name) const {
  const std::uint32_t found = names_.find(name);
  return found == Names::kNone ? kNoJob : names_.job(found);
}

JobIndex Graph::find(std::uint64_t id) const {
  const auto job = static_cast<JobIndex>(id) - 1;
  return job < size() && generation_of(job) == id >> 32 ? job : kNoJob;
}

Status Graph::append(JobIndex& out, const Job& job, std::string_view name,
                     std::span<const Successor> dependencies, Error* error) {
  const Status room = check_room(error);
  if (room != LIBSCHED_OK) return room;
  if (later_.size() + dependencies.size() >= kNone) {
    return fail(error, LIBSCHED_E_TOO_LARGE, "a graph has room for %u edges", kNone);
  }
  if (!name.empty() && find(name) != kNoJob) {
    const std::string text(name);
    return fail(error, -EEXIST, "there is a job named \"%s\"", text.c_str());
  }
  const JobIndex index = size();
  jobs_.make_room();
  make_room(later_, dependencies.size());
  JobIndex lists = static_cast<JobIndex>(later_first_.size());
  for (const Successor dependency : dependencies) {
    if (dependency.job() >= lists) lists = dependency.job() + 1;
  }
  make_room(later_first_, lists - later_first_.size());
  if (!name.empty()) set_name(index, names_.intern(name));

  jobs_.push_back(job);
  later_first_.resize(lists, kNone);
  for (const Successor dependency : dependencies) {
    std::uint32_t& list = later_first_[dependency.job()];
    later_.push_back({{index, dependency.early() ? EdgeKind::kEarly : EdgeKind::kFinished}, list});
    list = static_cast<std::uint32_t>(later_.size() - 1);
  }
  out = index;
  return LIBSCHED_OK;
}

void Graph::drop_later() {
  if (size() == frozen_size()) return;
  while (size() > frozen_size()) jobs_.pop_back();
  if (name_of_.size() > frozen_size()) name_of_.resize(frozen_size());
  names_.drop_new(frozen_size());
  later_first_.clear();
  later_.clear();
  ++run_;
}

}  // namespace sched
