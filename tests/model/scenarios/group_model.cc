#include "tests/model/scenarios/parties.h"

namespace model {
namespace {

using sched::Group;
using sched::GroupOptions;

// Groups whose members are no tasks: what enters and leaves. The pool has workers that never start, so the waiting thread
// sleeps until it is told.

// The end comes while a thread goes to sleep. What the member did is seen after the wait, and nobody touches the waiting
// thread's stack any more, nor the group, which goes at once.
SCENARIO(group_leave_against_wait, .bound = 4, .deep_bound = 5, .random = 5000, .pct = 5000,
         .kills = {"GroupWaitOrders"}) {
  Party party(pool_of(1));
  party.make_group();
  Plain<int> result = 0;
  check(party.group().enter() == LIBSCHED_OK, "an open group takes no member");
  Group* group = &party.group();
  Thread member([&result, group] {
    result = 1;
    check(group->leave(0) == LIBSCHED_OK, "a member could not leave");
  });
  check(party.wait() == 0, "nothing has failed");
  check(result == 1, "the wait has not seen what the member did");
  party.abandon_group();
}

// Two members leave at once, and two threads wait: both learn the code of the one that failed.
SCENARIO(group_two_leave_against_two_waits, .bound = 2, .deep_bound = 3, .random = 3000,
         .pct = 3000) {
  Party party(pool_of(1));
  party.make_group();
  for (int i = 0; i < 2; ++i) check(party.group().enter() == LIBSCHED_OK, "no member is taken");
  const auto wait = [&] { check(party.wait() == 7, "a wait has missed the failure"); };
  Thread waiter(wait);
  Thread first([&] { check(party.group().leave(7) == LIBSCHED_OK, "a member could not leave"); });
  check(party.group().leave(0) == LIBSCHED_OK, "a member could not leave");
  wait();
}

// Whoever enters before the end is waited for; who comes later learns that.
SCENARIO(group_enter_against_wait, .bound = 4, .deep_bound = 5) {
  Party party(pool_of(1));
  party.make_group();
  Plain<int> result = 0;
  Plain<bool> entered = false;
  {
    Thread member([&] {
      if (party.group().enter() == LIBSCHED_OK) {
        entered = true;
        result = 1;
        check(party.group().leave(0) == LIBSCHED_OK, "a member could not leave");
      }
    });
    check(party.wait() == 0, "nothing has failed");
    check(party.group().enter() == LIBSCHED_E_CLOSED, "a completed group takes a member");
  }
  check(result == (entered ? 1 : 0), "a member was lost");
  check(party.group().leave(0) == LIBSCHED_E_UNBALANCED, "a member has stayed");
}

// on_complete is called once, before the wait returns, by whichever is last: the member, or who closes.
struct Completion {
  Plain<int> calls{0};
  int code = -1;

