// Fair channels at work: nothing that may start is left to nobody, and no more runs than may. In a pool without workers the
// threads of a scenario take the calls. `serve` is one that comes back no more: what no call is published for it does not find.
#include "tests/model/scenarios/channels.h"

namespace model {
namespace {

using sched::ChannelOptions;
using sched::Level;

// A send while the thread that serves is leaving: one of the two sees to it that somebody comes.
SCENARIO(fair_send_against_leaving, .bound = 4, .deep_bound = 5, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open();
  office.send(0);
  {
    Thread host([&] { office.serve(); });
    office.send(1);
  }
  office.serve();
  office.check_ran(2);
}

// The same while it runs a task, with another thread that comes for the call.
SCENARIO(fair_two_servers, .bound = 2, .deep_bound = 3, .random = 1000, .pct = 1000) {
  Office office(pool_of(0), 2);
  office.open();
  office.send(0);
  {
    const auto serve = [&] { office.serve(); };
    Thread first(serve);
    Thread second(serve, first);
    office.send(1);
  }
  office.serve();
  office.check_ran(2);
}

SCENARIO(fair_two_senders, .bound = 2, .deep_bound = 3, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open();
  {
    Thread host([&] { office.serve(); });
    Thread sender([&] { office.send(0); });
    office.send(1);
  }
  office.serve();
  office.check_ran(2);
}

// Tasks of two levels: who comes for one leaves a call for the other.
SCENARIO(fair_two_levels, .bound = 2, .deep_bound = 3, .random = 1000, .pct = 1000) {
  Office office(pool_of(0), 1);
  office.open(0, {.level = Level::kLow});
  office.open(1, {.level = Level::kHigh});
  office.send(0);
  {
    Thread host([&] { office.serve(); });
    office.send(1, 1);
  }
  office.serve();
  office.check_ran(2);
}

// --- limits ---

// Of tasks that must not run beside each other.
template <int kMost>
int run_beside(Office& office, int) {
  office.begin_run(kMost);
  office.end_run();
  return 0;
}

// Two that serve, and one task at a time may run. Who ends one sees to the next.
SCENARIO(fair_limit, .bound = 2, .deep_bound = 3, .random = 1000, .pct = 1000) {
  Office office(pool_of(0), 1);
  office.open();
  office.open(1);
  for (int number = 0; number < 2; ++number) office.plan(number, run_beside<1>);
  office.send(0);
  {
    const auto serve = [&] { office.serve(); };
    Thread first(serve);
    Thread second(serve, first);
    office.send(1, 1);
  }
  office.serve();
  office.check_ran(2);
}

// A channel at its limit takes no turns until one of its tasks has ended; the other one does.
SCENARIO(fair_channel_limit, .bound = 1, .deep_bound = 2, .random = 1000, .pct = 1000) {
  Office office(pool_of(0), 2);
  office.open(0, {.limit = 1});
  office.open(1);
  for (int number = 0; number < 2; ++number) office.plan(number, run_beside<1>);
  office.send(0);
  office.send(1);
  office.send(2, 1);
  {
    const auto serve = [&] { office.serve(); };
    Thread first(serve);
    Thread second(serve, first);
  }
  office.serve();
  office.check_ran(3);
}

// The first task waits for the second, which may start beside it once the limit is raised: two threads that wait for the
// dispatcher run them.
void raise_limit(bool of_channel) {
  Office office(pool_of(0), of_channel ? 2 : 1);
  office.open(0, {.limit = of_channel ? 1u : 0u});
  office.plan(0, [](Office& own, int) {
    own.signal(0).wait();
    return 0;
  });
  office.plan(1, [](Office& own, int) {
    own.signal(0).happen();
    return 0;
  });
  office.send(0);
  office.send(1);
  office.channel().close();
  {
    const auto wait = [&] { office.wait(); };
    Thread first(wait);
    Thread second(wait, first);
    of_channel ? office.channel().set_limit(0) : office.dispatcher().set_limit(2);
  }
  office.check_ran(2);
}
SCENARIO(fair_set_limit, .bound = 1, .deep_bound = 2, .random = 1000, .pct = 1000) {
  raise_limit(false);
}
SCENARIO(fair_set_channel_limit, .bound = 1, .deep_bound = 2, .random = 1000, .pct = 1000) {
  raise_limit(true);
}

// A limit that is lowered while a task starts: afterwards no more run.
SCENARIO(fair_lower_limit, .bound = 1, .deep_bound = 2, .random = 1000, .pct = 1000) {
  Office office(pool_of(0), 2);
  office.open();
  for (int number = 0; number < 3; ++number) office.plan(number, run_beside<2>);
  office.send(0);
  office.send(1);
  {
    const auto serve = [&] { office.serve(); };
    Thread first(serve);
    Thread second(serve, first);
    office.dispatcher().set_limit(1);
    const auto running = office.channel().in_flight();
    office.send(2);
    check(office.channel().in_flight() <= (running == 2 ? 2 : 1), "one was started too many");
  }
  office.serve();
  office.check_ran(3);
}

// --- pauses ---

// Whatever is paused and resumed while a thread serves: afterwards somebody comes for what is left.
void pause_and_resume(bool channel) {
  Office office(pool_of(0));
  office.open();
  office.send(0);
  office.send(1);
  {
    Thread host([&] { office.serve(); });
    check((channel ? office.channel().pause() : office.dispatcher().pause()) == LIBSCHED_OK &&
              (channel ? office.channel().resume() : office.dispatcher().resume()) == LIBSCHED_OK,
          "an open dispatcher cannot be paused and resumed");
  }
  office.serve();
  office.check_ran(2);
}
SCENARIO(fair_pause_channel, .bound = 3, .deep_bound = 4, .random = 1000, .pct = 1000) {
  pause_and_resume(true);
}
SCENARIO(fair_pause, .bound = 3, .deep_bound = 4, .random = 1000, .pct = 1000) {
  pause_and_resume(false);
}

// The thread that waits sleeps, since nothing may start until the channel is resumed.
SCENARIO(fair_resume_against_wait, .bound = 3, .deep_bound = 4, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open();
  check(office.channel().pause() == LIBSCHED_OK, "an open channel cannot be paused");
  office.send(0);
  office.channel().close();
  {
    Thread waiter([&] { office.wait(); });
    check(office.channel().resume() == LIBSCHED_OK, "a channel cannot be resumed");
  }
  office.check_ran(1);
}

// --- bounds ---

// Room for one: the second sender waits until the first task is taken.
SCENARIO(fair_bound_against_taker, .bound = 3, .deep_bound = 4, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open(0, {.bound = 1});
  office.send(0);
  {
    Thread sender([&] { office.send(1); });
    office.serve();
  }
  office.serve();
  office.check_ran(2);
}

// Two that wait for room: who has got it sees to the next one.
SCENARIO(fair_bound_two_senders, .bound = 0, .deep_bound = 1, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open(0, {.bound = 1});
  office.send(0);
  {
    Atomic<std::uint32_t> sending{2};
    const auto send = [&](int number) {
      office.send(number);
      if (sending.fetch_sub(1, std::memory_order_acq_rel) == 1) office.channel().close();
    };
    Thread first([&] { send(1); });
    Thread second([&] { send(2); });
    office.wait();
  }
  office.check_ran(3);
}

SCENARIO(fair_bound_against_clear, .bound = 3, .deep_bound = 4, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open(0, {.bound = 1});
  office.send(0);
  {
    Thread sender([&] { office.send(1); });
    check(office.channel().clear().dropped == 1, "a task was not cleared");
  }
  office.serve();
  office.drop_channel();
  office.check_counts();
}

// A sender that waits learns of the end, whichever end it is.
SCENARIO(fair_bound_against_close, .bound = 3, .deep_bound = 4, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open(0, {.bound = 1});
  office.send(0);
  {
    Thread sender(
        [&] { check(office.try_send(1) == LIBSCHED_E_CLOSED, "there was no room and no end"); });
    office.channel().close();
  }
  office.serve();
  office.check_counts();
}
SCENARIO(fair_bound_against_pool_close, .bound = 3, .deep_bound = 4, .random = 1000, .pct = 1000) {
  Office office(pool_of(0));
  office.open(0, {.bound = 1});
  office.send(0);
  {
    Thread sender([&] { static_cast<void>(office.try_send(1)); });
    office.shut_pool_down(false);
  }
  office.check_counts();
}

}  // namespace
}  // namespace model
