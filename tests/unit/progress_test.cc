#include "core/graph/progress.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <optional>
#include <string_view>
#include <vector>

#include "tests/unit/graph_support.h"

namespace sched {
namespace {

using test::add;
using test::depend;
using State = Progress::State;
using Jobs = std::vector<JobIndex>;

constexpr EdgeKind kEarly = EdgeKind::kEarly;

class ProgressTest : public ::testing::Test {
 protected:
  void make(JobIndex jobs, const std::vector<test::Dag::Edge>& edges) {
    for (JobIndex i = 0; i < jobs; ++i) add(graph_);
    for (const auto& edge : edges) depend(graph_, edge.dependent, edge.dependency, edge.kind);
    ASSERT_EQ(graph_.freeze(nullptr), LIBSCHED_OK);
    progress_.emplace(graph_);
  }

  // What each step tells of.
  Jobs begin() {
    return told([this](auto tell) { progress_->begin(tell); });
  }
  Jobs early(JobIndex job) {
    return told([=, this](auto tell) { EXPECT_TRUE(progress_->signal_early(job, tell)); });
  }
  Jobs finish(JobIndex job) {
    return told([=, this](auto tell) { progress_->finish(job, tell); });
  }
  Jobs fail(JobIndex job) {
    return told([=, this](auto tell) { progress_->fail(job, tell); });
  }
  void start(JobIndex job) { EXPECT_TRUE(progress_->start(job)); }
  JobIndex add_later(const std::vector<Dependency>& dependencies, std::string_view name = {}) {
    JobIndex job = kNoJob;
    EXPECT_EQ(progress_->add(job, {}, name, dependencies, nullptr), LIBSCHED_OK);
    return job;
  }
  State state(JobIndex job) const { return progress_->state(job); }
  static Dependency on(JobIndex job, EdgeKind kind = EdgeKind::kFinished) {
    return {JobRef::of(job), kind};
  }

  Graph graph_;
  std::optional<Progress> progress_;

