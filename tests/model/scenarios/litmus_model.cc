// The classical litmus tests: who sees stores to two or three locations in which order.
#include "tests/model/scenarios/litmus.h"

namespace model::litmus {
namespace {

using Order = std::memory_order;

// --- MP, message passing: r1 = the flag, r2 = the message ---

void message_passing(Order set, Order look) {
  Location message{0}, flag{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        message.store(1, relaxed);
        flag.store(1, set);
      },
      [&] {
        r1 = flag.load(look);
        r2 = message.load(relaxed);
      });
  outcome(r1, r2);
}
LITMUS(litmus_mp_relaxed, .allowed = {LITMUS_ALL_2}) { message_passing(relaxed, relaxed); }
LITMUS(litmus_mp_release_relaxed, .allowed = {LITMUS_ALL_2}) { message_passing(release, relaxed); }
LITMUS(litmus_mp_relaxed_acquire, .allowed = {LITMUS_ALL_2}) { message_passing(relaxed, acquire); }
LITMUS(litmus_mp_release_acquire, .allowed = {"00", "01", "11"}) {
  message_passing(release, acquire);
}
LITMUS(litmus_mp_seq_cst, .allowed = {"00", "01", "11"}) { message_passing(seq_cst, seq_cst); }

// Both flag operations are read-modify-writes.
void message_passing_by_updates(Order set, Order look) {
  Location message{0}, flag{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        message.store(1, relaxed);
        flag.fetch_add(1, set);
      },
      [&] {
        r1 = flag.fetch_add(2, look);
        r2 = message.load(relaxed);
      });
  outcome(r1, r2);
}
LITMUS(litmus_mp_updates_relaxed, .allowed = {LITMUS_ALL_2}) {
  message_passing_by_updates(relaxed, relaxed);
}
LITMUS(litmus_mp_updates_release_acquire, .allowed = {"00", "01", "11"}) {
  message_passing_by_updates(release, acquire);
}

// --- SB, store buffering ---

void store_buffering(Order store1, Order load1, Order store2, Order load2) {
  Location x{0}, y{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        x.store(1, store1);
        r1 = y.load(load1);
      },
      [&] {
        y.store(1, store2);
        r2 = x.load(load2);
      });
  outcome(r1, r2);
}
LITMUS(litmus_sb_relaxed, .allowed = {LITMUS_ALL_2}) {
  store_buffering(relaxed, relaxed, relaxed, relaxed);
}
LITMUS(litmus_sb_release_acquire, .allowed = {LITMUS_ALL_2}) {
  store_buffering(release, acquire, release, acquire);
}
LITMUS(litmus_sb_seq_cst, .allowed = {"01", "10", "11"}) {
  store_buffering(seq_cst, seq_cst, seq_cst, seq_cst);
}
LITMUS(litmus_sb_one_load_acquire, .allowed = {LITMUS_ALL_2}) {
  store_buffering(seq_cst, seq_cst, seq_cst, acquire);
}
LITMUS(litmus_sb_one_store_release, .allowed = {LITMUS_ALL_2}) {
  store_buffering(seq_cst, seq_cst, release, seq_cst);
}
LITMUS(litmus_sb_stores_seq_cst, .allowed = {LITMUS_ALL_2}) {
  store_buffering(seq_cst, acquire, seq_cst, acquire);
}
LITMUS(litmus_sb_loads_seq_cst, .allowed = {LITMUS_ALL_2}) {
  store_buffering(release, seq_cst, release, seq_cst);
}

// --- LB, load buffering: a read never sees a store that comes later, so 11 is not produced ---

void load_buffering(Order load1, Order store1, Order load2, Order store2) {
  Location x{0}, y{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        r1 = y.load(load1);
        x.store(1, store1);
      },
      [&] {
        r2 = x.load(load2);
        y.store(1, store2);
      });
  outcome(r1, r2);
}
LITMUS(litmus_lb_relaxed, .allowed = {LITMUS_ALL_2}, .missing = {"11"}) {
  load_buffering(relaxed, relaxed, relaxed, relaxed);
}
LITMUS(litmus_lb_loads_acquire, .allowed = {LITMUS_ALL_2}, .missing = {"11"}) {
  load_buffering(acquire, relaxed, acquire, relaxed);
}
LITMUS(litmus_lb_one_side, .allowed = {"00", "01", "10"}) {
  load_buffering(acquire, relaxed, relaxed, release);
}
LITMUS(litmus_lb_release_acquire, .allowed = {"00", "01", "10"}) {
  load_buffering(acquire, release, acquire, release);
}

// --- S: r1, then the last value of x ---

void s(Order store, Order load) {
  Location x{0}, y{0};
  int r1 = 0;
  together(
      [&] {
        x.store(2, relaxed);
        y.store(1, store);
      },
      [&] {
        r1 = y.load(load);
        x.store(1, relaxed);
      });
  outcome(r1, x.load(relaxed));
}
LITMUS(litmus_s_relaxed, .allowed = {"01", "02", "11", "12"}) { s(relaxed, relaxed); }
LITMUS(litmus_s_release_acquire, .allowed = {"01", "02", "11"}) { s(release, acquire); }

// --- R: r1, then the last value of y ---

