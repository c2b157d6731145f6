// The three kinds of images that can be imported. Only for import's own sources.
#pragma once

#include <string>

#include "agent/images/archive.h"
#include "agent/images/import.h"
#include "agent/images/incoming.h"

namespace berth::agent::images {

/// image-spec, image-layout.md.
Result<Image> ImportOciLayout(IncomingImage& incoming, const FileSet& files,
                              const ImportOptions& options);
/// What `docker save` writes: manifest.json, and configs and layers that it names
/// (Docker Image Specification v1.2, "Combined Image JSON + Filesystem Changeset Format").
Result<Image> ImportDockerArchive(IncomingImage& incoming, const FileSet& files,
                                  const ImportOptions& options);
/// A root file system without any description: `open` gives it as a tar, perhaps compressed.
Result<Image> ImportRootfs(IncomingImage& incoming, const std::string& path,
                           const std::function<Result<std::unique_ptr<ByteSource>>()>& open,
                           const ImportOptions& options);

/// The config of an image with what the options say in its place.
void Edit(const ImportOptions& options, ImageConfig& config);
/// How the options want layers to be brought in.
LayerWork WorkOf(const ImportOptions& options);
/// A whole file; refuses one of more than `limit` bytes.
Result<std::string> ReadWhole(const FileSet& files, const std::string& name, size_t limit);

}  // namespace berth::agent::images
