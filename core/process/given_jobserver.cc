#include "core/process/given_jobserver.h"

#include <memory>
#include <utility>

#include "core/jobserver/broker.h"

namespace sched {
namespace {

// Goes before the one that the command has.
class BrokerCompanion final : public Companion {
 public:
  BrokerCompanion(Broker& broker, std::unique_ptr<Companion> other)
      : broker_(broker), other_(std::move(other)) {}
  ~BrokerCompanion() override { broker_.drop(); }
  // Where it cannot start the child has the one slot that it need not ask for.
  void started() noexcept override {
    try {
      static_cast<void>(broker_.start());
    } catch (const std::bad_alloc&) {
    }
    if (other_ != nullptr) other_->started();
  }
  // It goes on by itself until all that is left of the process has let go.
  void ended(const ProcessResult& how) noexcept override {
    if (other_ != nullptr) other_->ended(how);
  }

 private:
  Broker& broker_;
  const std::unique_ptr<Companion> other_;
};

void copy_list(const char* const* from, std::vector<const char*>& to) {
  for (; from != nullptr && *from != nullptr; ++from) to.push_back(*from);
}

}  // namespace

Status GivenJobserver::give(Command& command, Error* error) {
  const ChildAccess* access = nullptr;
  if (command.brokered) {
    Broker* broker = nullptr;
    const Status status = Broker::create(broker, *command.jobserver, error);
    if (status != LIBSCHED_OK) return status;
    const std::unique_ptr<Broker, void (*)(Broker*)> made(broker, [](Broker* it) { it->drop(); });
    command.companion = std::make_unique<BrokerCompanion>(*broker, std::move(command.companion));
    broker->add();  // the companion's
    access = &broker->child_access();
  } else {
    access = &command.jobserver->child_access();
  }
  if (access->makeflags.empty()) return LIBSCHED_OK;
  makeflags_ = "MAKEFLAGS=";
  makeflags_ += access->makeflags;
  inherited_.assign(command.inherited, command.inherited + command.inherited_count);
  if (access->read_fd >= 0) inherited_.push_back(access->read_fd);
  if (access->write_fd >= 0) inherited_.push_back(access->write_fd);
  add(command);
  return LIBSCHED_OK;
}

void GivenJobserver::add(Command& command) {
  copy_list(command.set, set_);
  set_.push_back(makeflags_.c_str());
  set_.push_back(nullptr);
  copy_list(command.unset, unset_);
  // They would name another jobserver; cargo looks at its own one first.
  unset_.push_back("MFLAGS");
  unset_.push_back("CARGO_MAKEFLAGS");
  unset_.push_back(nullptr);
  command.set = set_.data();
  command.unset = unset_.data();
  command.inherited = inherited_.data();
  command.inherited_count = inherited_.size();
}

}  // namespace sched