  static void note(sched::Status, int code, void* data) {
    auto& completion = *static_cast<Completion*>(data);
    ++completion.calls;
    completion.code = code;
  }
};
SCENARIO(group_complete_against_close, .bound = 3, .deep_bound = 4) {
  Party party(pool_of(1));
  Completion completion;
  GroupOptions options;
  options.on_complete = &Completion::note;
  options.user_data = &completion;
  party.make_group(options);
  check(party.group().enter() == LIBSCHED_OK, "an open group takes no member");
  {
    Thread member([&] { check(party.group().leave(3) == LIBSCHED_OK, "it could not leave"); });
    Thread closer([&] { party.group().close(); });
    check(party.wait() == 3, "a wait has missed the failure");
    check(completion.calls == 1 && completion.code == 3, "on_complete was not called once before");
  }
  check(completion.calls == 1, "on_complete was called twice");
}

// The end of a group inside is told to its parent, whose wait sees what the inner one's member did. Neither has another handle.
SCENARIO(group_child_against_parents_wait, .bound = 2, .deep_bound = 3, .random = 3000,
         .pct = 3000) {
  Party party(pool_of(1));
  party.make_group();
  GroupOptions options;
  options.parent = &party.group();
  Group* child = party.make(options);
  check(child->enter() == LIBSCHED_OK, "an open group takes no member");
  Plain<int> result = 0;
  Thread member([&result, child] {
    result = 1;
    check(child->leave(5) == LIBSCHED_OK, "a member could not leave");
  });
  Thread owner([child] { child->abandon(); });
  check(party.wait() == 5, "the parent has missed the failure");
  check(result == 1, "the wait has not seen what the member did");
  party.abandon_group();
}

// A parent that is cancelled while a group is made inside it: that one is refused, or cancelled as well.
SCENARIO(group_cancel_against_new_child, .bound = 4, .deep_bound = 6) {
  Party party(pool_of(1));
  party.make_group();
  {
    Thread canceller([&] { party.group().cancel(); });
    GroupOptions options;
    options.parent = &party.group();
    Group* child = nullptr;
    const sched::Status status = Group::create(child, party.pool(), options, nullptr);
    check(status == LIBSCHED_OK || status == LIBSCHED_E_CANCELLED, "a group was not made");
    canceller.join();
    if (child != nullptr) {
      check(child->cancelled(), "a group inside a cancelled one is not");
      child->abandon();
    }
  }
  check(party.wait() == LIBSCHED_E_CANCELLED, "a cancelled group has not failed");
}

// Groups with tasks, on a pool without workers: the threads run them.

// Two tasks end at once, on a thread that waits and on one that takes tickets, and the waiting one then lets the group go.
SCENARIO(group_two_tasks_two_threads, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Party party(pool_of(0));
  party.make_group();
  party.submit(0);
  party.submit(1);
  Thread host([&] {
    while (party.pool().run_one() == LIBSCHED_OK) {
    }
  });
  check(party.wait() == 0, "nothing has failed");
  party.check_ran(2);
  party.abandon_group();
}

// Nobody has anything to run, since the member is none of the pool's: who waits sleeps until it leaves.
SCENARIO(group_leave_without_workers, .bound = 3, .deep_bound = 4) {
  Party party(pool_of(0));
  party.make_group();
  check(party.group().enter() == LIBSCHED_OK, "an open group takes no member");
  Thread member([&] { check(party.group().leave(0) == LIBSCHED_OK, "it could not leave"); });
  check(party.wait() == 0, "nothing has failed");
}

// Two that wait, and each may run either task.
SCENARIO(group_two_waits_help, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Party party(pool_of(0));
  party.make_group();
  party.submit(0);
  party.submit(1);
  const auto wait = [&] {
    check(party.wait() == 0, "nothing has failed");
    party.check_ran(2);
  };
  Thread waiter(wait);
  wait();
}

// A task that submits the next one, from within, while a thread waits: the group is closed and has a member, so it takes more.
SCENARIO(group_task_submits, .bound = 2, .deep_bound = 3) {
  Party party(pool_of(0));
  party.make_group();
  party.plan(0, [](Party& own, int) {
    own.submit(1);
    return 0;
  });
  party.submit(0);
  Thread host([&] { static_cast<void>(party.pool().run_one()); });
  check(party.wait() == 0, "nothing has failed");
  party.check_ran(2);
}

// Each task that was accepted is run or discarded, and once; the wait comes after all of them.
SCENARIO(group_cancel_against_submit, .bound = 2, .deep_bound = 3, .random = 2000, .pct = 2000) {
  Party party(pool_of(0));
  party.make_group();
  party.submit(0);
  Thread canceller([&] { party.group().cancel(); });
  static_cast<void>(party.try_submit(1));
  const int code = party.wait();
  check(code == 0 || code == LIBSCHED_E_CANCELLED, "the wait has another code");
  party.check_ended(2);
  if (code == 0) party.check_ran(2);
}

// The same against a thread that holds a ticket, or runs the task already. on_complete is called before the wait returns.
SCENARIO(group_cancel_against_ticket, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Party party(pool_of(0));
  Completion completion;
  GroupOptions options;
  options.on_complete = &Completion::note;
  options.user_data = &completion;
  party.make_group(options);
  party.submit(0);
  party.submit(1);
  Thread host([&] { static_cast<void>(party.pool().run_one()); });
  Thread canceller([&] { party.group().cancel(); });
  const int code = party.wait();
  check(code == completion.code && completion.calls == 1, "on_complete was not called once before");
  party.check_ended(2);
}

// The first failure cancels: what has begun goes on, the rest is discarded.
SCENARIO(group_failure_cancels, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Party party(pool_of(0));
  GroupOptions options;
  options.cancel_on_failure = true;
  party.make_group(options);
  party.plan(0, [](Party&, int) { return 9; });
  for (int number = 0; number < 3; ++number) party.submit(number);
  Thread host([&] {
    while (party.pool().run_one() == LIBSCHED_OK) {
    }
  });
  check(party.wait() == 9, "the wait has missed the failure");
  party.check_ended(3);
}

// A task of a group inside: who waits for the parent runs it, against a thread with its ticket.
SCENARIO(group_parents_wait_helps, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Party party(pool_of(0));
  party.make_group();
  GroupOptions options;
  options.parent = &party.group();
  Group* child = party.make(options);
  party.submit(0, *child);
  child->abandon();
  Thread host([&] { static_cast<void>(party.pool().run_one()); });
  check(party.wait() == 0, "nothing has failed");
  party.check_ran(1);
  party.abandon_group();
}

// On a worker.

// A member leaves elsewhere while the worker ends the task, and another thread waits.
SCENARIO(group_worker_and_thread, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Party party(pool_of(1));
  party.make_group();
  check(party.group().enter() == LIBSCHED_OK, "an open group takes no member");
  party.submit(0);
  {
    Thread member([&] { check(party.group().leave(0) == LIBSCHED_OK, "it could not leave"); });
    check(party.wait() == 0, "nothing has failed");
    party.check_ran(1);
  }
  party.abandon_group();
  party.shut_down();
}

// The only worker waits for what leaves elsewhere, and there is no spare one: nothing else can happen meanwhile, but that is
// enough, for nothing else is waited for.
SCENARIO(group_wait_on_the_only_worker, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Party party(pool_of(1));
  party.make_group();
  check(party.group().enter() == LIBSCHED_OK, "an open group takes no member");
  party.plan(0, [](Party& own, int) {
    int code = 0;
    const sched::Status status = own.group().wait(code, false, -1, nullptr, nullptr);
    check(status == LIBSCHED_OK || status == LIBSCHED_E_DEADLOCK, "a wait has failed");
    return 0;
  });
  GroupOptions options;
  Group* root = party.make(options);
  party.submit(0, *root);
  check(party.group().leave(0) == LIBSCHED_OK, "a member could not leave");
  check(party.wait(*root) == 0, "nothing has failed");
  root->abandon();
  party.shut_down();
  party.check_ran(1);
}

// A task waits for one that it has submitted, on the only worker: that one runs it, and takes the ticket back.
SCENARIO(group_wait_runs_own_task, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Party party(pool_of(1));
  party.make_group();
  party.plan(0, [](Party& own, int) {
    GroupOptions options;
    Group* inner = own.make(options);
    own.submit(1, *inner);
    check(own.wait(*inner) == 0, "nothing has failed");
    inner->abandon();
    return 0;
  });
  party.submit(0);
  check(party.wait() == 0, "nothing has failed");
  party.check_ran(2);
  party.abandon_group();
  party.shut_down();
}

// The same with another worker, which may have the ticket or the task.
SCENARIO(group_wait_against_thief, .bound = -1, .random = 5000, .pct = 5000) {
  Party party(pool_of(2));
  party.make_group();
  party.plan(0, [](Party& own, int) {
    GroupOptions options;
    Group* inner = own.make(options);
    own.submit(1, *inner);
    own.submit(2, *inner);
    check(own.wait(*inner) == 0, "nothing has failed");
    inner->abandon();
    return 0;
  });
  party.submit(0);
  check(party.wait() == 0, "nothing has failed");
  party.check_ran(3);
  party.abandon_group();
  party.shut_down();
}

}  // namespace
}  // namespace model
