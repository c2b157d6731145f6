#include "net/firewall/ledger.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/stat.h>

#include <algorithm>
#include <iterator>

#include "base/files.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/time.h"
#include "base/wire.h"

namespace berth::net {
namespace {

// Changes with the form of what follows: entries of another build are not read, but replaced.
constexpr std::string_view kForm = "berth ledger 1";
constexpr const char* kRestored = ".restored";

std::string Encode(const NftMessages& messages, int64_t written) {
  WireWriter out;
  out.Text(kForm);
  out.Number(written);
  size_t count = 0;
  for (const auto& some : messages) count += some.size();
  out.Number(static_cast<int64_t>(count));
  for (const auto& some : messages) {
    for (const NetlinkMessage& message : some) {
      out.Text(message.what);
      out.Number(message.type);
      out.Number(message.flags);
      out.Text(message.body);
    }
  }
  return out.Take();
}

struct Entry {
  int64_t written = 0;
  std::vector<NetlinkMessage> messages;
};

Result<Entry> Decode(const std::string& bytes) {
  WireReader in(bytes);
  if (in.Text() != kForm) return MakeError("not an entry of this version's ledger");
  Entry entry = {.written = in.Number()};
  entry.messages.resize(in.Count());
  for (NetlinkMessage& message : entry.messages) {
    message.what = in.Text();
    message.type = static_cast<uint16_t>(in.Number());
    message.flags = static_cast<uint16_t>(in.Number());
    message.body = in.Text();
  }
  TRY(in.Finish());
  return entry;
}

/// The chain that a message makes, or is about the rules of; "" if it is about something else.
std::string ChainOf(const NetlinkMessage& message) {
  switch (NFNL_MSG_TYPE(message.type)) {
    case NFT_MSG_NEWCHAIN:
      return BodyAttributes<nfgenmsg>(message.body).Text(NFTA_CHAIN_NAME);
    case NFT_MSG_NEWRULE:
    case NFT_MSG_DELRULE:
      return BodyAttributes<nfgenmsg>(message.body).Text(NFTA_RULE_CHAIN);
    default:
      return {};
  }
}

bool IsElement(const NetlinkMessage& message) {
  return NFNL_MSG_TYPE(message.type) == NFT_MSG_NEWSETELEM;
}

/// Whether it adds a rule to a chain or flushes it.
bool IsOfRules(const NetlinkMessage& message) {
  const int type = NFNL_MSG_TYPE(message.type);
  return type == NFT_MSG_NEWRULE || type == NFT_MSG_DELRULE;
}

/// Takes away the messages that others may have as well, all but elements.
std::vector<NetlinkMessage> TakeShared(Entry& entry) {
  auto& messages = entry.messages;
  const auto elements = std::stable_partition(
      messages.begin(), messages.end(), [](const auto& message) { return !IsElement(message); });
  std::vector<NetlinkMessage> shared(std::move_iterator(messages.begin()),
                                     std::move_iterator(elements));
  messages.erase(messages.begin(), elements);
  return shared;
}

std::string BodiesOf(const std::vector<NetlinkMessage>& messages) {
  std::string bytes;
  for (const NetlinkMessage& message : messages) bytes += message.body;
  return bytes;
}

/// The sets, chains and rules of several entries, each once: a chain's rules as the latest has
/// them.
class Shared {
 public:
  /// From the latest to the first.
  void Add(std::vector<NetlinkMessage> messages) {
    std::set<std::string> written;
    for (NetlinkMessage& message : messages) {
      const std::string chain = ChainOf(message);
      if (IsOfRules(message)) {
        if (!written_.contains(chain)) rules_.push_back(std::move(message));
        written.insert(chain);
      } else if (made_.insert(chain.empty() ? SetOf(message) : chain).second) {
        places_.push_back(std::move(message));
      }
    }
    written_.merge(written);
  }
  /// Rules come last: they name what else is made.
  std::vector<NetlinkMessage> Take() && {
    std::move(rules_.begin(), rules_.end(), std::back_inserter(places_));
    return std::move(places_);
  }

 private:
  // No set is called as a chain is.
  static std::string SetOf(const NetlinkMessage& message) {
    return "set " + BodyAttributes<nfgenmsg>(message.body).Text(NFTA_SET_NAME);
  }

  std::set<std::string> made_, written_;
  std::vector<NetlinkMessage> places_, rules_;
};

/// Entries put together: what they share once, then their elements. Ten thousand tasks in one group
/// are otherwise ten thousand times its rules, more than a transaction can hold.
class Merger {
 public:
  void Add(Entry entry) {
    std::vector<NetlinkMessage> shared = TakeShared(entry);
    const auto [known, is_new] = shared_.try_emplace(BodiesOf(shared));
    if (is_new) known->second.messages = std::move(shared);
    known->second.written = std::max(known->second.written, entry.written);
    std::move(entry.messages.begin(), entry.messages.end(), std::back_inserter(elements_));
  }
  std::vector<NetlinkMessage> Take() && {
    std::vector<Entry> entries;
    for (auto& [bodies, entry] : shared_) entries.push_back(std::move(entry));
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.written > b.written; });
    Shared shared;
    for (Entry& entry : entries) shared.Add(std::move(entry.messages));
    std::vector<NetlinkMessage> all = std::move(shared).Take();
    all.reserve(all.size() + elements_.size());
    std::move(elements_.begin(), elements_.end(), std::back_inserter(all));
    return all;
  }

