#include "agent/names/task_names.h"

#include "base/format.h"
#include "net/addresses/dns_name.h"

namespace berth::agent::names {
namespace {

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

void AddName(NameMap& names, std::string_view name, const NamedTask& task) {
  if (!net::IsDnsLabel(name)) return;
  std::set<std::string>& addresses = names[LowerCase(name)];
  for (const NamedTask::Container& container : task.containers) {
    addresses.insert(container.addresses.begin(), container.addresses.end());
  }
}

void AddContainers(NameMap& names, const NamedTask& task) {
  if (!net::IsDnsLabel(task.name)) return;
  for (const NamedTask::Container& container : task.containers) {
    if (!net::IsDnsLabel(container.name)) continue;
    names[LowerCase(fmt::format("{}.{}", container.name, task.name))].insert(
        container.addresses.begin(), container.addresses.end());
  }
}

}  // namespace

NameMap NamesOf(std::span<const NamedTask> tasks) {
  NameMap of_services, of_families, names;
  for (const NamedTask& task : tasks) {
    AddName(of_services, task.service, task);
    AddName(of_families, task.family, task);
    AddName(names, task.name, task);
    AddContainers(names, task);
  }
  // The later takes the name whole: its own addresses alone.
  for (NameMap* stronger : {&of_families, &of_services}) {
    for (auto& [name, addresses] : *stronger) names[name] = std::move(addresses);
  }
  std::erase_if(names, [](const auto& entry) { return entry.second.empty(); });
  return names;
}

std::string ZoneFile(std::string_view domain, const NameMap& names, uint32_t serial) {
  std::string file = fmt::format(
      "$ORIGIN {}.\n"
      "$TTL 1\n"
      "@ SOA localhost. nobody.invalid. {} 3600 600 86400 1\n"
      "@ NS localhost.\n",
      domain, serial);
  for (const auto& [name, addresses] : names) {
    for (const std::string& address : addresses) {
      const bool is_v6 = address.find(':') != std::string::npos;
      file += fmt::format("{} {} {}\n", name, is_v6 ? "AAAA" : "A", address);
    }
  }
  return file;
}

}  // namespace berth::agent::names
