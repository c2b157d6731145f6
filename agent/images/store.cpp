#include "agent/images/store.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/images/store_record.h"
#include "base/files.h"
#include "base/json_reader.h"
#include "base/steps.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::agent::images {

namespace {

void ReadDigest(const JsonReader& in, std::string_view field, Digest& out) {
  std::string text;
  in.Require(field, text);
  auto digest = Digest::Parse(text);
  if (digest) {
    out = std::move(*digest);
  } else if (!text.empty()) {
    in.Complain(digest.error().message());
  }
}

// Lower directories of an overlay must differ. Of a layer that an image has twice the upper place
// counts: it covers all that the lower one brought.
std::vector<Digest> WithoutDuplicates(const std::vector<Digest>& diff_ids) {
  std::set<Digest> seen;
  std::vector<Digest> kept;
  for (auto diff_id = diff_ids.rbegin(); diff_id != diff_ids.rend(); ++diff_id) {
    if (seen.insert(*diff_id).second) kept.push_back(*diff_id);
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

Result<void> RemoveOthers(const std::string& dir, const std::set<std::string>& needed) {
  for (const std::string& name : TRY(ListDirectory(dir))) {
    if (needed.count(name) == 0) TRY(sys::Unlink(fmt::format("{}/{}", dir, name)));
  }
  return {};
}

}  // namespace

Result<Store> Store::Open(std::string dir) {
  Store store(std::move(dir));
  // Layers hold other people's setuid programs: nobody but root may walk in.
  TRY(sys::MakeDirectories(store.dir_, 0700));
  for (const char* part : {"names", "blobs/sha256", "layers", "new"}) {
    TRY(sys::MakeDirectories(fmt::format("{}/{}", store.dir_, part), 0700));
  }
  TRY(store.Layers().Sweep());
  // Looked at first: the lock, even for a moment, keeps others from collecting.
  if (TRY(ListDirectory(store.dir_ + "/new")).empty()) return store;
  if (const auto alone = TRY(store.HoldAlone())) TRY(RemoveOthers(store.dir_ + "/new", {}));
  return store;
}

std::string Store::NamePath(const Reference& name) const {
  std::string file = name.Canonical();
  std::replace(file.begin(), file.end(), '/', '%');  // "%" is in no name
  return fmt::format("{}/names/{}", dir_, file);
}

std::string Store::BlobPath(const Digest& digest) const {
  return fmt::format("{}/blobs/sha256/{}", dir_, digest.hex());
}

Result<UniqueFd> Store::Hold() const {
  UniqueFd lock = TRY(sys::Open(dir_ + "/lock", O_RDWR | O_CREAT, 0600));
  while (::flock(lock.get(), LOCK_SH) < 0) {
    if (errno != EINTR) return ErrnoError("lock {}", dir_);
  }
  return lock;
}

// The store for oneself; nothing if anybody holds it.
Result<std::optional<UniqueFd>> Store::HoldAlone() const {
  UniqueFd lock = TRY(sys::Open(dir_ + "/lock", O_RDWR | O_CREAT, 0600));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return std::optional(std::move(lock));
  if (errno == EWOULDBLOCK) return std::optional<UniqueFd>();
  return ErrnoError("lock {}", dir_);
}

Result<Store::Record> Store::ReadRecord(const std::string& path) const {
  const std::string text = TRY(ReadFile(path));
  const Json document = TRY(ParseJson(text).Context("{}", path));
  JsonProblems problems;
  const JsonReader in(document, problems);
  Record record;
  std::string created;
  in.Require("name", record.name);
  ReadDigest(in, "digest", record.digest);
  ReadDigest(in, "manifest", record.manifest);
  ReadDigest(in, "config", record.config);
  in.Require("created", created);
  in.Require("size", record.size);
  TRY(problems.Check().Context("{}", path));
  record.created = TRY(ParseTime(created).Context("{}: created", path));
  return record;
}

std::string Store::Record::Write() const {
  return DumpJson({{"name", name},
                   {"digest", digest.ToString()},
                   {"manifest", manifest.ToString()},
                   {"config", config.ToString()},
                   {"created", FormatTime(created)},
                   {"size", size}}) +
         "\n";
}

Result<std::string> Store::ReadBlob(const Digest& digest) const {
  std::string content = TRY(ReadFile(BlobPath(digest)));
  if (Digest::Of(content) != digest) {
    return MakeError("{} is damaged: its digest is not {}", BlobPath(digest), digest.ToString());
  }
  return content;
}

Result<Image> Store::Load(const Record& record) const {
  const std::string text = TRY(ReadBlob(record.config));
  ConfigDocument document = TRY(ParseConfigDocument(text));
  const Reference name = TRY(Reference::Parse(record.name));
  Image image = {.name = name.Familiar(),
                 .digest = record.digest,
                 .config = std::move(document.config),
                 .size = record.size,
                 .created = record.created};
  for (const Digest& diff_id : WithoutDuplicates(document.diff_ids)) {
    if (!Layers().Has(diff_id)) {
      return MakeError("layer {} is gone from {}; pull or import the image again",
                       diff_id.ToString(), dir_);
    }
    image.layers.push_back(Layers().Path(diff_id));
  }
  return image;
}

Result<Image> Store::Find(std::string_view name) const {
  const Reference reference = TRY(Reference::Parse(name));
  const std::string path = NamePath(reference);
  if (!Exists(path)) {
    return Error(
        fmt::format("image {} is not here; berth pull or berth import it", reference.Familiar()),
        ENOENT);
  }
  const Record record = TRY(ReadRecord(path));
  return Load(record).Context("image {}", reference.Familiar());
}

Result<std::vector<Image>> Store::List() const {
  std::vector<Image> images;
  for (const std::string& file : TRY(ListDirectory(dir_ + "/names"))) {
    auto record = ReadRecord(fmt::format("{}/names/{}", dir_, file));
    if (!record && record.error().Is(ENOENT)) continue;  // removed since the directory was read
    const Record found = TRY(std::move(record));
    images.push_back(TRY(Load(found).Context("image {}", found.name)));
  }
  return images;
}

Result<void> Store::Remove(std::string_view name, std::span<const std::string> in_use) {
  const Reference reference = TRY(Reference::Parse(name));
  const std::string path = NamePath(reference);
  if (::unlink(path.c_str()) < 0) {
    if (errno == ENOENT) {
      return Error(fmt::format("image {} is not here", reference.Familiar()), ENOENT);
    }
    return ErrnoError("unlink {}", path);
  }
  TRY(FaultPoint("image", "unname"));
  return Collect(in_use);
}

Result<Store::Content> Store::Needed() const {
  Content needed;
  for (const std::string& file : TRY(ListDirectory(dir_ + "/names"))) {
    const Record record = TRY(ReadRecord(fmt::format("{}/names/{}", dir_, file)));
    const std::string config = TRY(ReadBlob(record.config));
    const ConfigDocument document = TRY(ParseConfigDocument(config));
    for (const Digest& diff_id : document.diff_ids) {
      needed.layers.insert(diff_id.hex());
    }
    for (const Digest& blob : {record.digest, record.manifest, record.config}) {
      needed.blobs.insert(blob.hex());
    }
  }
  return needed;
}

Result<void> Store::Collect(std::span<const std::string> in_use) {
  const auto alone = TRY(HoldAlone());
  if (!alone) return {};
  Content needed = TRY(Needed());
  const std::set<std::string> used(in_use.begin(), in_use.end());
  for (const std::string& layer : TRY(Layers().List())) {
    const bool is_used = used.count(fmt::format("{}/layers/{}/fs", dir_, layer)) > 0;
    if (is_used || needed.layers.count(layer) > 0) continue;
    TRY(Layers().Remove(layer));
  }
  return RemoveOthers(dir_ + "/blobs/sha256", needed.blobs);
}

// Makes a file whole or not at all, also across a power cut.
Result<void> Store::Place(std::string_view content, const std::string& path) const {
  // Not beside `path`: what a killed process leaves there would look like a name.
  const std::string made = fmt::format("{}/new/{}", dir_, RandomHex(8));
  TRY(WriteFileAtomically(made, content, 0600));
  TRY(sys::Rename(made, path));
  const std::string parent = path.substr(0, path.rfind('/'));
  const UniqueFd dir = TRY(sys::Open(parent, O_RDONLY | O_DIRECTORY));
  if (::fsync(dir.get()) < 0) return ErrnoError("sync {}", parent);
  return {};
}

}  // namespace berth::agent::images
