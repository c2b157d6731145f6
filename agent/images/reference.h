// Reference: the name of an image as people write it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/images/digest.h"
#include "base/result.h"

namespace berth::agent::images {

/// `[registry[:port]/]repository[:tag][@digest]`, in full: what people leave out is filled in as
/// Docker does (registry docker.io, repository library/, tag latest). Grammar: distribution-spec,
/// "Pulling manifests", and the registry part of Docker's reference grammar.
class Reference {
 public:
  /// Reads "nginx", "localhost:5000/a/b:tag", "repo@sha256:...". A first part is a registry if it
  /// has a dot or a colon, or is "localhost". The error says which part is wrong and what it may
  /// be.
  static Result<Reference> Parse(std::string_view text);

  /// Host and perhaps port: "docker.io", "localhost:5000".
  const std::string& registry() const { return registry_; }
  /// "library/nginx".
  const std::string& repository() const { return repository_; }
  /// Empty if only a digest was given.
  const std::string& tag() const { return tag_; }
  const std::optional<Digest>& digest() const { return digest_; }

  /// What the distribution API asks for: the digest if there is one, the tag otherwise.
  std::string Target() const;
  /// In full: "docker.io/library/nginx:latest". Two spellings of one image give the same.
  std::string Canonical() const;
  /// As people write it: "nginx:latest", "localhost:5000/a/b:tag".
  std::string Familiar() const;

  bool operator==(const Reference&) const = default;

 private:
  std::string registry_;
  std::string repository_;
  std::string tag_;
  std::optional<Digest> digest_;
};

}  // namespace berth::agent::images
