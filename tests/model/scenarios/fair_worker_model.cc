// Fair channels on workers that sleep: whoever sends, or ends a task, wakes one for what may start.
#include "core/sys/calls.h"
#include "tests/model/scenarios/channels.h"
#include "tests/model/scenarios/unwinding.h"

namespace model {
namespace {

using sched::Channel;

SCENARIO(fair_one_worker, .bound = 2, .deep_bound = 3, .random = 1000, .pct = 1000) {
  Office office(pool_of(1));
  office.open();
  office.send(0);
  office.drop_channel();
  office.wait();
  office.check_ran(1);
}

// The second send meets a worker that runs, leaves, goes to sleep or sleeps.
SCENARIO(fair_one_worker_two_sends, .bound = 1, .deep_bound = 2, .random = 2000, .pct = 2000) {
  Office office(pool_of(1));
  office.open();
  office.send(0);
  office.send(1);
  office.drop_channel();
  office.wait();
  office.check_ran(2);
  office.shut_pool_down(false);
}

// Each task needs a worker of its own.
int meet(Office& office, int number) {
  office.signal(number).happen();
  office.signal(1 - number).wait();
  return 0;
}
SCENARIO(fair_two_workers, .bound = 0, .deep_bound = 1, .random = 2000, .pct = 2000, .limit = 300) {
  Office office(pool_of(2));
  office.open();
  office.plan(0, meet);
  office.plan(1, meet);
  office.send(0);
  office.send(1);
  office.drop_channel();
  office.wait();
  office.check_ran(2);
}

// The same at the ends of limits and pauses: what they hold back has no call, and the worker that may run it sleeps.
void let_go(void (*hold)(Office&), void (*let)(Office&)) {
  Office office(pool_of(2));
  office.open();
  office.plan(0, meet);
  office.plan(1, meet);
  hold(office);
  office.send(0);
  office.send(1);
  let(office);
  office.drop_channel();
  office.wait();
  office.check_ran(2);
}
SCENARIO(fair_workers_raise_limit, .bound = 0, .deep_bound = 1, .random = 500, .pct = 500,
         .limit = 200) {
  let_go([](Office& office) { office.dispatcher().set_limit(1); },
         [](Office& office) { office.dispatcher().set_limit(2); });
}
SCENARIO(fair_workers_raise_channel_limit, .bound = 0, .deep_bound = 1, .random = 500, .pct = 500,
         .limit = 200) {
  let_go([](Office& office) { office.channel().set_limit(1); },
         [](Office& office) { office.channel().set_limit(2); });
}
SCENARIO(fair_workers_resume, .bound = 0, .deep_bound = 1, .random = 500, .pct = 500,
         .limit = 200) {
  let_go([](Office& office) { static_cast<void>(office.dispatcher().pause()); },
         [](Office& office) { static_cast<void>(office.dispatcher().resume()); });
}
SCENARIO(fair_workers_resume_channel, .bound = 0, .deep_bound = 1, .random = 500, .pct = 500,
         .limit = 200) {
  let_go([](Office& office) { static_cast<void>(office.channel().pause()); },
         [](Office& office) { static_cast<void>(office.channel().resume()); });
}

// A pool that is closed lets go what is paused before its queues are closed.
SCENARIO(fair_worker_drains_paused, .bound = 1, .deep_bound = 2, .random = 500, .pct = 500) {
  Office office(pool_of(1));
  office.open();
  check(office.channel().pause() == LIBSCHED_OK, "an open channel cannot be paused");
  office.send(0);
  office.shut_pool_down(false);
  office.check_ran(1);
  office.check_counts();
}

// The last task is discarded by a thread that is no worker, while the worker goes to sleep for the end.
SCENARIO(fair_worker_ends_against_clear, .bound = 0, .deep_bound = 1, .random = 2000, .pct = 2000,
         .limit = 1000) {
  Office office(pool_of(1));
  office.open();
  check(office.channel().pause() == LIBSCHED_OK, "an open channel cannot be paused");
  office.send(0);
  {
    Thread clearer([&] { static_cast<void>(office.channel().clear()); });
    office.shut_pool_down(false);
  }
  office.check_counts();
}

// A task that sends: its worker has the call to itself, and another one takes it over.
SCENARIO(fair_task_sends, .bound = 0, .deep_bound = 1, .random = 1000, .pct = 1000, .limit = 300) {
  Office office(pool_of(2));
  office.open();
  office.plan(0, [](Office& own, int) {
    own.send(1);
    own.signal(1).wait();
    return 0;
  });
  office.plan(1, [](Office& own, int) {
    own.signal(1).happen();
    return 0;
  });
  office.send(0);
  office.signal(1).wait();
  office.drop_channel();
  office.wait();
  office.check_ran(2);
}

// A task that waits for room blocks its worker, and a spare one makes room.
SCENARIO(fair_task_sends_at_bound, .bound = -1, .random = 1000, .pct = 1000) {
  Office office(pool_of(1, 1), 2);
  office.open(0, {.bound = 1});
  office.plan(0, [](Office& own, int) {
    own.send(1);
    own.send(2);
    own.channel().close();
    return 0;
  });
  office.send(0);
  office.wait();
  office.check_ran(3);
}

// Two tasks that wait for room, which only the end of one can make: the second to wait is told so.
SCENARIO(fair_tasks_wait_for_each_other, .bound = -1, .random = 500, .pct = 500) {
  Office office(pool_of(2, 2), 2);
  office.open(0, {.bound = 1});
  const auto send = [](Office& own, int number) {
    own.signal(2).wait();
    const sched::Status status = own.try_send(number + 3);
    check(status == LIBSCHED_OK || status == LIBSCHED_E_DEADLOCK, "a send has another end");
    own.signal(number).happen();
    return 0;
  };
  office.plan(0, send);
  office.plan(1, send);
  for (int number = 0; number < 3; ++number) office.send(number);
  office.signal(2).happen();
  for (int number = 0; number < 2; ++number) office.signal(number).wait();
  office.drop_channel();
  office.wait();
  check(office.accepted(3) != office.accepted(4), "not one of the two was told");
}

// --- a task that ends its thread ---

// What is left has no call, since the limit is reached, and so gets one on the way.
SCENARIO(fair_task_ends_its_thread, .bound = 1, .deep_bound = 2, .random = 1000, .pct = 1000) {
  Office office(pool_of(0), 1);
  office.open();
  office.plan(0, [](Office&, int) -> int { Unwinding::end(); });
  office.send(0);
  {
    Thread host([&] { Unwinding::run([&] { office.serve(); }); });
    office.send(1);
  }
  office.serve();
  check(office.discarded(2) == 1, "a task that has ended its thread was not discarded");
  office.drop_channel();
  office.check_counts(1);
}

// In a pool that is closed meanwhile.
SCENARIO(fair_pool_drain_against_thread_end, .bound = 1, .deep_bound = 2, .random = 1000,
         .pct = 1000) {
  Office office(pool_of(0), 1);
  office.open();
  office.plan(0, [](Office& own, int) -> int {
    own.signal(0).happen();
    Unwinding::end();
  });
  office.send(0);
  office.send(1);
  {
    Thread host([&] { Unwinding::run([&] { office.serve(); }); });
    office.signal(0).wait();
    office.shut_pool_down(false);
  }
  office.check_counts(1);
}

// A discard that ends its thread, in the middle of a clear or a shutdown.
SCENARIO(fair_discard_ends_its_thread, .bound = 1, .deep_bound = 2) {
  Office office(pool_of(0));
  office.open();
  const auto ends = static_cast<std::uint32_t>(Execution::current().choose(2));
  office.plan_discard(static_cast<int>(ends), [] { Unwinding::end(); });
  office.send(0);
  office.send(1);
  office.send(2);
  const bool clear = Execution::current().choose(2) == 0;
  {
    Thread clearer([&] {
      Unwinding::run([&] {
        clear ? static_cast<void>(office.channel().clear()) : office.shut_pool_down(true);
      });
    });
  }
  check(office.discarded(3) == 3, "a discard was left out");
  office.shut_pool_down(true);
  office.check_counts();
}

// On a worker, which gets a new thread.
SCENARIO(fair_worker_ends_its_thread, .bound = 1, .deep_bound = 2, .random = 1000, .pct = 1000) {
  Office office(pool_of(1), 1);
  sched::sys::calls.thread_create = [](pthread_t* out, const pthread_attr_t*, void* (*body)(void*),
                                       void* argument) {
    const ThreadId id = Execution::current().spawn(
        [body, argument] { Unwinding::run([&] { static_cast<void>(body(argument)); }); });
    *out = static_cast<pthread_t>(id + 1);
    return 0;
  };
  office.open();
  office.plan(0, [](Office&, int) -> int { Unwinding::end(); });
  office.send(0);
  office.send(1);
  office.shut_pool_down(false);
  office.check_counts(1);
}

}  // namespace
}  // namespace model