 private:
  std::map<std::string, Entry> shared_;  // by its messages' bodies
  std::vector<NetlinkMessage> elements_;
};

/// Generations count from the beginning of a network namespace: which one that is.
std::string Era() {
  struct stat netns {};
  ::stat("/proc/thread-self/ns/net", &netns);
  const std::string boot = ReadFile("/proc/sys/kernel/random/boot_id").ValueOr("");
  return fmt::format("{} {}", Trim(boot), netns.st_ino);
}

/// What a death in the middle of Put has left is no entry: no id has a dot in it.
bool IsEntry(const std::string& name) { return name.find('.') == std::string::npos; }

}  // namespace

Result<void> Ledger::Put(const std::string& id, const NftMessages& messages) const {
  const std::string path = directory_ + "/" + id;
  const std::string bytes = Encode(messages, Now().time_since_epoch().count());
  // In place, since the lock keeps readers away; a part that a crash leaves is of an attachment
  // that was not admitted.
  auto written = WriteNewFile(path, bytes, 0600);
  if (!written && written.error().Is(ENOENT)) {
    TRY(sys::MakeDirectories(directory_, 0700));
    written = WriteNewFile(path, bytes, 0600);
  }
  if (!written && written.error().Is(EEXIST)) return ReplaceFile(path, bytes, 0600);
  if (!written) TRY(sys::Unlink(path));
  return written;
}

Result<std::vector<std::string>> Ledger::Names() const {
  auto names = ListDirectory(directory_);
  if (!names && names.error().Is(ENOENT)) return std::vector<std::string>();
  return names;
}

Result<bool> Ledger::Empty() const {
  const auto names = TRY(Names());
  return std::none_of(names.begin(), names.end(), IsEntry);
}

std::optional<std::vector<NetlinkMessage>> Ledger::Find(const std::string& id) const {
  const auto bytes = ReadFile(directory_ + "/" + id);
  if (!bytes) return std::nullopt;
  auto entry = Decode(*bytes);
  if (!entry) return std::nullopt;
  return std::move(entry->messages);
}

Result<std::vector<NetlinkMessage>> Ledger::All() const {
  Merger merger;
  for (const std::string& name : TRY(Names())) {
    if (!IsEntry(name)) continue;
    const std::string path = directory_ + "/" + name;
    const auto bytes = ReadFile(path);
    auto entry = bytes ? Decode(*bytes) : Result<Entry>(bytes.error());
    if (entry) {
      merger.Add(*std::move(entry));
    } else {
      log::Warning("{}: {}", path, entry.error().message());
    }
  }
  return std::move(merger).Take();
}

std::optional<uint32_t> Ledger::RestoredAt() const {
  const std::string text = ReadFile(directory_ + "/" + kRestored).ValueOr("");
  const size_t end_of_line = text.find('\n');
  if (end_of_line == std::string::npos || text.substr(end_of_line + 1) != Era())
    return std::nullopt;
  return ParseInteger<uint32_t>(text.substr(0, end_of_line));
}

Result<void> Ledger::SetRestoredAt(uint32_t generation) const {
  return ReplaceFile(directory_ + "/" + kRestored, fmt::format("{}\n{}", generation, Era()), 0600);
}

Result<Ledger::Entries> Ledger::ReplaceRules(const std::set<std::string>& chains,
                                             const std::vector<NetlinkMessage>& rules) const {
  Entries changed;
  for (const std::string& name : TRY(Names())) {
    if (!IsEntry(name)) continue;
    std::string bytes = TRY(ReadFile(directory_ + "/" + name));
    auto entry = Decode(bytes);
    if (!entry) continue;  // All warns of it
    const size_t erased = std::erase_if(entry->messages, [&](const NetlinkMessage& message) {
      return chains.contains(ChainOf(message));
    });
    if (erased == 0) continue;
    // First, since what jumps to the chains follows.
    entry->messages.insert(entry->messages.begin(), rules.begin(), rules.end());
    TRY(ReplaceFile(directory_ + "/" + name, Encode({entry->messages}, entry->written), 0600));
    changed.emplace(name, std::move(bytes));
  }
  return changed;
}

Result<void> Ledger::PutBack(const Entries& entries) const {
  for (const auto& [name, bytes] : entries) {
    TRY(ReplaceFile(directory_ + "/" + name, bytes, 0600));
  }
  return {};
}

Result<void> Ledger::Remove(const std::string& id) const {
  return sys::Unlink(directory_ + "/" + id);
}

Result<void> Ledger::Remove(const std::function<bool(const std::string& id)>& doomed) const {
  for (const std::string& name : TRY(Names())) {
    if (doomed(name.substr(0, name.find('.')))) TRY(sys::Unlink(directory_ + "/" + name));
  }
  return {};
}

}  // namespace berth::net
