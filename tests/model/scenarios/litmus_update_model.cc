// Litmus tests of read-modify-writes: atomicity, and the release sequences that they continue.
#include "tests/model/scenarios/litmus.h"

namespace model::litmus {
namespace {

using Order = std::memory_order;

// Stores `to` if the location holds `from`. Returns what it held.
int replace(Location& location, int from, int to, Order order) {
  location.compare_exchange_strong(from, to, order);
  return from;
}

// --- atomicity ---

LITMUS(litmus_two_fetch_adds, .allowed = {"012", "102"}) {
  Location x{0};
  int r1 = 0, r2 = 0;
  together([&] { r1 = x.fetch_add(1, relaxed); }, [&] { r2 = x.fetch_add(1, relaxed); });
  outcome(r1, r2, x.load(relaxed));
}

LITMUS(litmus_two_exchanges_of_one, .allowed = {"01", "20"}) {
  Location x{0};
  int r1 = 0, r2 = 0;
  together([&] { r1 = replace(x, 0, 1, relaxed); }, [&] { r2 = replace(x, 0, 2, relaxed); });
  outcome(r1, r2);
}

// A store cannot come between the read and the write: it would not be the last.
LITMUS(litmus_cas_against_store, .allowed = {"02", "22"}) {
  Location x{0};
  int r1 = 0;
  together([&] { r1 = replace(x, 0, 1, relaxed); }, [&] { x.store(2, relaxed); });
  outcome(r1, x.load(relaxed));
}

// The exchange of one thread takes effect between two operations of another, the second an update.
LITMUS(litmus_cas_before_update, .allowed = {"01", "12", "31"}) {
  Location x{0};
  int r1 = 0, r2 = 0;
  together([&] { r1 = replace(x, 1, 2, relaxed); },
           [&] {
             x.store(1, relaxed);
             r2 = x.exchange(3, relaxed);
           });
  outcome(r1, r2);
}

// --- MP with something between the flag's store and its load: r1 = the flag, r2 = the message ---

// The writer's second operation on the flag is a store: C++20 has no release sequence that goes on with it.
LITMUS(litmus_rs_store_of_same_thread, .allowed = {"00", "01", "11", "20", "21"}) {
  Location message{0}, flag{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        message.store(1, relaxed);
        flag.store(1, release);
        flag.store(2, relaxed);
      },
      [&] {
        r1 = flag.load(acquire);
        r2 = message.load(relaxed);
      });
  outcome(r1, r2);
}

LITMUS(litmus_rs_update_of_same_thread, .allowed = {"00", "01", "11", "21"}) {
  Location message{0}, flag{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        message.store(1, relaxed);
        flag.store(1, release);
        flag.fetch_add(1, relaxed);
      },
      [&] {
        r1 = flag.load(acquire);
        r2 = message.load(relaxed);
      });
  outcome(r1, r2);
}

// `between` runs in a thread of its own.
template <class... Between>
void release_sequence(Order set, Location& flag, const Between&... between) {
  Location message{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        message.store(1, relaxed);
        flag.store(1, set);
      },
      between...,
      [&] {
        r1 = flag.load(acquire);
        r2 = message.load(relaxed);
      });
  outcome(r1, r2);
}
LITMUS(litmus_rs_update_of_other_thread, .allowed = {"00", "01", "11", "21"}) {
  Location flag{0};
  release_sequence(release, flag, [&] { replace(flag, 1, 2, relaxed); });
}
LITMUS(litmus_rs_update_of_other_thread_relaxed, .allowed = {"00", "01", "10", "11", "20", "21"}) {
  Location flag{0};
  release_sequence(relaxed, flag, [&] { replace(flag, 1, 2, relaxed); });
}
// A release of the thread between, which has not acquired, publishes nothing of the message.
LITMUS(litmus_rs_head_relaxed_update_release, .allowed = {"00", "01", "10", "11", "20", "21"}) {
  Location flag{0};
  release_sequence(relaxed, flag, [&] { replace(flag, 1, 2, release); });
}
LITMUS(litmus_rs_two_updates, .allowed = {"00", "01", "11", "21", "31"}) {
  Location flag{0};
  release_sequence(
      release, flag, [&] { replace(flag, 1, 2, relaxed); }, [&] { replace(flag, 2, 3, relaxed); });
}
LITMUS(litmus_rs_store_of_other_thread, .allowed = {"00", "01", "11", "20", "21"}) {
  Location flag{0};
  release_sequence(release, flag, [&] { flag.store(2, relaxed); });
}

