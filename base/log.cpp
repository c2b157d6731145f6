#include "base/log.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

namespace berth::log {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warning", "error"};

Level FromEnvironment() {
  const char* wanted = ::getenv("BERTH_LOG");
  for (size_t i = 0; wanted != nullptr && i < kNames.size(); ++i) {
    if (kNames[i] == wanted) return static_cast<Level>(i);
  }
  return Level::kWarning;
}

Level& Current() {
  static Level level = FromEnvironment();
  return level;
}

Sink& CurrentSink() {
  static Sink sink;
  return sink;
}

Fields& OwnFields() {
  thread_local Fields fields;
  return fields;
}

}  // namespace

Field::Field(std::string name, std::string value) {
  OwnFields().emplace_back(std::move(name), std::move(value));
}

Field::~Field() { OwnFields().pop_back(); }

void SetSink(Sink sink) { CurrentSink() = std::move(sink); }

void SetLevel(Level level) { Current() = level; }

bool Enabled(Level level) { return level >= Current(); }

void Write(Level level, std::string_view message) {
  if (!Enabled(level)) return;
  if (CurrentSink()) return CurrentSink()(level, message, OwnFields());
  const std::string line = fmt::format("{}: {}\n", kNames[static_cast<size_t>(level)], message);
  // One write, so that lines of several processes stay whole. Nobody is left to tell if it fails.
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

}  // namespace berth::log