 private:
  template <class Step>
  static Jobs told(Step step) {
    Jobs jobs;
    step([&](JobIndex job) { jobs.push_back(job); });
    return jobs;
  }
};

TEST_F(ProgressTest, OfNothing) {
  make(0, {});
  EXPECT_TRUE(progress_->is_over());
  EXPECT_EQ(begin(), Jobs{});
}

TEST_F(ProgressTest, ADiamond) {
  make(4, {{1, 0, {}}, {2, 0, {}}, {3, 1, {}}, {3, 2, {}}});
  EXPECT_EQ(state(0), State::kWaiting);
  EXPECT_EQ(begin(), Jobs{0});
  EXPECT_EQ(state(0), State::kReady);
  start(0);
  EXPECT_EQ(state(0), State::kRunning);
  EXPECT_EQ(finish(0), (Jobs{1, 2}));
  EXPECT_EQ(state(0), State::kDone);
  start(2);
  start(1);
  EXPECT_EQ(finish(2), Jobs{});
  EXPECT_EQ(state(3), State::kWaiting);
  EXPECT_EQ(finish(1), Jobs{3});
  EXPECT_EQ(progress_->unfinished(), 1u);
  start(3);
  EXPECT_FALSE(progress_->is_over());
  EXPECT_EQ(finish(3), Jobs{});
  EXPECT_TRUE(progress_->is_over());
}

TEST_F(ProgressTest, AJobStartsOnce) {
  make(2, {{1, 0, {}}});
  begin();
  EXPECT_FALSE(progress_->start(1));
  start(0);
  EXPECT_FALSE(progress_->start(0));
}

TEST_F(ProgressTest, TheEarlySignal) {
  make(4, {{1, 0, kEarly}, {2, 0, {}}, {3, 0, kEarly}, {3, 1, {}}});
  begin();
  EXPECT_FALSE(progress_->signal_early(0, [](JobIndex) { FAIL(); }));  // it does not run
  start(0);
  EXPECT_EQ(early(0), Jobs{1});
  EXPECT_EQ(state(0), State::kEarly);
  EXPECT_FALSE(progress_->signal_early(0, [](JobIndex) { FAIL(); }));
  start(1);
  EXPECT_EQ(finish(1), Jobs{3});
  EXPECT_EQ(finish(0), Jobs{2});
  EXPECT_FALSE(progress_->signal_early(0, [](JobIndex) { FAIL(); }));
}

TEST_F(ProgressTest, TheEndIncludesTheSignal) {
  make(3, {{1, 0, kEarly}, {2, 0, {}}});
  begin();
  start(0);
  EXPECT_EQ(finish(0), (Jobs{2, 1}));
}

// A fresh job need not be started.
TEST_F(ProgressTest, AReadyJobMayEnd) {
  make(2, {{1, 0, {}}});
  begin();
  EXPECT_EQ(finish(0), Jobs{1});
  EXPECT_EQ(fail(1), Jobs{});
  EXPECT_EQ(state(1), State::kFailed);
  EXPECT_TRUE(progress_->is_over());
}

TEST_F(ProgressTest, WhatWaitsForAFailedJobIsSkipped) {
  make(6, {{1, 0, {}}, {2, 1, {}}, {2, 4, {}}, {3, 2, kEarly}, {5, 4, {}}});
  begin();
  start(0);
  EXPECT_EQ(fail(0), (Jobs{1, 2, 3}));
  for (const JobIndex job : {1u, 2u, 3u}) {
    EXPECT_EQ(state(job), State::kSkipped);
    EXPECT_EQ(progress_->blocked_by(job), 0u);
  }
  EXPECT_EQ(state(0), State::kFailed);
  EXPECT_EQ(progress_->blocked_by(0), kNoJob);
  EXPECT_FALSE(progress_->is_blocked(5));
  EXPECT_EQ(finish(4), Jobs{5});
  EXPECT_EQ(finish(5), Jobs{});
  EXPECT_TRUE(progress_->is_over());
}

// A job is skipped once, by the failure that came first.
TEST_F(ProgressTest, TwoFailures) {
  make(4, {{2, 0, {}}, {2, 1, {}}, {3, 2, {}}});
  begin();
  EXPECT_EQ(fail(1), (Jobs{2, 3}));
  EXPECT_EQ(fail(0), Jobs{});
  EXPECT_EQ(progress_->blocked_by(2), 1u);
  EXPECT_EQ(progress_->blocked_by(3), 1u);
  EXPECT_EQ(progress_->unfinished(), 0u);
}

// 0 fails after its signal: 1 runs and is tainted, 2 is ready and 3 waits, 4 is done and 5 runs because of it.
TEST_F(ProgressTest, AFailureAfterTheSignal) {
  make(7, {{1, 0, kEarly}, {2, 0, kEarly}, {3, 1, {}}, {4, 0, kEarly}, {5, 4, {}}, {6, 5, kEarly}});
  begin();
  start(0);
  EXPECT_EQ(early(0), (Jobs{1, 2, 4}));
  start(1);
  start(4);
  EXPECT_EQ(finish(4), Jobs{5});
  start(5);
  EXPECT_EQ(fail(0), (Jobs{1, 2, 4, 3, 5, 6}));
  EXPECT_EQ(state(1), State::kRunning);
  EXPECT_EQ(state(2), State::kSkipped);
  EXPECT_EQ(state(3), State::kSkipped);
  EXPECT_EQ(state(4), State::kDone);
  EXPECT_EQ(state(5), State::kRunning);
  EXPECT_EQ(state(6), State::kSkipped);
  for (JobIndex job = 1; job < 7; ++job) EXPECT_EQ(progress_->blocked_by(job), 0u);
  EXPECT_FALSE(progress_->start(2));
  EXPECT_EQ(progress_->unfinished(), 2u);
  EXPECT_EQ(early(5), Jobs{});
  EXPECT_EQ(finish(5), Jobs{});
  EXPECT_EQ(finish(1), Jobs{});
  EXPECT_EQ(state(1), State::kDone);
  EXPECT_TRUE(progress_->is_blocked(1));
  EXPECT_TRUE(progress_->is_over());
}

TEST_F(ProgressTest, ATaintedJobFails) {
  make(3, {{1, 0, kEarly}, {2, 1, {}}});
  begin();
  start(0);
  early(0);
  start(1);
  fail(0);
  EXPECT_EQ(fail(1), Jobs{});
  EXPECT_EQ(state(1), State::kFailed);
  EXPECT_EQ(progress_->blocked_by(2), 0u);
  EXPECT_TRUE(progress_->is_over());
}

TEST_F(ProgressTest, JobsThatComeWhileItRuns) {
  make(3, {{1, 0, {}}});
  begin();
  start(0);
  early(0);
  start(2);
  EXPECT_EQ(state(add_later({})), State::kReady);                       // 3
  EXPECT_EQ(state(add_later({on(0, kEarly)})), State::kReady);          // 4
  EXPECT_EQ(state(add_later({on(0), on(2), on(0)})), State::kWaiting);  // 5
  EXPECT_EQ(state(add_later({on(5), on(1, kEarly)})), State::kWaiting);
  EXPECT_EQ(state(add_later({on(0, kEarly), on(0)})), State::kWaiting);
  EXPECT_EQ(progress_->unfinished(), 8u);
  EXPECT_EQ(finish(0), (Jobs{1, 7}));
  EXPECT_EQ(state(add_later({on(0)})), State::kReady);  // 8
  EXPECT_EQ(finish(2), Jobs{5});
  EXPECT_EQ(finish(5), Jobs{});
  start(1);
  EXPECT_EQ(early(1), Jobs{6});
}

TEST_F(ProgressTest, AJobThatComesBehindAFailedOneIsSkipped) {
  make(5, {{1, 0, {}}, {2, 3, kEarly}});
  begin();
  start(0);
  fail(0);
  start(3);
  early(3);
  start(2);
  fail(3);
  const JobIndex unfinished = progress_->unfinished();
  for (const JobIndex behind : {0u, 1u, 2u, 3u}) {
    const JobIndex job = add_later({on(4), on(behind, kEarly)});
    EXPECT_EQ(state(job), State::kSkipped);
    EXPECT_EQ(progress_->blocked_by(job), behind < 2 ? 0u : 3u);
    EXPECT_EQ(state(add_later({on(job)})), State::kSkipped);
  }
  EXPECT_EQ(progress_->unfinished(), unfinished);
  EXPECT_EQ(finish(4), Jobs{});
}

// What they waited for had come when they were added, but not for good.
TEST_F(ProgressTest, AJobThatComesBehindASignalIsTaintedLikeOthers) {
  make(2, {{1, 0, kEarly}});
  begin();
  start(0);
  early(0);
  finish(1);
  start(add_later({on(0, kEarly)}));  // 2
  start(add_later({on(1)}));          // 3
  add_later({on(1), on(3, kEarly)});  // 4
  EXPECT_EQ(fail(0), (Jobs{1, 2, 4, 3}));
  EXPECT_EQ(state(4), State::kSkipped);
  for (const JobIndex job : {2u, 3u}) {
    EXPECT_EQ(state(job), State::kRunning);
    EXPECT_EQ(progress_->blocked_by(job), 0u);
  }
}

TEST_F(ProgressTest, JobsThatComeLaterAreSkippedLikeOthers) {
  make(1, {});
  begin();
  start(0);
  add_later({on(0)});
  add_later({on(1)});
  EXPECT_EQ(fail(0), (Jobs{1, 2}));
}

TEST_F(ProgressTest, ByName) {
  make(1, {});
  begin();
  add_later({on(0)}, "a");
  EXPECT_EQ(state(add_later({{graph_.named("a")}}, "b")), State::kWaiting);
  JobIndex job = 77;
  Error error;
  const Dependency none[] = {{graph_.named("none")}};
  EXPECT_EQ(progress_->add(job, {}, "c", none, &error), -ENOENT);
  EXPECT_EQ(error.message, "no job is named \"none\"");
  EXPECT_EQ(progress_->add(job, {}, "a", {}, &error), -EEXIST);
  EXPECT_EQ(job, 77u);
  EXPECT_EQ(graph_.size(), 3u);
  EXPECT_EQ(progress_->unfinished(), 3u);
  EXPECT_EQ(finish(0), Jobs{1});
  EXPECT_EQ(finish(1), Jobs{2});
}

TEST_F(ProgressTest, NothingCanBeAddedWhenTheRunIsOver) {
  make(1, {});
  begin();
  progress_->hold();
  finish(0);
  EXPECT_FALSE(progress_->is_over());
  EXPECT_EQ(state(add_later({on(0)})), State::kReady);
  progress_->release();
  EXPECT_FALSE(progress_->is_over());
  finish(1);
  EXPECT_TRUE(progress_->is_over());
  JobIndex job = kNoJob;
  Error error;
  EXPECT_EQ(progress_->add(job, {}, {}, {}, &error), LIBSCHED_E_CLOSED);
  EXPECT_EQ(graph_.size(), 2u);
}

TEST_F(ProgressTest, RunsAgain) {
  make(3, {{1, 0, {}}, {2, 1, kEarly}});
  for (int run = 0; run < 3; ++run) {
    EXPECT_EQ(begin(), Jobs{0});
    start(0);
    const JobIndex late = add_later({on(0)}, "late");
    EXPECT_EQ(late, 3u);
    if (run == 1) {
      EXPECT_EQ(fail(0), (Jobs{1, 3, 2}));
    } else {
      EXPECT_EQ(finish(0), (Jobs{1, 3}));
    }
    progress_->hold();
    progress_->reset();
    EXPECT_EQ(progress_->unfinished(), 3u);
    EXPECT_EQ(graph_.size(), 3u);
    EXPECT_EQ(state(0), State::kWaiting);
    EXPECT_FALSE(progress_->is_blocked(1));
  }
  for (JobIndex job = 0; job < 3; ++job) finish(job);
  EXPECT_TRUE(progress_->is_over());  // a hold is the run's
}

}  // namespace
}  // namespace sched