// The update follows the store that ended the sequence.
LITMUS(litmus_rs_update_after_store, .allowed = {"00", "01", "11", "20", "21", "30", "31"}) {
  Location message{0}, flag{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        message.store(1, relaxed);
        flag.store(1, release);
        flag.store(2, relaxed);
      },
      [&] { replace(flag, 2, 3, relaxed); },
      [&] {
        r1 = flag.load(acquire);
        r2 = message.load(relaxed);
      });
  outcome(r1, r2);
}

// Two sequences in one: who reads the second update has synchronized with both. r1 = the count, r2 and r3 the messages.
LITMUS(litmus_rs_two_releases,
       .allowed = {"000", "001", "010", "011", "101", "110", "111", "211"}) {
  Location x{0}, y{0}, count{0};
  int r1 = 0, r2 = 0, r3 = 0;
  together(
      [&] {
        x.store(1, relaxed);
        count.fetch_add(1, release);
      },
      [&] {
        y.store(1, relaxed);
        count.fetch_add(1, release);
      },
      [&] {
        r1 = count.load(acquire);
        r2 = x.load(relaxed);
        r3 = y.load(relaxed);
      });
  outcome(r1, r2, r3);
}

// --- SB with an update between the store and the load, in place of a fence ---

void store_buffering_with_updates(Order order, bool same_word) {
  Location x{0}, y{0}, first{0}, second{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        x.store(1, relaxed);
        first.fetch_add(0, order);
        r1 = y.load(relaxed);
      },
      [&] {
        y.store(1, relaxed);
        (same_word ? first : second).fetch_add(0, order);
        r2 = x.load(relaxed);
      });
  outcome(r1, r2);
}
LITMUS(litmus_sb_updates_of_one_word, .allowed = {"01", "10", "11"}) {
  store_buffering_with_updates(acq_rel, true);
}
LITMUS(litmus_sb_updates_of_one_word_release, .allowed = {LITMUS_ALL_2}) {
  store_buffering_with_updates(release, true);
}
LITMUS(litmus_sb_updates_of_one_word_acquire, .allowed = {LITMUS_ALL_2}) {
  store_buffering_with_updates(acquire, true);
}
LITMUS(litmus_sb_updates_of_two_words, .allowed = {LITMUS_ALL_2}) {
  store_buffering_with_updates(acq_rel, false);
}
LITMUS(litmus_sb_updates_of_two_words_seq_cst, .allowed = {LITMUS_ALL_2}) {
  store_buffering_with_updates(seq_cst, false);
}

// --- Dekker: each announces itself and looks for the other ---

void dekker_exchange_load(Order exchange, Order load) {
  Location x{0}, y{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        x.exchange(1, exchange);
        r1 = y.load(load);
      },
      [&] {
        y.exchange(1, exchange);
        r2 = x.load(load);
      });
  outcome(r1, r2);
}
LITMUS(litmus_dekker_exchange_acq_rel, .allowed = {LITMUS_ALL_2}) {
  dekker_exchange_load(acq_rel, acquire);
}
LITMUS(litmus_dekker_exchange_seq_cst, .allowed = {"01", "10", "11"}) {
  dekker_exchange_load(seq_cst, seq_cst);
}

// The look is an update too, so one of the two comes after the other's announcement or synchronizes with it.
void dekker_updates(Order order) {
  Location x{0}, y{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        x.fetch_add(1, order);
        r1 = y.fetch_add(0, order);
      },
      [&] {
        y.fetch_add(1, order);
        r2 = x.fetch_add(0, order);
      });
  outcome(r1, r2);
}
LITMUS(litmus_dekker_updates_acq_rel, .allowed = {"01", "10", "11"}) { dekker_updates(acq_rel); }
// 00 has each announcement read the other's look: load buffering.
LITMUS(litmus_dekker_updates_relaxed, .allowed = {LITMUS_ALL_2}, .missing = {"00"}) {
  dekker_updates(relaxed);
}

}  // namespace
}  // namespace model::litmus
