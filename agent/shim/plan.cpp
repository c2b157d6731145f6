#include "agent/shim/plan.h"

#include "base/wire.h"

namespace berth::agent::shim {
namespace {

// The first field: a plan of another version of this file is refused.
constexpr std::string_view kFormat = "berth-plan-1 " BERTH_VERSION;

// One description of the fields serves both directions: Field(codec, member) writes or reads it.
struct Encoder {
  WireWriter wire;
  void Field(const std::string& value) { wire.Text(value); }
  void Field(const std::vector<std::string>& value) { wire.Texts(value); }
  template <typename Number>
  requires std::is_integral_v<Number> || std::is_enum_v<Number>
  void Field(const Number& value) { wire.Number(static_cast<int64_t>(value)); }
  void Field(const std::chrono::seconds& value) { wire.Number(value.count()); }
};

struct Decoder {
  WireReader wire;
  void Field(std::string& value) { value = wire.Text(); }
  void Field(std::vector<std::string>& value) { value = wire.Texts(); }
  template <typename Number>
  requires std::is_integral_v<Number> || std::is_enum_v<Number>
  void Field(Number& value) { value = static_cast<Number>(wire.Number()); }
  void Field(std::chrono::seconds& value) { value = std::chrono::seconds(wire.Number()); }
};

template <typename T, typename Each>
void List(Encoder& codec, const std::vector<T>& items, Each each) {
  codec.wire.Number(static_cast<int64_t>(items.size()));
  for (const T& item : items) each(codec, item);
}
template <typename T, typename Each>
void List(Decoder& codec, std::vector<T>& items, Each each) {
  items.resize(codec.wire.Count());
  for (T& item : items) each(codec, item);
}
template <typename T, typename Each>
void Maybe(Encoder& codec, const std::optional<T>& item, Each each) {
  codec.wire.Number(item ? 1 : 0);
  if (item) each(codec, *item);
}
template <typename T, typename Each>
void Maybe(Decoder& codec, std::optional<T>& item, Each each) {
  if (codec.wire.Number() != 0) each(codec, item.emplace());
}

constexpr auto kNumber = [](auto& codec, auto& value) { codec.Field(value); };

constexpr auto kDependency = [](auto& codec, auto& dependency) {
  codec.Field(dependency.container);
  codec.Field(dependency.condition);
};

constexpr auto kSeed = [](auto& codec, auto& seed) {
  codec.Field(seed.volume);
  codec.Field(seed.path);
};

constexpr auto kHealthCheck = [](auto& codec, auto& check) {
  codec.Field(check.args);
  codec.Field(check.interval);
  codec.Field(check.timeout);
  codec.Field(check.start_period);
  codec.Field(check.retries);
};

constexpr auto kRestart = [](auto& codec, auto& restart) {
  List(codec, restart.ignored_exit_codes, kNumber);
  codec.Field(restart.attempt_period);
};

constexpr auto kContainer = [](auto& codec, auto& container) {
  codec.Field(container.name);
  codec.Field(container.bundle);
  codec.Field(container.layers);
  codec.Field(container.upper);
  codec.Field(container.work);
  codec.Field(container.user);
  List(codec, container.seeds, kSeed);
  codec.Field(container.cgroup);
  codec.Field(container.log);
  codec.Field(container.log_max_size);
  codec.Field(container.log_max_files);
  codec.Field(container.essential);
  codec.Field(container.open_stdin);
  codec.Field(container.terminal);
  codec.Field(container.stop_signal);
  codec.Field(container.stop_timeout);
  Maybe(codec, container.start_timeout, kNumber);
  List(codec, container.depends_on, kDependency);
  Maybe(codec, container.health_check, kHealthCheck);
  Maybe(codec, container.restart, kRestart);
};

constexpr auto kTask = [](auto& codec, auto& plan) {
  codec.Field(plan.task_id);
  codec.Field(plan.events);
  codec.Field(plan.control_socket);
  codec.Field(plan.seccomp_cache);
  codec.Field(plan.cgroup_mount);
  codec.Field(plan.finisher);
  List(codec, plan.containers, kContainer);
};

}  // namespace

std::string EncodePlan(const TaskPlan& plan) {
  Encoder codec;
  codec.wire.Text(kFormat);
  kTask(codec, plan);
  return codec.wire.Take();
}

Result<TaskPlan> DecodePlan(std::string_view bytes) {
  Decoder codec{WireReader(bytes)};
  const std::string format = codec.wire.Text();
  if (format != kFormat) return MakeError("not a plan of this version: \"{}\"", format);
  TaskPlan plan;
  kTask(codec, plan);
  TRY(codec.wire.Finish());
  for (const ContainerPlan& container : plan.containers) {
    for (const Dependency& dependency : container.depends_on) {
      if (dependency.container >= plan.containers.size()) {
        return MakeError("{} depends on a container that is not there", container.name);
      }
    }
  }
  return plan;
}

}  // namespace berth::agent::shim
