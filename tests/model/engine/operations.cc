// What a scenario's threads do to shared memory.
#include <algorithm>

#include "tests/model/engine/execution.h"
#include "tests/model/engine/hash.h"
#include "tests/model/engine/quiet.h"

namespace model {
namespace {

std::uint64_t truncate(std::uint64_t value, std::size_t size) {
  return size == 8 ? value : value & ((std::uint64_t{1} << (8 * size)) - 1);
}

// The kernel's queue of a futex is a location of its own, whose key is the word's second byte.
const void* queue_of(const void* word) { return static_cast<const char*>(word) + 1; }

}  // namespace

// --- which store a read takes ---

void Execution::collect(const Reading& reading, StoreId since) {
  options_.clear();
  const LocationId location = reading.location;
  const StoreId floor = memory_.floor(running_, location);
  const std::memory_order failure =
      reading.exchange != nullptr ? reading.exchange->failure : reading.order;
  if (reading.order == std::memory_order_seq_cst || failure == std::memory_order_seq_cst) {
    memory_.begin_seq_cst(running_);
  }
  for (StoreId store = memory_.newest(location);; store = memory_.store(store).before) {
    if (store >= since && memory_.repeats(running_, location, store) < bounds_.stale_repeats) {
      if (reading.exchange != nullptr) {
        const bool equal = memory_.store(store).value == reading.exchange->expected;
        if (equal && memory_.writable_after(location, store, reading.order)) {
          options_.push_back({store, true});
        }
        const bool fails = !equal || (reading.exchange->weak && spurious_ < bounds_.spurious);
        if (fails && memory_.readable(location, store, failure)) options_.push_back({store, false});
      } else if (reading.updates ? memory_.writable_after(location, store, reading.order)
                                 : memory_.readable(location, store, reading.order)) {
        options_.push_back({store, true});
      }
    }
    if (store == floor) return;
  }
}

Execution::Option Execution::choose_option(const Reading& reading) {
  maybe_switch();
  StoreId since = 0;
  for (;;) {
    collect(reading, since);
    const auto count = static_cast<std::uint32_t>(options_.size());
    const bool can_stop = since == 0 && may_stop(reading.location);
    if (count + (can_stop ? 1u : 0u) == 0) {
      if (since == 0) failed(Failure::kLimit, "a read finds no store");
    } else {
      const std::uint32_t chosen =
          chooser_.choose(Choice::kStore, count + (can_stop ? 1u : 0u), local_state());
      if (chosen < count) return options_[chosen];
      ++stops_;
    }
    stop_at(reading.location, kNoId);
    since = me().mark;
  }
}

// Lets others go first in an operation that always takes the newest store.
void Execution::maybe_stop(LocationId location, LocationId other) {
  maybe_switch();
  const bool can_stop = may_stop(location) || (other != kNoId && may_stop(other));
  if (chooser_.choose(Choice::kStore, can_stop ? 2 : 1, local_state()) == 0) return;
  ++stops_;
  stop_at(location, other);
}

void Execution::update_newest(LocationId location, std::uint64_t value, std::memory_order order) {
  const StoreId from = memory_.newest(location);
  remember(memory_.store(from).key);
  memory_.update(running_, location, from, value, order);
  wrote(location);
}

// --- atomics ---

std::uint64_t Execution::load(const void* address, std::size_t size, std::memory_order order,
                              Where where) {
  const Quiet quiet(*this);
  step(where);
  const LocationId location = memory_.locate(running_, address, size);
  const StoreId from = choose_option({location, order, false, nullptr}).store;
  remember(memory_.store(from).key + 1);
  add_access("load", location, order, from, kNoId, where);
  return memory_.read(running_, location, from, order);
}

void Execution::store(void* address, std::size_t size, std::uint64_t value, std::memory_order order,
                      Where where) {
  const Quiet quiet(*this);
  step(where);
  const LocationId location = memory_.locate(running_, address, size);
  // Not in front of the store, but a random schedule should be able to leave it undone.
  maybe_switch();
  options_.clear();
  if (order == std::memory_order_seq_cst) memory_.begin_seq_cst(running_);
  const StoreId floor = memory_.floor(running_, location);
  for (StoreId after = memory_.newest(location);; after = memory_.store(after).before) {
    if (memory_.writable_after(location, after, order)) options_.push_back({after, true});
    if (after == floor) break;
  }
  const std::uint32_t chosen =
      chooser_.choose(Choice::kStore, static_cast<std::uint32_t>(options_.size()), local_state());
  const StoreId after = options_[chosen].store;
  remember(mix(memory_.key(location), truncate(value, size)));
  const StoreId made = memory_.write(running_, location, after, truncate(value, size), order);
  wrote(location);
  add_access("store", location, order, kNoId, made, where);
}

std::uint64_t Execution::update(void* address, std::size_t size, Operator apply,
                                std::uint64_t operand, std::memory_order order, const char* name,
                                Where where) {
  const Quiet quiet(*this);
  step(where);
  const LocationId location = memory_.locate(running_, address, size);
  const StoreId from = choose_option({location, order, true, nullptr}).store;
  const std::uint64_t old = memory_.store(from).value;
  const std::uint64_t value = truncate(apply(old, operand), size);
  remember(mix(memory_.store(from).key, value));
  const StoreId made = memory_.update(running_, location, from, value, order);
  wrote(location);
  add_access(name, location, order, from, made, where);
  return old;
}

bool Execution::compare_exchange(void* address, std::size_t size, Exchange& exchange, Where where) {
  const Quiet quiet(*this);
  step(where);
  const LocationId location = memory_.locate(running_, address, size);
  wrote(location);
  const Option option = choose_option({location, exchange.success, true, &exchange});
  const std::uint64_t old = memory_.store(option.store).value;
  remember(memory_.store(option.store).key + (option.success ? 4 : 5));
  if (option.success) {
    const StoreId made = memory_.update(running_, location, option.store,
                                        truncate(exchange.desired, size), exchange.success);
    wrote(location);
    add_access("cas", location, exchange.success, option.store, made, where);
    return true;
  }
  if (old == exchange.expected) ++spurious_;
  add_access("cas failed", location, exchange.failure, option.store, kNoId, where);
  exchange.expected = memory_.read(running_, location, option.store, exchange.failure);
  return false;
}

// --- plain memory ---

void Execution::plain_read(const void* address, Where where) {
  const Quiet quiet(*this);
  if (where.line != 0) me().where = where;
  if (Event* event = add_event("read", where)) {
    event->plain = true;
    event->where = where;
    event->location = location_name(arena_.offset_of(address));
  }
  memory_.plain_read(running_, address);
}

void Execution::plain_write(const void* address, Where where) {
  const Quiet quiet(*this);
  if (where.line != 0) me().where = where;
  if (Event* event = add_event("write", where)) {
    event->plain = true;
    event->where = where;
    event->location = location_name(arena_.offset_of(address));
  }
  memory_.plain_write(running_, address);
}

void Execution::begin_plain(const void* address) {
  const Quiet quiet(*this);
  memory_.begin_plain(running_, address);
}
void Execution::begin_atomic(const void* address, std::size_t size) {
  const Quiet quiet(*this);
  memory_.begin_atomic(running_, address, size);
}

void* Execution::allocate(std::size_t bytes) {
  const Quiet quiet(*this);
  return memory_.allocate(running_, bytes);
}

void Execution::free(void* address) {
  const Quiet quiet(*this);
  add_event("free", {});
  memory_.free(running_, address);
}

// --- mutexes ---

void Execution::lock(void* mutex, Where where) {
  const Quiet quiet(*this);
  step(where);
  const LocationId location = memory_.locate(running_, mutex, 8);
  if (memory_.store(memory_.newest(location)).value == 0) maybe_stop(location, kNoId);
  while (memory_.store(memory_.newest(location)).value != 0) {
    me().status = Status::kMutex;
    me().location = location;
    to_scheduler();
  }
  update_newest(location, 1, std::memory_order_acquire);
  add_event("lock", where);
}

bool Execution::try_lock(void* mutex, Where where) {
  Exchange exchange{0, 1, std::memory_order_acquire, std::memory_order_relaxed, false};
  return compare_exchange(mutex, 8, exchange, where);
}

void Execution::unlock(void* mutex, Where where) {
  const Quiet quiet(*this);
  step(where);
  const LocationId location = memory_.locate(running_, mutex, 8);
  remember(mix(memory_.key(location), 8));
  memory_.write(running_, location, memory_.newest(location), 0, std::memory_order_release);
  wrote(location);
  add_event("unlock", where);
}

// --- futexes ---

void Execution::wait(const void* word, std::uint32_t expected, std::int64_t timeout_ns,
                     Where where) {
  const Quiet quiet(*this);
  step(where);
  const LocationId location = memory_.locate(running_, word, 4);
  const LocationId queue = memory_.locate(running_, queue_of(word), 1);
  maybe_stop(location, queue);
  // The kernel looks at the word under the lock of its queue, which orders it against every wake.
  update_newest(queue, 0, std::memory_order_acq_rel);
  collect({location, std::memory_order_relaxed, false, nullptr}, 0);
  const std::uint32_t chosen =
      chooser_.choose(Choice::kStore, static_cast<std::uint32_t>(options_.size()), local_state());
  const StoreId from = options_[chosen].store;
  remember(memory_.store(from).key + 9);
  add_access("wait", location, std::memory_order_relaxed, from, kNoId, where);
  const std::uint64_t value = memory_.read(running_, location, from, std::memory_order_relaxed);
  if (static_cast<std::uint32_t>(value) != expected) return;
  if (spurious_ < bounds_.spurious && chooser_.choose(Choice::kOther, 2, local_state()) != 0) {
    ++spurious_;
    return;
  }
  Thread& thread = me();
  thread.status = Status::kWaiting;
  thread.word = word;
  thread.deadline_ns = timeout_ns < 0 ? -1 : now_ns_ + timeout_ns;
  thread.timed_out = false;
  to_scheduler();
  if (thread.timed_out) {
    maybe_switch();
    update_newest(queue, 0, std::memory_order_acq_rel);
    remember(11);
    add_event("timeout", where);
  } else {
    add_event("woken", where);
  }
}

void Execution::wake(const void* word, int count, Where where) {
  const Quiet quiet(*this);
  step(where);
  const LocationId queue = memory_.locate(running_, queue_of(word), 1);
  maybe_stop(queue, kNoId);
  update_newest(queue, 0, std::memory_order_acq_rel);
  add_event("wake", where);
  for (int woken = 0; woken < count; ++woken) {
    ready_.clear();
    for (std::size_t i = 0; i < thread_count_; ++i) {
      if (threads_[i].status == Status::kWaiting && threads_[i].word == word) {
        ready_.push_back(static_cast<ThreadId>(i));
      }
    }
    if (ready_.empty()) return;
    const std::uint32_t chosen =
        count >= static_cast<int>(ready_.size())
            ? 0
            : chooser_.choose(Choice::kOther, static_cast<std::uint32_t>(ready_.size()),
                              local_state());
    Thread& thread = threads_[index(ready_[chosen])];
    thread.status = Status::kReady;
    thread.hash = mix(thread.hash, me().hash);
  }
}

void Execution::pause() {
  const Quiet quiet(*this);
  step({});
}

// --- what else a scenario may ask for ---

std::int64_t Execution::now_ns() {
  remember(static_cast<std::uint64_t>(now_ns_));
  return now_ns_;
}

std::uint32_t Execution::choose(std::uint32_t count) {
  const Quiet quiet(*this);
  const std::uint32_t chosen = chooser_.choose(Choice::kOther, count, local_state());
  remember(chosen + 20);
  return chosen;
}

void Execution::name(const void* object, std::size_t size, std::string text) {
  const Quiet quiet(*this);
  if (!tracing_) return;
  const std::size_t begin = arena_.offset_of(object);
  names_.push_back({begin, begin + size, std::move(text)});
}

// --- the trace ---

Event* Execution::add_event(const char* operation, Where where) {
  if (!tracing_) return nullptr;
  trace_.emplace_back();
  Event& event = trace_.back();
  event.thread = running_;
  event.operation = operation;
  event.where = where.line != 0 ? where : me().where;
  return &event;
}

void Execution::add_access(const char* operation, LocationId location, std::memory_order order,
                           StoreId from, StoreId made, Where where) {
  Event* event = add_event(operation, where);
  if (event == nullptr) return;
  event->atomic = true;
  event->order = order;
  event->location = location_name(memory_.offset_of(location));
  if (from != kNoId) {
    event->reads = true;
    event->value_read = memory_.store(from).value;
    event->read_from = from < step_of_store_.size() ? step_of_store_[from] : 0;
    const StoreId later = memory_.store(from).after;
    event->outdated = later != kNoId && later != made;
  }
  if (made != kNoId) {
    event->writes = true;
    event->value_written = memory_.store(made).value;
    step_of_store_.resize(memory_.next_store());
    step_of_store_[made] = static_cast<std::uint32_t>(trace_.size());
  }
}

std::string Execution::location_name(std::size_t offset) const {
  const Name* best = nullptr;
  for (const Name& name : names_) {
    if (offset >= name.begin && offset < name.end &&
        (best == nullptr || name.end - name.begin < best->end - best->begin)) {
      best = &name;
    }
  }
  if (best == nullptr) return "@" + std::to_string(offset);
  return best->text + (offset > best->begin ? "+" + std::to_string(offset - best->begin) : "");
}

}  // namespace model
