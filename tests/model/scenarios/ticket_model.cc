#include "core/pool/ticket.h"
#include "tests/model/scenarios/items.h"

namespace model {
namespace {

using sched::Group;
using sched::Level;
using sched::Ticket;

// Groups are known to a ticket by their addresses alone.
Group& stand_in(Plain<int>& group) { return reinterpret_cast<Group&>(group); }

// A worker takes a group out of its ticket and puts the next one in, while another one redeems it: each group has the ticket,
// or has not, and who redeems it sees the group as it was put in.
SCENARIO(ticket_next_group_against_redeem, .bound = 3, .deep_bound = 5, .kills = {"TicketOrders"}) {
  Plain<int> first = 1;
  Plain<int> second = 0;
  auto* ticket = new Ticket(stand_in(first), nullptr, Level::kNormal);
  bool out = false;
  bool put = false;
  Group* redeemed = nullptr;
  {
    Thread other([&] {
      redeemed = ticket->redeem();
      if (redeemed == &stand_in(second)) check(second == 2, "the group was not seen as put in");
      ticket->drop();
    });
    out = ticket->take_out(stand_in(first));
    if (out) {
      second = 2;
      put = ticket->put(stand_in(second));
    }
    ticket->drop();
  }
  check(out == (redeemed != &stand_in(first)), "a group was redeemed and taken out");
  check(put == (redeemed == &stand_in(second)), "a group was put in, and nobody has met it");
}

}  // namespace
}  // namespace model
