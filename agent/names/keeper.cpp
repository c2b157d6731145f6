#include "agent/names/keeper.h"

#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "agent/names/unbound_config.h"
#include "agent/resolv_conf.h"
#include "agent/resolver_file.h"
#include "base/files.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "net/resolver_endpoint.h"

namespace berth::agent::names {
namespace {

using std::chrono::milliseconds;

// Changes of the state come in bursts. Looking at it takes a tenth of the time at most.
constexpr milliseconds kBurst{20};
constexpr int kShareOfTime = 10;
// How often the host's own servers are read, and the resolver is asked whether it is there.
constexpr std::chrono::seconds kLookEvery{5};
constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{30000};
// One that has run so long has not failed at once.
constexpr std::chrono::seconds kSteady{10};
constexpr int kFailuresToDetour = 3;

milliseconds PauseAfter(int failures) {
  const int doublings = std::min(failures - 1, 10);
  return std::min(kFirstPause * (1 << doublings), kLongestPause);
}

std::vector<std::string> HostUpstreams() {
  return Upstreams(ReadFile(kHostResolvConf).ValueOr(""));
}

}  // namespace

Keeper::Keeper(const Paths& paths, const NamesConfig& config, State state, Unbound unbound,
               EventLoop loop)
    : paths_(paths),
      config_(config),
      state_(std::move(state)),
      unbound_(std::move(unbound)),
      loop_(std::move(loop)),
      notices_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      between_refreshes_(kBurst) {}

Result<std::unique_ptr<Keeper>> Keeper::Make(const Paths& paths, const NamesConfig& config) {
  Unbound unbound = TRY(Unbound::Prepare({.domain = config.domain}));
  std::unique_ptr<Keeper> keeper(new Keeper(paths, config, TRY(State::Open(paths.Database())),
                                            std::move(unbound), TRY(EventLoop::Create())));
  TRY(keeper->WatchState());
  keeper->upstreams_ = HostUpstreams();
  keeper->look_at_ = Clock::now() + kLookEvery;
  TRY(net::OpenResolverEndpoint(paths.NetLock()));
  keeper->TryToStart();
  return keeper;
}

// The log of SQLite is written to by every change, whoever makes it.
Result<void> Keeper::WatchState() {
  if (!notices_ || !wake_) return ErrnoError("inotify");
  if (::inotify_add_watch(notices_.get(), paths_.root.c_str(), IN_MODIFY) < 0) {
    return ErrnoError("watch {}", paths_.root);
  }
  TRY(loop_.Watch(notices_.get(), [this](uint32_t) { ReadNotices(); }));
  return loop_.Watch(wake_.get(), [this](uint32_t) {
    uint64_t count = 0;
    (void)!::read(wake_.get(), &count, sizeof count);
  });
}

void Keeper::ReadNotices() {
  const std::string file = paths_.Database().substr(paths_.root.size() + 1);
  alignas(inotify_event) std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t size = ::read(notices_.get(), buffer.data(), buffer.size());
    if (size <= 0) return;
    for (ssize_t at = 0; at < size;) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* name = buffer.data() + at + sizeof event;
      // Without a name: so many that some were lost.
      const bool ours = event.len == 0 || std::string_view(name).starts_with(file);
      if (ours && !refresh_at_) refresh_at_ = Clock::now() + between_refreshes_;
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
  }
}

void Keeper::Wake() {
  const uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
}

void Keeper::AskToEnd() {
  ending_ = true;
  Wake();
}

void Keeper::AskToReopen() {
  reopening_ = true;
  Wake();
}

void Keeper::SetServices(std::map<std::string, std::string> services) {
  {
    const std::lock_guard guard(mutex_);
    if (services == services_) return;
    services_ = std::move(services);
  }
  Wake();
}

void Keeper::Work() {
  std::map<std::string, std::string> services;
  while (!ending_) {
    Clock::time_point next = look_at_;
    if (start_at_) next = std::min(next, *start_at_);
    if (refresh_at_) next = std::min(next, *refresh_at_);
    if (const auto waited = loop_.RunOnce(next); !waited) {
      log::Error("names: {}", waited.error().message());
      break;
    }
    {
      const std::lock_guard guard(mutex_);
      if (services != services_ && !refresh_at_) refresh_at_ = Clock::now();
      services = services_;
    }
    if (reopening_.exchange(false)) Reopen();
    const auto now = Clock::now();
    if (start_at_ && now >= *start_at_) TryToStart();
    if (refresh_at_ && now >= *refresh_at_) RefreshNames();
    if (now >= look_at_) LookAtHost();
  }
  End();
}

Result<NameMap> Keeper::LookAtTasks() {
  std::map<std::string, std::string> services;
  {
    const std::lock_guard guard(mutex_);
    services = services_;
  }
  return NamesOf(TRY(tasks_.Look(state_, services)));
}

