#include "tests/model/scenarios/channels.h"

namespace model {
namespace {

using sched::Channel;
using sched::ChannelOptions;
using sched::Level;

// In a pool without workers threads that take one task each stand for the workers: what no call is published for they do not
// find.

// A send while the thread that serves is leaving: one of the two sees to it that somebody comes.
SCENARIO(fair_send_against_leaving, .bound = 3, .deep_bound = 4, .random = 3000, .pct = 3000) {
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

SCENARIO(fair_two_senders, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
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

// Two that serve, and one task at a time may run. Who ends one sees to the next.
SCENARIO(fair_limit, .bound = 2, .deep_bound = 3, .random = 3000, .pct = 3000) {
  Office office(pool_of(0), 1);
  office.open();
  for (int number = 0; number < 3; ++number) {
    office.plan(number, [](Office& own, int) {
      own.begin_run(1);
      own.end_run();
      return 0;
    });
  }
  office.send(0);
  {
    const auto serve = [&] { office.serve(); };
    Thread first(serve);
    Thread second(serve, first);
    office.send(1);
    office.send(2);
  }
  office.serve();
  office.check_ran(3);
}

}  // namespace
}  // namespace model
