// How tasks, channels, dispatchers and their pool end: each task once, each channel once, and nothing is used afterwards.
#include "tests/model/scenarios/channels.h"

namespace model {
namespace {

using sched::Channel;
using sched::ChannelOptions;

// --- tasks ---

// A clear while a task starts, runs and ends: it counts exactly those whose finalize does not come.
SCENARIO(fair_clear_against_finish, .bound = 4, .deep_bound = 5, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open();
  office.send(0);
  office.send(1);
  {
    Thread host([&] { office.serve(); });
    const Channel::Cleared cleared = office.channel().clear();
    host.join();
    check(cleared.dropped + cleared.cancelled == office.discarded(2),
          "a clear has counted something else than the tasks");
  }
  office.drop_channel();
  office.check_counts();
}

// When it has returned, what was sent before and still runs knows that it is cancelled.
SCENARIO(fair_clear_against_start, .bound = 3, .deep_bound = 4, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open();
  office.plan(0, [](Office& own, int) {
    check(!own.said() || sched::current().task->run->cancelled(), "a clear has left out a task");
    return 0;
  });
  office.send(0);
  Thread host([&] { office.serve(); });
  static_cast<void>(office.channel().clear());
  office.say();
}

// Two clears, of a channel with a task that runs and one that waits.
SCENARIO(fair_two_clears, .bound = 1, .deep_bound = 2, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open();
  office.send(0);
  office.send(1);
  Channel::Cleared one{};
  Channel::Cleared two{};
  {
    Thread host([&] { office.serve(); });
    Thread other([&] { one = office.channel().clear(); });
    two = office.channel().clear();
  }
  check(one.dropped + one.cancelled + two.dropped + two.cancelled == office.discarded(2),
        "two clears have counted something else than the tasks");
  office.drop_channel();
  office.check_counts();
}

// Everything at once in one channel.
SCENARIO(fair_send_clear_close, .bound = 1, .deep_bound = 2, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open();
  office.send(0);
  {
    Thread host([&] { office.serve(); });
    Thread sender([&] { static_cast<void>(office.try_send(1)); });
    Thread closer([&] { office.channel().close(); });
    static_cast<void>(office.channel().clear());
  }
  office.wait();
  office.check_counts();
}

// A task that clears its own channel is cancelled by that.
SCENARIO(fair_task_clears, .bound = 2, .deep_bound = 3) {
  Office office(pool_of(0));
  office.open();
  office.plan(0, [](Office& own, int) {
    check(own.channel().clear().cancelled == 1, "a task did not cancel itself");
    return 0;
  });
  office.send(0);
  {
    Thread host([&] { office.serve(); });
    office.send(1);
  }
  office.serve();
  check(office.discarded(1) == 1, "a task that was cancelled was finalized");
  office.drop_channel();
  office.check_counts();
}

// The pool is idle, and has ended, when what was cleared has been discarded, whoever does that.
SCENARIO(fair_wait_idle_against_clear, .bound = 3, .deep_bound = 4, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open();
  check(office.channel().pause() == LIBSCHED_OK, "an open channel cannot be paused");
  office.send(0);
  Thread clearer([&] { static_cast<void>(office.channel().clear()); });
  check(office.pool().wait_idle(-1, nullptr, nullptr) == LIBSCHED_OK, "a wait has failed");
  check(office.discarded(1) == 1, "the pool was idle before the end of a task");
}

// --- dispatchers ---

// The last finish while a thread goes to sleep for the end, and then lets the dispatcher go at once.
SCENARIO(fair_wait_against_finish, .bound = 4, .deep_bound = 5, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open();
  office.send(0);
  office.drop_channel();
  Thread host([&] { office.serve(); });
  office.wait();
  office.check_ran(1);
  office.drop_dispatcher();
}

// The same when the channel is closed last, with no task at all, by a thread that is not the pool's.
SCENARIO(fair_wait_against_close, .bound = 4, .deep_bound = 5) {
  Office office(pool_of(1));
  office.open();
  Thread closer([&] { office.drop_channel(); });
  office.wait();
  office.drop_dispatcher();
}

void shut_down_against_send(bool clear_all) {
  Office office(pool_of(0));
  office.open();
  office.send(0);
  {
    Thread host([&] { office.serve(); });
    Thread sender([&] { static_cast<void>(office.try_send(1)); });
    office.shut_down(clear_all);
    if (!clear_all) office.check_ran(1);
  }
  Channel* none = nullptr;
  check(Channel::create(none, office.dispatcher(), {}, nullptr) == LIBSCHED_E_CLOSED,
        "a dispatcher that was shut down takes a channel");
  office.check_counts();
}
SCENARIO(fair_drain_against_send, .bound = 1, .deep_bound = 2, .random = 1000, .pct = 1000) {
  shut_down_against_send(false);
}
SCENARIO(fair_cancel_against_send, .bound = 1, .deep_bound = 2, .random = 1000, .pct = 1000) {
  shut_down_against_send(true);
}

// What is paused runs all the same, and nothing is paused afterwards.
SCENARIO(fair_drain_against_pause, .bound = 3, .deep_bound = 4, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open();
  office.send(0);
  {
    Thread pauser([&] {
      static_cast<void>(office.channel().pause());
      static_cast<void>(office.dispatcher().pause());
    });
    office.shut_down(false);
  }
  office.check_ran(1);
}

// What nobody could start so far has no call yet.
SCENARIO(fair_drain_paused, .bound = 2, .deep_bound = 3, .random = 500, .pct = 500) {
  Office office(pool_of(0));
  office.open();
  check(office.channel().pause() == LIBSCHED_OK, "an open channel cannot be paused");
  office.send(0);
  {
    Thread host([&] { office.serve(); });
    office.shut_down(false);
  }
  office.check_ran(1);
}

// The same by the last handle, since nobody could resume the channel any more.
SCENARIO(fair_drop_paused, .bound = 2, .deep_bound = 3, .random = 500, .pct = 500) {
  Office office(pool_of(0));
  office.open();
  check(office.channel().pause() == LIBSCHED_OK, "an open channel cannot be paused");
  office.send(0);
  {
    Thread waiter([&] { office.wait(); });
    office.drop_channel();
  }
  office.check_ran(1);
}

// --- pools ---

// Accepted means run, or discarded if the pool is cancelled.
void close_pool_against_send(bool discard_queued) {
  Office office(pool_of(0));
  office.open();
  office.send(0);
  {
    Thread host([&] { office.serve(); });
    Thread sender([&] { static_cast<void>(office.try_send(1)); });
    office.shut_pool_down(discard_queued);
    if (!discard_queued) office.check_ran(1);
  }
  office.check_counts();
}
SCENARIO(fair_pool_drain_against_send, .bound = 1, .deep_bound = 2, .random = 1000, .pct = 1000) {
  close_pool_against_send(false);
}
SCENARIO(fair_pool_cancel_against_send, .bound = 1, .deep_bound = 2, .random = 1000, .pct = 1000) {
  close_pool_against_send(true);
}

// A task that ends after the pool was closed leaves a call for the next one.
SCENARIO(fair_pool_drain_at_limit, .bound = 2, .deep_bound = 3, .random = 1000, .pct = 1000) {
  Office office(pool_of(0), 1);
  office.open();
  for (int number = 0; number < 3; ++number) office.send(number);
  {
    Thread host([&] { static_cast<void>(office.pool().run_one()); });
    office.shut_pool_down(false);
    office.check_ran(3);
  }
  office.check_counts();
}

// And no more than one runs in each call of run_one.
SCENARIO(fair_pool_drain_one_by_one, .bound = 0, .deep_bound = 0) {
  Office office(pool_of(0));
  office.open();
  for (int number = 0; number < 3; ++number) office.send(number);
  check(office.pool().shutdown(false, 0, nullptr, nullptr) == LIBSCHED_E_TIMEOUT,
        "a shutdown without time has run the tasks");
  for (std::uint64_t ran = 1; ran <= 3; ++ran) {
    check(office.pool().run_one() == LIBSCHED_OK && office.dispatcher().stats().done == ran,
          "not one task was run");
  }
  office.check_counts();
}

// First the one way, without time to run anything, and then the other.
SCENARIO(fair_pool_drain_then_cancel, .bound = 0, .deep_bound = 0) {
  Office office(pool_of(0));
  office.open();
  office.send(0);
  office.send(1);
  check(office.pool().shutdown(false, 0, nullptr, nullptr) == LIBSCHED_E_TIMEOUT,
        "a shutdown without time has run the tasks");
  office.shut_pool_down(true);
  check(office.discarded(2) == 2, "a pool that was cancelled has run tasks");
  office.check_counts();
}

// A dispatcher that is made while the pool is closed is refused, or closed too.
SCENARIO(fair_create_against_pool_close, .bound = 4, .deep_bound = 5) {
  Office office(pool_of(0));
  sched::Dispatcher* late = nullptr;
  {
    Thread closer([&] { office.shut_pool_down(false); });
    const sched::Status status = sched::Dispatcher::create(late, office.pool(), {}, 0, nullptr);
    check(status == (late != nullptr ? LIBSCHED_OK : LIBSCHED_E_CLOSED), "it was made, or not");
  }
  if (late != nullptr) {
    Channel* none = nullptr;
    check(Channel::create(none, *late, {}, nullptr) == LIBSCHED_E_CLOSED,
          "the dispatcher of a closed pool takes a channel");
    late->abandon();
  }
}

// --- the last handles ---

// Each by a thread of its own, with one task that runs and one that waits.
SCENARIO(fair_last_handles, .bound = 0, .deep_bound = 1, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open();
  office.send(0);
  office.send(1);
  Thread channel([&] { office.drop_channel(); });
  Thread dispatcher([&] { office.drop_dispatcher(); });
  static_cast<void>(office.pool().run_one());
  office.drop_pool();
}

// All by a task, and in the order that the checker chooses.
SCENARIO(fair_task_drops_handles, .bound = 2, .deep_bound = 3) {
  Office office(pool_of(0));
  office.open();
  office.plan(0, [](Office& own, int) {
    own.drop_handles();
    return 0;
  });
  office.send(0);
  office.send(1);
  static_cast<void>(office.pool().run_one());
}

// The pool's last: the published call is drained on the way.
SCENARIO(fair_drops_handles, .bound = 0, .deep_bound = 0) {
  Office office(pool_of(0));
  office.open();
  office.send(0);
  office.send(1);
  office.drop_handles();
}

}  // namespace
}  // namespace model