void r(Order store_x, Order store_y1, Order store_y2, Order load_x) {
  Location x{0}, y{0};
  int r1 = 0;
  together(
      [&] {
        x.store(1, store_x);
        y.store(1, store_y1);
      },
      [&] {
        y.store(2, store_y2);
        r1 = x.load(load_x);
      });
  outcome(r1, y.load(relaxed));
}
LITMUS(litmus_r_relaxed, .allowed = {"01", "02", "11", "12"}) {
  r(relaxed, relaxed, relaxed, relaxed);
}
LITMUS(litmus_r_release_acquire, .allowed = {"01", "02", "11", "12"}) {
  r(release, release, release, acquire);
}
LITMUS(litmus_r_seq_cst, .allowed = {"01", "11", "12"}) { r(seq_cst, seq_cst, seq_cst, seq_cst); }
LITMUS(litmus_r_first_store_release, .allowed = {"01", "02", "11", "12"}) {
  r(release, seq_cst, seq_cst, seq_cst);
}

// --- 2+2W: the last values of x and y ---

void two_plus_two_writes(Order first, Order second) {
  Location x{0}, y{0};
  together(
      [&] {
        x.store(1, first);
        y.store(2, first);
      },
      [&] {
        y.store(1, second);
        x.store(2, second);
      });
  outcome(x.load(relaxed), y.load(relaxed));
}
LITMUS(litmus_2_2w_relaxed, .allowed = {"11", "12", "21", "22"}) {
  two_plus_two_writes(relaxed, relaxed);
}
LITMUS(litmus_2_2w_release, .allowed = {"11", "12", "21", "22"}) {
  two_plus_two_writes(release, release);
}
LITMUS(litmus_2_2w_one_side_seq_cst, .allowed = {"11", "12", "21", "22"}) {
  two_plus_two_writes(seq_cst, release);
}
LITMUS(litmus_2_2w_seq_cst, .allowed = {"12", "21", "22"}) {
  two_plus_two_writes(seq_cst, seq_cst);
}

// --- WRC, write to read causality ---

void write_to_read_causality(Order store_y, Order load_y) {
  Location x{0}, y{0};
  int r1 = 0, r2 = 0, r3 = 0;
  together([&] { x.store(1, relaxed); },
           [&] {
             r1 = x.load(relaxed);
             y.store(1, store_y);
           },
           [&] {
             r2 = y.load(load_y);
             r3 = x.load(relaxed);
           });
  outcome(r1, r2, r3);
}
LITMUS(litmus_wrc_relaxed, .allowed = {LITMUS_ALL_3}) { write_to_read_causality(relaxed, relaxed); }
LITMUS(litmus_wrc_release_relaxed, .allowed = {LITMUS_ALL_3}) {
  write_to_read_causality(release, relaxed);
}
LITMUS(litmus_wrc_release_acquire, .allowed = {"000", "001", "010", "011", "100", "101", "111"}) {
  write_to_read_causality(release, acquire);
}

// --- ISA2 ---

void isa2(Order store_y, Order load_y, Order store_z, Order load_z) {
  Location x{0}, y{0}, z{0};
  int r1 = 0, r2 = 0, r3 = 0;
  together(
      [&] {
        x.store(1, relaxed);
        y.store(1, store_y);
      },
      [&] {
        r1 = y.load(load_y);
        z.store(1, store_z);
      },
      [&] {
        r2 = z.load(load_z);
        r3 = x.load(relaxed);
      });
  outcome(r1, r2, r3);
}
LITMUS(litmus_isa2_relaxed, .allowed = {LITMUS_ALL_3}) { isa2(relaxed, relaxed, relaxed, relaxed); }
LITMUS(litmus_isa2_middle_relaxed, .allowed = {LITMUS_ALL_3}) {
  isa2(release, relaxed, release, acquire);
}
LITMUS(litmus_isa2_release_acquire, .allowed = {"000", "001", "010", "011", "100", "101", "111"}) {
  isa2(release, acquire, release, acquire);
}

// --- coherence ---

LITMUS(litmus_corr, .allowed = {"00", "01", "02", "11", "12", "22"}) {
  Location x{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        x.store(1, relaxed);
        x.store(2, relaxed);
      },
      [&] {
        r1 = x.load(relaxed);
        r2 = x.load(relaxed);
      });
  outcome(r1, r2);
}

// Two readers that both see both stores, the first in the order 12, agree.
LITMUS(litmus_corr_two_readers, .allowed = {"0", "1"}) {
  Location x{0};
  int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
  together([&] { x.store(1, relaxed); }, [&] { x.store(2, relaxed); },
           [&] {
             r1 = x.load(relaxed);
             r2 = x.load(relaxed);
           },
           [&] {
             r3 = x.load(relaxed);
             r4 = x.load(relaxed);
           });
  const bool first = r1 == 1 && r2 == 2;
  const bool same = r3 == 1 && r4 == 2;
  const bool other = r3 == 2 && r4 == 1;
  outcome(!first ? 0 : same ? 1 : other ? 2 : 0);
}

// r1, then the last value.
LITMUS(litmus_cowr, .allowed = {"11", "12", "22"}) {
  Location x{0};
  int r1 = 0;
  together(
      [&] {
        x.store(1, relaxed);
        r1 = x.load(relaxed);
      },
      [&] { x.store(2, relaxed); });
  outcome(r1, x.load(relaxed));
}

LITMUS(litmus_corw, .allowed = {"01", "02", "21"}) {
  Location x{0};
  int r1 = 0;
  together(
      [&] {
        r1 = x.load(relaxed);
        x.store(1, relaxed);
      },
      [&] { x.store(2, relaxed); });
  outcome(r1, x.load(relaxed));
}

LITMUS(litmus_coww, .allowed = {"2"}) {
  Location x{0};
  together([&] {
    x.store(1, relaxed);
    x.store(2, relaxed);
  });
  outcome(x.load(relaxed));
}

}  // namespace
}  // namespace model::litmus
