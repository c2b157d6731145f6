// placement-bench: how many tasks a second find their instance, on one core.
//
//   placement-bench [INSTANCES] [TASKS]
//
// A cluster of INSTANCES (2000) in three zones, with the attributes that agents register and TASKS
// (20000) tasks of 50 groups on them already. Each line places further tasks of one kind for a
// second of processor time, which a busy machine changes little, and takes what they need as the
// scheduler would; a task that is placed makes room for the next by ending another one.
#include <ctime>

#include <cstdio>
#include <deque>
#include <functional>
#include <random>

#include "base/text.h"
#include "scheduler/placement/placement.h"

namespace placement = berth::scheduler::placement;

namespace {

constexpr size_t kCapabilities = 55;  // as many as an agent of 2026 registers
constexpr int kGroups = 50;
constexpr double kSeconds = 1;

double ProcessorTime() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Cluster {
  std::deque<placement::Instance> instances;
  std::vector<const placement::Instance*> all;
  std::mt19937_64 engine{42};

  double Random() { return std::uniform_real_distribution<double>()(engine); }
};

std::string Capability(size_t number) {
  return fmt::format("com.amazonaws.ecs.capability.number-{}", number);
}

Cluster MakeCluster(size_t instances, size_t tasks) {
  Cluster cluster;
  for (size_t i = 0; i < instances; ++i) {
    placement::Instance& instance = cluster.instances.emplace_back();
    instance.id = berth::RandomHex(16);
    instance.arn = "arn:aws:ecs:eu-central-1:111122223333:container-instance/c/" + instance.id;
    instance.agent_version = "1.101.2";
    instance.agent_connected = true;
    instance.left = {.cpu = 65536, .memory = 262144, .tcp_ports = {22, 2375, 2376, 51678, 51679}};
    for (size_t each = 0; each < kCapabilities; ++each) {
      instance.attributes[Capability(each)] = std::nullopt;
    }
    instance.attributes["ecs.availability-zone"] = fmt::format("eu-central-1{:c}", 'a' + i % 3);
    instance.attributes["ecs.instance-type"] = i % 4 == 0 ? "m6.large" : "g2.2xlarge";
    instance.attributes["rack"] = std::to_string(i / 20);
    cluster.all.push_back(&instance);
  }
  for (size_t i = 0; i < tasks; ++i) {
    const auto at = static_cast<size_t>(cluster.Random() * static_cast<double>(instances));
    const auto group = static_cast<int>(cluster.Random() * kGroups);
    placement::Take(cluster.instances[at], {.cpu = 256, .memory = 512},
                    fmt::format("service:s{}", group));
  }
  return cluster;
}

placement::Request Plain() { return {.needs = {.cpu = 256, .memory = 512}, .group = "service:s7"}; }

placement::Request WithAttributes() {
  placement::Request request = Plain();
  for (size_t i = 0; i < 8; ++i) request.required_attributes.push_back({Capability(i * 7), ""});
  return request;
}

placement::Request With(placement::Request request,
                        std::initializer_list<std::pair<const char*, const char*>> strategies) {
  for (const auto& [type, field] : strategies) {
    request.strategies.push_back(*placement::ParseStrategy(type, field));
  }
  return request;
}

placement::Request MemberOf(const char* expression) {
  placement::Request request = WithAttributes();
  request.member_of = {*placement::Query::Parse(expression)};
  return request;
}

void Measure(const char* what, Cluster cluster, const placement::Request& request) {
  std::vector<size_t> placed;
  size_t failed = 0;
  cluster.all.clear();  // the copy has instances of its own
  for (const placement::Instance& each : cluster.instances) cluster.all.push_back(&each);
  const double start = ProcessorTime();
  while (ProcessorTime() - start < kSeconds) {
    const auto at = placement::Place(cluster.all, request, cluster.Random());
    if (!at) {
      ++failed;
      continue;
    }
    placement::Take(cluster.instances[*at], request.needs, request.group);
    placed.push_back(*at);
    if (placed.size() <= cluster.instances.size()) continue;
    const size_t ended = placed[placed.size() - 1 - cluster.instances.size()];
    placement::GiveBack(cluster.instances[ended], request.needs, request.group);
  }
  const double seconds = ProcessorTime() - start;
  const auto asked = static_cast<double>(placed.size() + failed);
  std::printf("%-58s %9.0f/s %8.1f us%s\n", what, asked / seconds, 1e6 * seconds / asked,
              placed.empty() ? "  (nowhere)" : "");
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int at) {
    return argc > at ? berth::ParseInteger<size_t>(argv[at]) : std::nullopt;
  };
  const size_t instances = argument(1).value_or(2000);
  const size_t tasks = argument(2).value_or(20000);
  const Cluster cluster = MakeCluster(instances, tasks);
  std::printf("%zu instances, %zu tasks\n", instances, tasks);
  constexpr const char* kZone = "attribute:ecs.availability-zone";
  Measure("plain", cluster, Plain());
  Measure("8 required attributes", cluster, WithAttributes());
  Measure("  binpack memory", cluster, With(WithAttributes(), {{"binpack", "memory"}}));
  Measure("  spread instanceId", cluster, With(WithAttributes(), {{"spread", "instanceId"}}));
  Measure("  spread zone", cluster, With(WithAttributes(), {{"spread", kZone}}));
  Measure("  spread zone, spread instanceId", cluster,
          With(WithAttributes(), {{"spread", kZone}, {"spread", "instanceId"}}));
  Measure("  spread rack, binpack cpu", cluster,
          With(WithAttributes(), {{"spread", "attribute:rack"}, {"binpack", "cpu"}}));
  Measure("  memberOf instance-type == ...", cluster,
          MemberOf("attribute:ecs.instance-type == g2.2xlarge"));
  Measure("  memberOf instance-type =~ ... and zone != ...", cluster,
          MemberOf("attribute:ecs.instance-type =~ g2.* and "
                   "attribute:ecs.availability-zone != eu-central-1c"));
  placement::Request huge = WithAttributes();
  huge.needs.memory = 1 << 30;
  Measure("  that fits nowhere", cluster, huge);
}
