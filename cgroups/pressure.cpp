#include "cgroups/pressure.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <charconv>

#include "base/files.h"
#include "base/sys.h"
#include "cgroups/control_file.h"
#include "cgroups/scan.h"

namespace berth::cgroups {
namespace {

const char* FileOf(PressureResource resource) {
  switch (resource) {
    case PressureResource::kCpu:
      return "cpu.pressure";
    case PressureResource::kMemory:
      return "memory.pressure";
    case PressureResource::kIo:
      return "io.pressure";
  }
  return "";
}

// "avg10=0.12" with the name `key`, as a number: the next word of `line`.
template <typename Number>
std::optional<Number> NextField(std::string_view& line, std::string_view key) {
  std::string_view value = CutOff(line, ' ');
  if (CutOff(value, '=') != key) return std::nullopt;
  Number number{};
  const char* const end = value.data() + value.size();
  const auto [stop, code] = std::from_chars(value.data(), end, number);
  if (code != std::errc() || stop != end) return std::nullopt;
  return number;
}

// "avg10=0.00 avg60=0.00 avg300=0.00 total=0".
std::optional<PressureShare> ParseShare(std::string_view line) {
  const auto avg10 = NextField<double>(line, "avg10");
  const auto avg60 = NextField<double>(line, "avg60");
  const auto avg300 = NextField<double>(line, "avg300");
  const auto total = NextField<int64_t>(line, "total");
  if (!avg10 || !avg60 || !avg300 || !total) return std::nullopt;
  return PressureShare{.avg10 = *avg10,
                       .avg60 = *avg60,
                       .avg300 = *avg300,
                       .total = std::chrono::microseconds(*total)};
}

// An account that is not kept: the file is there, and refuses to be opened, or is not there at all.
Result<UniqueFd> OpenPressure(const std::string& path, PressureResource resource, int flags) {
  const std::string name = path + "/" + FileOf(resource);
  auto file = sys::Open(name, flags);
  const bool missing = !file && file.error().Is(ENOENT) && Exists(path);
  if (missing || (!file && file.error().Is(EOPNOTSUPP))) {
    return Error(fmt::format("{}: this kernel keeps no account of pressure; see psi=1 in "
                             "kernel-parameters, and cgroup.pressure",
                             name),
                 ENOTSUP);
  }
  return file;
}

Result<void> SetThreshold(int file, const PressureThreshold& threshold) {
  const std::string line =
      fmt::format("{} {} {}", threshold.kind == PressureKind::kSome ? "some" : "full",
                  threshold.stall.count(), threshold.window.count());
  // With its zero byte, and in one write.
  if (::write(file, line.c_str(), line.size() + 1) >= 0) return {};
  if (errno == EINVAL) {
    return ErrnoError(
        "set the trigger \"{}\": the window must be 500000 to 10000000 us, without "
        "CAP_SYS_RESOURCE a multiple of 2000000, and the stall no longer",
        line);
  }
  return ErrnoError("set the trigger \"{}\"", line);
}

}  // namespace

Result<Pressure> ParsePressure(std::string_view content) {
  std::optional<PressureShare> some;
  std::optional<PressureShare> full;
  while (!content.empty()) {
    const std::string_view line = CutOff(content, '\n');
    std::string_view fields = line;
    const std::string_view kind = CutOff(fields, ' ');
    if (kind != "some" && kind != "full") continue;
    const auto share = ParseShare(fields);
    if (!share) return MakeError("not a line of a pressure file: {}", line);
    (kind == "some" ? some : full) = share;
  }
  if (!some) return MakeError("not a pressure file: it has no line \"some\"");
  return Pressure{.some = *some, .full = full};
}

Result<Pressure> ReadPressure(const std::string& path, PressureResource resource) {
  const UniqueFd file = TRY(OpenPressure(path, resource, O_RDONLY));
  return ParsePressure(TRY(ReadAll(file.get()).Context("{}/{}", path, FileOf(resource))))
      .Context("{}/{}", path, FileOf(resource));
}

Result<PressureTrigger> PressureTrigger::Open(const std::string& path,
                                              const PressureThreshold& threshold) {
  UniqueFd file = TRY(OpenPressure(path, threshold.resource, O_RDWR));
  TRY(SetThreshold(file.get(), threshold).Context("{}/{}", path, FileOf(threshold.resource)));
  // The file itself says EPOLLPRI, and event loops wait for EPOLLIN.
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event priority = {.events = EPOLLPRI, .data = {}};
  if (!epoll || ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, file.get(), &priority) < 0) {
    return ErrnoError("watch {}/{}", path, FileOf(threshold.resource));
  }
  return PressureTrigger(std::move(file), std::move(epoll));
}

Result<std::optional<Pressure>> PressureTrigger::Read() const {
  const auto content = TRY(ReadAnew(file_.get()).Context("pressure"));
  if (!content) return std::optional<Pressure>();
  return std::optional(TRY(ParsePressure(*content)));
}

}  // namespace berth::cgroups
