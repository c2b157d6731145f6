// NameTable: a map from names to values that is made to be looked up in, thousands of times a
// placement: hashes lie side by side, apart from what they belong to, and a name that is looked up
// in many tables is hashed once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::scheduler::placement {

/// A name and its hash.
class Name {
 public:
  explicit Name(std::string text)
      : text_(std::move(text)), hash_(std::hash<std::string_view>{}(text_)) {}

  const std::string& text() const { return text_; }
  uint64_t hash() const { return hash_; }

 private:
  std::string text_;
  uint64_t hash_;
};

template <typename Value>
class NameTable {
 public:
  struct Entry {
    Name name;
    Value value;
  };

  /// The value of `name`; nullptr if it isn't there.
  const Value* Find(const Name& name) const {
    const size_t at = IndexOf(name);
    return at < entries_.size() && Holds(at, name) ? &entries_[at].value : nullptr;
  }
  const Value* Find(std::string_view name) const { return Find(Name(std::string(name))); }
  bool Contains(const Name& name) const { return Find(name) != nullptr; }

  /// The value of `name`, which is made if it isn't there.
  Value& operator[](std::string_view text) {
    Name name{std::string(text)};
    const size_t at = IndexOf(name);
    if (at == entries_.size() || !Holds(at, name)) {
      signature_ += Mixed(name.hash());
      hashes_.insert(hashes_.begin() + static_cast<ptrdiff_t>(at), name.hash());
      entries_.insert(entries_.begin() + static_cast<ptrdiff_t>(at), {std::move(name), Value{}});
    }
    return entries_[at].value;
  }

  void Erase(std::string_view text) {
    const Name name{std::string(text)};
    const size_t at = IndexOf(name);
    if (at == entries_.size() || !Holds(at, name)) return;
    signature_ -= Mixed(name.hash());
    hashes_.erase(hashes_.begin() + static_cast<ptrdiff_t>(at));
    entries_.erase(entries_.begin() + static_cast<ptrdiff_t>(at));
  }

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  /// In no order that means anything.
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

  /// The same for tables of the same names, whatever their values, and in all likelihood (64 bits)
  /// for no others.
  uint64_t signature() const { return signature_; }

  /// Looks one name up in many tables: in those of the same names it is at the same place.
  class Finder {
   public:
    explicit Finder(std::string name) : name_(std::move(name)) {}

    /// The value in `table`; nullptr if it isn't there.
    const Value* In(const NameTable& table) {
      if (!knows_place_ || signature_ != table.signature_) {
        const size_t at = table.IndexOf(name_);
        is_there_ = at < table.entries_.size() && table.Holds(at, name_);
        place_ = at;
        signature_ = table.signature_;
        knows_place_ = true;
      }
      return is_there_ ? &table.entries_[place_].value : nullptr;
    }

   private:
    Name name_;
    bool knows_place_ = false;
    uint64_t signature_ = 0;
    size_t place_ = 0;
    bool is_there_ = false;
  };

 private:
  // Where `name` is or would be: among equal hashes the one with this text, else the last.
  size_t IndexOf(const Name& name) const {
    // By halves, as std::lower_bound, but without branches: they would be guessed wrong half of the
    // time, which takes longer than all the rest.
    const uint64_t* from = hashes_.data();
    size_t count = hashes_.size();
    while (count > 1) {
      const size_t half = count / 2;
      from += from[half - 1] < name.hash() ? half : 0;
      count -= half;
    }
    auto at = static_cast<size_t>(from - hashes_.data());
    if (count == 1 && *from < name.hash()) ++at;
    while (at < hashes_.size() && hashes_[at] == name.hash() &&
           entries_[at].name.text() != name.text()) {
      ++at;
    }
    return at;
  }

  bool Holds(size_t at, const Name& name) const {
    return hashes_[at] == name.hash() && entries_[at].name.text() == name.text();
  }

  // So that sums of hashes which happen to be near each other don't meet (splitmix64's last steps).
  static uint64_t Mixed(uint64_t hash) {
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
    return hash ^ (hash >> 31);
  }

  std::vector<uint64_t> hashes_;  // ascending; one for each entry
  std::vector<Entry> entries_;
  uint64_t signature_ = 0;
};

}  // namespace berth::scheduler::placement
