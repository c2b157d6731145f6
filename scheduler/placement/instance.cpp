#include "scheduler/placement/instance.h"

namespace berth::scheduler::placement {

void Take(Instance& instance, const Resources& needs, std::string_view group) {
  Resources& left = instance.left;
  left.cpu -= needs.cpu;
  left.memory -= needs.memory;
  left.tcp_ports.insert(needs.tcp_ports.begin(), needs.tcp_ports.end());
  left.udp_ports.insert(needs.udp_ports.begin(), needs.udp_ports.end());
  ++instance.tasks_by_group[group];
}

void GiveBack(Instance& instance, const Resources& needs, std::string_view group) {
  Resources& left = instance.left;
  left.cpu += needs.cpu;
  left.memory += needs.memory;
  for (const uint16_t port : needs.tcp_ports) left.tcp_ports.erase(port);
  for (const uint16_t port : needs.udp_ports) left.udp_ports.erase(port);
  // A group without tasks must not stay behind: groups come and go as long as the cluster lives.
  if (--instance.tasks_by_group[group] <= 0) instance.tasks_by_group.Erase(group);
}

}  // namespace berth::scheduler::placement