void Keeper::TryToStart() {
  start_at_.reset();
  const auto started = StartNow();
  if (!started) Failed(started.error().message());
}

Result<void> Keeper::StartNow() {
  refresh_at_.reset();
  NameMap names = TRY(LookAtTasks());
  TRY(unbound_.Start(ZoneFile(config_.domain, names, ++serial_), upstreams_));
  told_ = std::move(names);
  started_ = Clock::now();
  TRY(loop_.Watch(unbound_.EndFd(), [this](uint32_t) { Ended(); }));
  if (detoured_) {
    TRY(net::OpenResolverEndpoint(paths_.NetLock()));
    detoured_ = false;
  }
  TRY(WriteResolverFile(paths_,
                        {.address = net::kResolverAddress.Format(), .domain = config_.domain}));
  log::Info("names: the resolver runs, and asks {}",
            upstreams_.empty() ? "nobody" : Join(upstreams_, ", "));
  return {};
}

void Keeper::Ended() {
  loop_.Unwatch(unbound_.EndFd());
  unbound_.End();
  if (Clock::now() - started_ >= kSteady) failures_ = 0;
  Failed("unbound has ended");
}

void Keeper::Failed(std::string_view why) {
  if (unbound_.Runs()) {
    loop_.Unwatch(unbound_.EndFd());
    unbound_.End();
  }
  ++failures_;
  const milliseconds pause = PauseAfter(failures_);
  log::Warning("names: {}; it is started again in {} ms", why, pause.count());
  start_at_ = Clock::now() + pause;
  if (failures_ >= kFailuresToDetour && !detoured_) Detour();
}

void Keeper::RefreshNames() {
  refresh_at_.reset();
  if (!unbound_.Runs()) return;  // it gets them when it starts
  const auto begun = Clock::now();
  auto names = LookAtTasks();
  if (!names) {
    log::Warning("names: {}", names.error().message());
    refresh_at_ = begun + kFirstPause;
    return;
  }
  if (told_ != *names) {
    const auto told = unbound_.SetZone(ZoneFile(config_.domain, *names, ++serial_));
    if (!told) return Failed(told.error().message());
    told_ = *std::move(names);
  }
  const auto took = std::chrono::ceil<milliseconds>(Clock::now() - begun);
  between_refreshes_ = std::max(kBurst, took * kShareOfTime);
}

void Keeper::LookAtHost() {
  look_at_ = Clock::now() + kLookEvery;
  FollowUpstreams();
  if (!unbound_.Runs()) return;
  const auto answers = unbound_.Check();
  if (!answers) return Failed(answers.error().message());
  if (Clock::now() - started_ >= kSteady) failures_ = 0;
}

void Keeper::FollowUpstreams() {
  std::vector<std::string> now = HostUpstreams();
  if (now == upstreams_) return;
  const bool restart = now.empty() || upstreams_.empty();
  upstreams_ = std::move(now);
  log::Info("names: the host asks {} now", upstreams_.empty() ? "nobody" : Join(upstreams_, ", "));
  if (detoured_) Detour();
  if (!unbound_.Runs()) return;
  if (restart) {
    loop_.Unwatch(unbound_.EndFd());
    unbound_.End();
    return TryToStart();
  }
  const auto told = unbound_.SetUpstreams(upstreams_);
  if (!told) Failed(told.error().message());
}

// The first that can be reached from a task's network.
std::optional<net::Ipv4> Keeper::UpstreamForTasks() const {
  for (const std::string& server : upstreams_) {
    const auto address = net::Ipv4::Parse(server);
    if (address && !net::Ipv4Cidr::Loopback().Contains(*address)) return *address;
  }
  return std::nullopt;
}

void Keeper::Detour() {
  const auto upstream = UpstreamForTasks();
  if (!upstream) return;
  const auto led = net::DetourResolverEndpoint(*upstream, paths_.NetLock());
  if (!led) return log::Warning("names: {}", led.error().message());
  detoured_ = true;
  log::Warning("names: tasks ask {} meanwhile, which knows no names of tasks", upstream->Format());
}

void Keeper::Reopen() {
  if (detoured_) return Detour();
  const auto opened = net::OpenResolverEndpoint(paths_.NetLock());
  if (!opened) log::Warning("names: {}", opened.error().message());
}

void Keeper::End() {
  if (const auto removed = sys::Unlink(paths_.Resolver()); !removed) {
    log::Warning("names: {}", removed.error().message());
  }
  unbound_.End();
  unbound_.Clear();
  const auto left = net::LeaveResolverEndpoint(UpstreamForTasks(), paths_.NetLock());
  if (!left) log::Warning("names: {}", left.error().message());
}

}  // namespace berth::agent::names
