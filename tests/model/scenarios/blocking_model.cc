#include "core/pool/blocking.h"
#include "tests/model/scenarios/parties.h"

namespace model {
namespace {

using sched::Level;

// A task on the only worker blocks until the next one has run: a spare worker runs that. Afterwards one of the two is one too
// many, and both end.
int block_for_the_next(Party& party, int number) {
  party.submit(number + 1);
  check(sched::begin_blocking(sched::current()) == LIBSCHED_OK, "no spare worker stands in");
  party.signal(number).wait();
  sched::end_blocking(sched::current());
  return 0;
}
int end_the_last(Party& party, int number) {
  party.signal(number - 1).happen();
  return 0;
}

SCENARIO(blocking_spare_runs_the_next, .bound = 1, .deep_bound = 2, .random = 3000, .pct = 3000,
         .limit = 5000) {
  Party party(pool_of(1, 1));
  party.make_group();
  party.plan(0, block_for_the_next);
  party.plan(1, end_the_last);
  party.submit(0);
  check(party.wait() == 0, "nothing has failed");
  party.check_ran(2);
  party.shut_down();
}

// What was submitted in the section goes where others find it.
SCENARIO(blocking_submits_within, .bound = 1, .deep_bound = 2, .random = 2000, .pct = 2000,
         .limit = 5000) {
  Party party(pool_of(1, 1));
  party.make_group();
  party.plan(0, [](Party& own, int number) {
    check(sched::begin_blocking(sched::current()) == LIBSCHED_OK, "no spare worker stands in");
    own.submit(number + 1);
    own.signal(number).wait();
    sched::end_blocking(sched::current());
    return 0;
  });
  party.plan(1, end_the_last);
  party.submit(0);
  check(party.wait() == 0, "nothing has failed");
  party.check_ran(2);
  party.shut_down();
}

// Twice: the second time whoever is one too many is recalled, or has not retired yet. There is one spare worker, so one that
// is overlooked is an error.
SCENARIO(blocking_twice, .bound = -1, .random = 5000, .pct = 5000) {
  Party party(pool_of(1, 1));
  party.make_group();
  party.plan(0, [](Party& own, int) {
    for (int i = 0; i < 2; ++i) {
      own.submit(i + 1);
      check(sched::begin_blocking(sched::current()) == LIBSCHED_OK, "no spare worker stands in");
      own.signal(i).wait();
      sched::end_blocking(sched::current());
    }
    return 0;
  });
  party.plan(1, end_the_last);
  party.plan(2, end_the_last);
  party.submit(0);
  check(party.wait() == 0, "nothing has failed");
  party.check_ran(3);
  party.shut_down();
}

// A worker that waits for a group and may not run other tasks does not count: the spare one runs what ends the group.
SCENARIO(blocking_isolated_wait, .bound = 1, .deep_bound = 2, .random = 3000, .pct = 3000,
         .limit = 5000) {
  Party party(pool_of(1, 1));
  party.make_group();
  sched::Group* root = party.make({});
  check(party.group().enter() == LIBSCHED_OK, "an open group takes no member");
  party.plan(0, [](Party& own, int) {
    check(own.wait(true) == 0, "nothing has failed");
    return 0;
  });
  party.plan(1, [](Party& own, int) { return own.group().leave(0); });
  party.submit(0, *root);
  party.submit(1, *root);
  check(party.wait(*root) == 0, "nothing has failed");
  party.check_ran(2);
  root->abandon();
  party.shut_down();
}

// Two workers wait for a group, a High task and a Low one, and a Normal task ends it: only the Low one's worker may run it.
SCENARIO(waiting_at_two_levels, .bound = -1, .random = 5000, .pct = 5000) {
  Party party(pool_of(2));
  party.make_group();
  sched::Group* root = party.make({});
  check(party.group().enter() == LIBSCHED_OK, "an open group takes no member");
  const auto wait = [](Party& own, int) {
    check(own.wait() == 0, "nothing has failed");
    return 0;
  };
  party.plan(0, wait, Level::kHigh);
  party.plan(1, wait, Level::kLow);
  party.plan(2, [](Party& own, int) { return own.group().leave(0); });
  for (int number = 0; number < 3; ++number) party.submit(number, *root);
  check(party.wait(*root) == 0, "nothing has failed");
  party.check_ran(3);
  root->abandon();
  party.shut_down();
}

}  // namespace
}  // namespace model
