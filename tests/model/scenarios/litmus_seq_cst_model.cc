// Litmus tests of the single total order S ([atomics.order] 4): where it holds, and where it is weaker than one global
// view. An operation precedes another in S if it strongly happens before it; reading a seq_cst store with an acquire load
// is not enough for that.
#include "tests/model/scenarios/litmus.h"

namespace model::litmus {
namespace {

using Order = std::memory_order;

// --- IRIW, independent reads of independent writes ---

#define IRIW_BUT_1010                                                                             \
  "0000", "0001", "0010", "0011", "0100", "0101", "0110", "0111", "1000", "1001", "1011", "1100", \
      "1101", "1110", "1111"

struct IriwOrders {
  Order store_x, store_y, x1, y1, y2, x2;
};

void iriw(const IriwOrders& orders) {
  Location x{0}, y{0};
  int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
  together([&] { x.store(1, orders.store_x); }, [&] { y.store(1, orders.store_y); },
           [&] {
             r1 = x.load(orders.x1);
             r2 = y.load(orders.y1);
           },
           [&] {
             r3 = y.load(orders.y2);
             r4 = x.load(orders.x2);
           });
  outcome(r1, r2, r3, r4);
}
LITMUS(litmus_iriw_relaxed, .allowed = {IRIW_BUT_1010, "1010"}) {
  iriw({relaxed, relaxed, relaxed, relaxed, relaxed, relaxed});
}
LITMUS(litmus_iriw_release_acquire, .allowed = {IRIW_BUT_1010, "1010"}) {
  iriw({release, release, acquire, acquire, acquire, acquire});
}
LITMUS(litmus_iriw_seq_cst, .allowed = {IRIW_BUT_1010}) {
  iriw({seq_cst, seq_cst, seq_cst, seq_cst, seq_cst, seq_cst});
}
LITMUS(litmus_iriw_first_loads_acquire, .allowed = {IRIW_BUT_1010, "1010"}) {
  iriw({seq_cst, seq_cst, acquire, seq_cst, acquire, seq_cst});
}
LITMUS(litmus_iriw_one_first_load_acquire, .allowed = {IRIW_BUT_1010, "1010"}) {
  iriw({seq_cst, seq_cst, acquire, seq_cst, seq_cst, seq_cst});
}
LITMUS(litmus_iriw_one_second_load_acquire, .allowed = {IRIW_BUT_1010, "1010"}) {
  iriw({seq_cst, seq_cst, seq_cst, acquire, seq_cst, seq_cst});
}
// A load that misses a store precedes in S one that sees it, whatever the store's order.
LITMUS(litmus_iriw_stores_relaxed, .allowed = {IRIW_BUT_1010}) {
  iriw({relaxed, relaxed, seq_cst, seq_cst, seq_cst, seq_cst});
}
LITMUS(litmus_iriw_one_store_release, .allowed = {IRIW_BUT_1010}) {
  iriw({release, seq_cst, seq_cst, seq_cst, seq_cst, seq_cst});
}

// --- RWC, read to write causality: r1 and r3 of x, r2 of y ---

#define RWC_BUT_100 "000", "001", "010", "011", "101", "110", "111"

void read_to_write_causality(Order store_x, Order load_x1, Order load_y, Order store_y,
                             Order load_x2) {
  Location x{0}, y{0};
  int r1 = 0, r2 = 0, r3 = 0;
  together([&] { x.store(1, store_x); },
           [&] {
             r1 = x.load(load_x1);
             r2 = y.load(load_y);
           },
           [&] {
             y.store(1, store_y);
             r3 = x.load(load_x2);
           });
  outcome(r1, r2, r3);
}
LITMUS(litmus_rwc_relaxed, .allowed = {LITMUS_ALL_3}) {
  read_to_write_causality(relaxed, relaxed, relaxed, relaxed, relaxed);
}
LITMUS(litmus_rwc_release_acquire, .allowed = {LITMUS_ALL_3}) {
  read_to_write_causality(release, acquire, acquire, release, acquire);
}
LITMUS(litmus_rwc_seq_cst, .allowed = {RWC_BUT_100}) {
  read_to_write_causality(seq_cst, seq_cst, seq_cst, seq_cst, seq_cst);
}
// The first load happens after the store, but not strongly, and is not in S.
LITMUS(litmus_rwc_first_load_acquire, .allowed = {LITMUS_ALL_3}) {
  read_to_write_causality(seq_cst, acquire, seq_cst, seq_cst, seq_cst);
}
LITMUS(litmus_rwc_first_load_relaxed, .allowed = {LITMUS_ALL_3}) {
  read_to_write_causality(seq_cst, relaxed, seq_cst, seq_cst, seq_cst);
}

// --- W+RWC: r1 of y, r2 of z, r3 of x ---

void write_and_read_to_write_causality(Order store_x, Order store_y, Order load_y) {
  Location x{0}, y{0}, z{0};
  int r1 = 0, r2 = 0, r3 = 0;
  together(
      [&] {
        x.store(1, store_x);
        y.store(1, store_y);
      },
      [&] {
        r1 = y.load(load_y);
        r2 = z.load(seq_cst);
      },
      [&] {
        z.store(1, seq_cst);
        r3 = x.load(seq_cst);
      });
  outcome(r1, r2, r3);
}
// The store to x is sequenced before the release, so it strongly happens before the load of z.
LITMUS(litmus_w_rwc_release_acquire, .allowed = {RWC_BUT_100}) {
  write_and_read_to_write_causality(seq_cst, release, acquire);
}
LITMUS(litmus_w_rwc_seq_cst, .allowed = {RWC_BUT_100}) {
  write_and_read_to_write_causality(seq_cst, seq_cst, seq_cst);
}
LITMUS(litmus_w_rwc_relaxed_flag, .allowed = {LITMUS_ALL_3}) {
  write_and_read_to_write_causality(seq_cst, relaxed, relaxed);
}
LITMUS(litmus_w_rwc_store_release, .allowed = {LITMUS_ALL_3}) {
  write_and_read_to_write_causality(release, release, acquire);
}

// --- Z6.U (Lahav, Vafeiadis, Kang, Hur, Dreyer 2017): r1 = the update's read, r2 of y, r3 of x ---

#define Z6U_BUT_130 "010", "011", "030", "031", "120", "121", "131", "310", "311", "340", "341"

// The weak outcome is 130: the update follows the store to x in happens-before, and precedes it in S.
void z6u(Order first_y, Order update) {
  Location x{0}, y{0};
  int r1 = 0, r2 = 0, r3 = 0;
  together(
      [&] {
        x.store(1, seq_cst);
        y.store(1, first_y);
      },
      [&] {
        r1 = y.fetch_add(1, update);
        r2 = y.load(relaxed);
      },
      [&] {
        y.store(3, seq_cst);
        r3 = x.load(seq_cst);
      });
  outcome(r1, r2, r3);
}
LITMUS(litmus_z6u, .allowed = {Z6U_BUT_130, "130"}) { z6u(release, seq_cst); }
LITMUS(litmus_z6u_seq_cst, .allowed = {Z6U_BUT_130}) { z6u(seq_cst, seq_cst); }

// --- who writes what S orders ---

// A relaxed store after the seq_cst one does not take that out of S.
LITMUS(litmus_sb_overwritten, .allowed = {"01", "02", "10", "11", "12"}) {
  Location x{0}, y{0};
  int r1 = 0, r2 = 0;
  together(
      [&] {
        x.store(1, seq_cst);
        x.store(2, relaxed);
        r1 = y.load(seq_cst);
      },
      [&] {
        y.store(1, seq_cst);
        r2 = x.load(seq_cst);
      });
  outcome(r1, r2);
}

// The seq_cst operations of a thread that has ended strongly happen before those after its join.
LITMUS(litmus_sb_across_join, .allowed = {"01", "10", "11"}) {
  Location x{0}, y{0};
  int r1 = 0, r2 = 0;
  {
    Thread other([&] {
      y.store(1, seq_cst);
      r2 = x.load(seq_cst);
    });
    together([&] { x.store(1, seq_cst); });
    r1 = y.load(seq_cst);
  }
  outcome(r1, r2);
}

// The same for a thread that begins.
LITMUS(litmus_sb_across_spawn, .allowed = {"01", "10", "11"}) {
  Location x{0}, y{0};
  int r1 = 0, r2 = 0;
  {
    Thread other([&] {
      y.store(1, seq_cst);
      r2 = x.load(seq_cst);
    });
    x.store(1, seq_cst);
    together([&] { r1 = y.load(seq_cst); });
  }
  outcome(r1, r2);
}

// And across a mutex: its release and acquire stand between.
LITMUS(litmus_w_rwc_mutex, .allowed = {RWC_BUT_100}) {
  Location x{0}, z{0};
  Plain<int> y{0};
  Mutex mutex;
  int r1 = 0, r2 = 0, r3 = 0;
  together(
      [&] {
        x.store(1, seq_cst);
        mutex.lock();
        y = 1;
        mutex.unlock();
      },
      [&] {
        mutex.lock();
        r1 = y;
        mutex.unlock();
        r2 = z.load(seq_cst);
      },
      [&] {
        z.store(1, seq_cst);
        r3 = x.load(seq_cst);
      });
  outcome(r1, r2, r3);
}

}  // namespace
}  // namespace model::litmus
