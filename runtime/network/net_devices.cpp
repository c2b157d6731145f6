#include "runtime/network/net_devices.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/sys.h"
#include "runtime/network/rtnetlink.h"

namespace berth::runtime {
namespace {

struct Interface {
  int index;
  std::string name;
};

Result<std::vector<Interface>> ListInterfaces(RouteSocket& socket) {
  std::vector<Interface> interfaces;
  for (const RouteMessage& link :
       TRY(socket.List(RTM_GETLINK, RouteMessage(ifinfomsg{.ifi_family = AF_UNSPEC})))) {
    Interface& one = interfaces.emplace_back();
    one.index = link.Head<ifinfomsg>().ifi_index;
    for (const auto& attribute : link.Attributes(sizeof(ifinfomsg))) {
      if (attribute.type == IFLA_IFNAME) one.name = attribute.payload.data();
    }
  }
  return interfaces;
}

const Interface* FindInterface(const std::vector<Interface>& interfaces, const std::string& name) {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                  [&](const Interface& one) { return one.name == name; });
  return found == interfaces.end() ? nullptr : &*found;
}

// Requests that give interface `index` the addresses that a move takes from it. A label begins with
// the name of the interface, and lifetimes are for addresses that somebody renews.
Result<std::vector<RouteMessage>> KeptAddresses(RouteSocket& socket, int from, int index) {
  std::vector<RouteMessage> kept;
  for (const RouteMessage& address :
       TRY(socket.List(RTM_GETADDR, RouteMessage(ifaddrmsg{.ifa_family = AF_UNSPEC})))) {
    auto header = address.Head<ifaddrmsg>();
    if (header.ifa_index != static_cast<unsigned>(from)) continue;
    if (header.ifa_scope != RT_SCOPE_UNIVERSE || (header.ifa_flags & IFA_F_PERMANENT) == 0)
      continue;
    header.ifa_index = static_cast<unsigned>(index);
    RouteMessage again(header);
    for (const auto& attribute : address.Attributes(sizeof header)) {
      if (attribute.type == IFA_LABEL || attribute.type == IFA_CACHEINFO) continue;
      again.Add(attribute.type, attribute.payload);
    }
    kept.push_back(std::move(again));
  }
  return kept;
}

struct Move {
  int from;   // its index here
  int index;  // and there
  std::string name;
};

std::string NewName(const std::string& here, const NetDevice& device) {
  return device.name.empty() ? here : device.name;
}

// Its own index if that is free there, so that it is known whatever name the kernel makes up.
Result<std::vector<Move>> PlanMoves(const std::map<std::string, NetDevice>& devices,
                                    const std::vector<Interface>& here,
                                    std::vector<Interface> there) {
  std::vector<Move> moves;
  for (const auto& [name, device] : devices) {
    const Interface* interface = FindInterface(here, name);
    if (interface == nullptr) return MakeError("linux.netDevices.{}: no such interface", name);
    const std::string new_name = NewName(name, device);
    const bool numbered = new_name.find('%') != std::string::npos;
    if (!numbered && FindInterface(there, new_name) != nullptr) {
      return MakeError("linux.netDevices.{}: the container has an interface {} already", name,
                       new_name);
    }
    const auto taken = [&](int index) {
      return std::any_of(there.begin(), there.end(),
                         [&](const Interface& one) { return one.index == index; });
    };
    int index = interface->index;
    while (taken(index)) ++index;
    there.push_back({index, new_name});
    moves.push_back({interface->index, index, new_name});
  }
  return moves;
}

Result<void> MoveOne(RouteSocket& here, RouteSocket& there, const Move& move, int netns) {
  const auto addresses = TRY(KeptAddresses(here, move.from, move.index));
  RouteMessage request(ifinfomsg{.ifi_family = AF_UNSPEC, .ifi_index = move.from});
  request.Add(IFLA_NET_NS_FD, static_cast<uint32_t>(netns));
  request.Add(IFLA_NEW_IFINDEX, static_cast<uint32_t>(move.index));
  request.Add(IFLA_IFNAME, {move.name.c_str(), move.name.size() + 1});
  TRY(here.Ask(RTM_NEWLINK, 0, request));
  for (const RouteMessage& address : addresses) {
    TRY(there.Ask(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, address).Context("address"));
  }
  const ifinfomsg up = {
      .ifi_family = AF_UNSPEC, .ifi_index = move.index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  return there.Ask(RTM_NEWLINK, 0, RouteMessage(up)).Context("set up");
}

Result<RouteSocket> OpenSocketIn(int netns) {
  const UniqueFd own = TRY(sys::Open("/proc/thread-self/ns/net", O_RDONLY));
  TRY(sys::Setns(netns, CLONE_NEWNET));
  auto socket = RouteSocket::Open();
  TRY(sys::Setns(own.get(), CLONE_NEWNET).Context("return to the own network namespace"));
  return socket;
}

}  // namespace

Result<void> CheckInterfaceName(const std::string& name) {
  const bool well_formed = !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
                           name.find_first_of("/: \t\n\v\f\r") == std::string::npos &&
                           name.find('\0') == std::string::npos;
  if (!well_formed) return MakeError("\"{}\" is not a name for an interface", name);
  const size_t percent = name.find('%');
  if (percent == std::string::npos) return {};
  if (name.compare(percent, 2, "%d") != 0 || name.find('%', percent + 1) != std::string::npos) {
    return MakeError("\"{}\": only one %d can stand in a name for an interface", name);
  }
  return {};
}

Result<void> MoveNetDevices(const std::map<std::string, NetDevice>& devices, pid_t pid) {
  const UniqueFd netns = TRY(sys::Open(fmt::format("/proc/{}/ns/net", pid), O_RDONLY));
  RouteSocket here = TRY(RouteSocket::Open());
  RouteSocket there = TRY(OpenSocketIn(netns.get()));
  const auto moves = TRY(PlanMoves(devices, TRY(ListInterfaces(here)), TRY(ListInterfaces(there))));
  auto move = moves.begin();
  for (const auto& [name, device] : devices) {
    TRY(MoveOne(here, there, *move++, netns.get()).Context("linux.netDevices.{}", name));
  }
  return {};
}

}  // namespace berth::runtime
