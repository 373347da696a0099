#include "tests/model/engine/policy.h"
#include "tests/model/engine/scenario.h"
namespace model {
namespace {
constexpr auto rlx = std::memory_order_relaxed;
constexpr auto sc = std::memory_order_seq_cst;
SCENARIO(litmus_sb_relaxed, .bound = 4, .allowed = {"00", "01", "10", "11"}) {
  Atomic<int> x{0}, y{0};
  int a = 0, b = 0;
  {
    Thread t([&] {
      x.store(1, rlx);
      a = y.load(rlx);
    });
    Thread u([&] {
      y.store(1, rlx);
      b = x.load(rlx);
    });
  }
  observe(std::string{char('0' + a), char('0' + b)});
}
SCENARIO(litmus_sb_sc, .bound = 4, .allowed = {"01", "10", "11"}) {
  Atomic<int> x{0}, y{0};
  int a = 0, b = 0;
  {
    Thread t([&] {
      x.store(1, sc);
      a = y.load(sc);
    });
    Thread u([&] {
      y.store(1, sc);
      b = x.load(sc);
    });
  }
  observe(std::string{char('0' + a), char('0' + b)});
}
}  // namespace
}  // namespace model
