#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <initializer_list>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

#include "core/graph/graph.h"

namespace sched {
namespace {

std::string join(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

}  // namespace

// What freeze() makes, apart from the graph until it is known to be right. Nothing here recurses.
class Graph::Freezer {
 public:
  Freezer(Graph& graph, Error* error) : graph_(graph), error_(error) {}

  Status run() {
    Status status = check_names();
    if (status != LIBSCHED_OK) return status;
    list_successors();
    merge_duplicates();
    if (!sort_jobs()) return report_cycle();
    graph_.order_ = std::move(order_);
    graph_.first_ = std::move(first_);
    graph_.successors_ = std::move(successors_);
    graph_.dependency_counts_ = std::move(counts_);
    graph_.finished_edges_ = Blocks<Edge>();
    graph_.early_edges_ = Blocks<Edge>();
    graph_.names_.keep();
    graph_.run_ = 1;
    graph_.frozen_ = true;
    return LIBSCHED_OK;
  }

 private:
  static constexpr std::size_t kShownOfPath = 40;

  // Where it lies is a job.
  Status fail_with(Status status, JobIndex job, std::string text) const {
    if (error_ != nullptr) {
      fail(error_, status, "%s", "");
      error_->offset = job;
      error_->message = std::move(text);
    }
    return status;
  }
  // FINISHED edges first, so that of two between the same jobs the one stays that waits longer.
  template <class Visit>
  void for_each_edge(Visit visit) const {
    graph_.finished_edges_.for_each([&](const Edge& edge) { visit(edge, EdgeKind::kFinished); });
    graph_.early_edges_.for_each([&](const Edge& edge) { visit(edge, EdgeKind::kEarly); });
  }

  Status check_names() {
    const JobIndex second = graph_.second_of_name_;
    if (second != kNoJob) {
      return fail_with(-EEXIST, second, join({"two jobs are named \"", graph_.name(second), "\""}));
    }
    if (!graph_.has_named_edges_) return LIBSCHED_OK;
    std::size_t missing = 0;
    JobIndex where = kNoJob;
    std::string text;
    for_each_edge([&](const Edge& edge, EdgeKind) {
      const bool no_dependent = graph_.find(edge.dependent) == kNoJob;
      if (!no_dependent && graph_.find(edge.dependency) != kNoJob) return;
      if (++missing > 1) return;
      const JobRef name = no_dependent ? edge.dependent : edge.dependency;
      where = graph_.find(no_dependent ? edge.dependency : edge.dependent);
      text = join({"\"", graph_.label(edge.dependent), "\" depends on \"",
                   graph_.label(edge.dependency), "\", and no job is named \"", graph_.label(name),
                   "\""});
    });
    if (missing == 0) return LIBSCHED_OK;
    if (missing > 1) {
      text += join({" (and so with ", std::to_string(missing - 1), " more edges)"});
    }
    return fail_with(-ENOENT, where != kNoJob ? where : 0, std::move(text));
  }

  // While the lists are filled, first_[job + 1] is the end of what the job's list has so far.
  void list_successors() {
    first_.assign(std::size_t{graph_.size()} + 2, 0);
    for_each_edge([this](const Edge& edge, EdgeKind) {
      const JobIndex dependency = graph_.find(edge.dependency);
      ++first_[std::size_t{dependency} + 2];
      if (graph_.find(edge.dependent) <= dependency) in_order_ = false;
    });
    for (std::size_t i = 2; i < first_.size(); ++i) first_[i] += first_[i - 1];
    successors_.resize(first_.back());
    for_each_edge([this](const Edge& edge, EdgeKind kind) {
      successors_[first_[graph_.find(edge.dependency) + 1]++] =
          Successor(graph_.find(edge.dependent), kind);
    });
    first_.pop_back();
  }

  void merge_duplicates() {
    counts_.assign(graph_.size(), 0);
    left_.assign(graph_.size(), 0);  // here: behind the last place where the job is listed
    std::uint32_t end = 0;
    for (JobIndex job = 0; job < graph_.size(); ++job) {
      const std::uint32_t first = std::exchange(first_[job], end);
      for (std::uint32_t i = first; i < first_[job + 1]; ++i) {
        const Successor successor = successors_[i];
        if (left_[successor.job()] > first_[job]) continue;
        successors_[end++] = successor;
        left_[successor.job()] = end;
        ++counts_[successor.job()];
      }
    }
    first_[graph_.size()] = end;
    successors_.resize(end);
  }

  // By Kahn (1962). False: there is a cycle, and the jobs with some left to wait for are on it or behind it.
  bool sort_jobs() {
    if (in_order_) {
      order_ = std::move(left_);  // new memory costs more than what is put there
      std::iota(order_.begin(), order_.end(), JobIndex{0});
      return true;
    }
    left_ = counts_;
    order_.reserve(graph_.size());
    for (JobIndex job = 0; job < graph_.size(); ++job) {
      if (left_[job] == 0) order_.push_back(job);
    }
    for (std::size_t i = 0; i < order_.size(); ++i) {
      for_each_successor(order_[i], [this](JobIndex successor) {
        if (--left_[successor] == 0) order_.push_back(successor);
      });
    }
    return order_.size() == graph_.size();
  }

  template <class Visit>
  void for_each_successor(JobIndex job, Visit visit) const {
    for (std::uint32_t i = first_[job]; i < first_[job + 1]; ++i) visit(successors_[i].job());
  }

  Status report_cycle() {
    if (error_ == nullptr) return LIBSCHED_E_CYCLE;
    // Each job that is left waits for another one that is left: whoever follows them comes to a cycle.
    std::vector<JobIndex> waits_for(graph_.size(), kNoJob);
    JobIndex start = kNoJob;
    for (JobIndex job = graph_.size(); job-- > 0;) {
      if (left_[job] == 0) continue;
      start = job;
      for_each_successor(job, [&](JobIndex successor) { waits_for[successor] = job; });
    }
    for (std::size_t i = 0; i < graph_.size(); ++i) start = waits_for[start];
    std::vector<JobIndex> path{start};
    while (waits_for[path.back()] != start) path.push_back(waits_for[path.back()]);
    std::rotate(path.begin(), std::min_element(path.begin(), path.end()), path.end());
    path.push_back(path.front());
    return fail_with(LIBSCHED_E_CYCLE, path.front(),
                     join({"a cycle of dependencies: ", text_of_path(path)}));
  }

  std::string text_of_path(const std::vector<JobIndex>& path) const {
    std::string text = graph_.label(path[0]);
    for (std::size_t i = 1; i < path.size(); ++i) {
      if (i == kShownOfPath / 2 && path.size() > kShownOfPath + 1) {
        const std::size_t left_out = path.size() - kShownOfPath;
        text += join({" -> (", std::to_string(left_out), " more)"});
        i += left_out;
      }
      text += join({" -> ", graph_.label(path[i])});
    }
    return text;
  }

  Graph& graph_;
  Error* const error_;
  bool in_order_ = true;  // each job came behind all that it waits for
  std::vector<std::uint32_t> first_;
  std::vector<Successor> successors_;
  std::vector<std::uint32_t> counts_;
  std::vector<std::uint32_t> left_;
  std::vector<JobIndex> order_;
};

Status Graph::freeze(Error* error) {
  if (frozen_) return fail(error, LIBSCHED_E_STATE, "the graph is frozen");
  return Freezer(*this, error).run();
}

}  // namespace sched
