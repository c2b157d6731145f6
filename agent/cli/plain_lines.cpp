#include "agent/cli/plain_lines.h"

#include "agent/cli/styled_text.h"
#include "base/text.h"
#include "net/addresses/address.h"

namespace berth::agent::cli {
namespace {

std::string Ports(const std::vector<PortRecord>& ports) {
  std::string text;
  for (const PortRecord& port : ports) text += ", " + PortText(port);
  return text;
}

std::string StatusLine(std::string_view subject, shim::Status status,
                       const std::optional<int>& exit_code, int restarts, std::string_view reason) {
  std::vector<std::string> remarks;
  if (exit_code) remarks.push_back(fmt::format("exit code {}", *exit_code));
  if (restarts > 0) remarks.push_back(fmt::format("restart {}", restarts));
  std::string line = fmt::format("{} {}", subject, Name(status));
  if (!remarks.empty()) line += fmt::format(" ({})", Join(remarks, ", "));
  if (!reason.empty()) line += ": " + OneLine(reason);
  return line;
}

std::string AddressText(const AddressRecord& record) {
  std::vector<std::string> addresses;
  for (const net::IpAddress& address : record.Reachable()) addresses.push_back(address.Format());
  return Join(addresses, " and ");
}

}  // namespace

std::string ImageLine(std::string_view image, std::string_view digest) {
  return fmt::format("image {} ready ({})", image, digest.substr(0, sizeof "sha256:" - 1 + 12));
}

std::string PortText(const PortRecord& port) {
  return fmt::format("{}->{}/{}", RowText(port.host_port, port.count),
                     RowText(port.container_port, port.count), net::Name(port.protocol));
}

std::vector<std::string> NetworkLines(const TaskView& task) {
  if (task.network_mode == "none") return {"network none"};
  std::vector<std::string> lines;
  if (task.network_mode == "awsvpc") {
    if (task.containers.empty()) return lines;
    for (const AddressRecord& address : task.containers.front().addresses) {
      lines.push_back(fmt::format("network {} ({}) eth0", AddressText(address),
                                  net::MacAddress::Derive(address.attachment_id).Format()));
    }
    return lines;
  }
  if (task.network_mode == "host") lines.push_back("network of the host");
  for (const ContainerView& container : task.containers) {
    for (const AddressRecord& address : container.addresses) {
      lines.push_back(fmt::format("network {} {}{}", container.name, AddressText(address),
                                  Ports(container.ports)));
    }
  }
  return lines;
}

std::string EventLine(const shim::Event& event) {
  const std::string subject = event.container.empty() ? "task" : event.container;
  if (event.status) {
    return StatusLine(subject, *event.status, event.exit_code, event.restart_count, event.reason);
  }
  if (!event.health) return subject;
  std::string line = fmt::format("{} {}", subject, Name(*event.health));
  // What a check has written is of interest when it failed.
  const std::string_view output = Trim(event.reason);
  if (event.health == shim::Health::kUnhealthy && !output.empty()) line += ": " + OneLine(output);
  return line;
}

std::string ContainerLine(const ContainerView& container) {
  const auto& exit_code =
      container.status == shim::Status::kStopped ? container.exit_code : std::nullopt;
  return StatusLine(container.name, container.status, exit_code, container.restart_count,
                    container.reason);
}

std::string TaskLine(const TaskView& task) {
  const std::string subject =
      fmt::format("task {} ({})", task.record.name, task.record.id.substr(0, 12));
  return StatusLine(subject, task.status, std::nullopt, 0, task.stopped_reason);
}

}  // namespace berth::agent::cli
