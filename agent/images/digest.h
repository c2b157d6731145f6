// Digest: the sha256 name of content; Sha256: computes one while the content streams by.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::agent::images {

/// What a piece of content is called by what it holds (image-spec, descriptor.md "Digests"). Only
/// sha256, the algorithm that every registry has.
class Digest {
 public:
  /// None: equal to no digest of any content.
  Digest() = default;
  /// Strict: "sha256:" and 64 lower-case hexadecimal digits.
  static Result<Digest> Parse(std::string_view text);
  /// Of content that is at hand in one piece.
  static Digest Of(std::string_view content);

  /// The 64 digits alone: the name of its file or directory in a store.
  const std::string& hex() const { return hex_; }
  /// "sha256:" and the digits.
  std::string ToString() const { return "sha256:" + hex_; }
  /// The first 12 digits, as people quote it.
  std::string Short() const { return hex_.substr(0, 12); }

  bool operator==(const Digest&) const = default;
  auto operator<=>(const Digest&) const = default;

 private:
  friend class Sha256;
  explicit Digest(std::string hex) : hex_(std::move(hex)) {}

  std::string hex_;
};

/// A sha256 under way.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  void Update(std::span<const char> data);
  /// The digest of all that was given; nothing may be added after it.
  Digest Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace berth::agent::images
