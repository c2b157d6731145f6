#include <nlohmann/json.hpp>

#include "net/cni/commands.h"

namespace berth::net::cni {
namespace {

/// Since which version a command is one.
std::string_view Since(Command command) {
  switch (command) {
    case Command::kCheck:
      return "0.4.0";
    case Command::kGc:
    case Command::kStatus:
      return "1.1.0";
    default:
      return SupportedVersions().front();
  }
}

Answer<Done> Dispatch(const Call& call) {
  switch (call.request.command) {
    case Command::kAdd:
      return Add(call);
    case Command::kDel:
      return Del(call);
    case Command::kCheck:
      return Check(call);
    case Command::kGc:
      return CollectGarbage(call);
    default:
      return Status(call);
  }
}

/// The version to answer in, before anything has been found to be right.
std::string VersionOf(const Json& document) {
  const std::string& newest = SupportedVersions().back();
  if (!document.is_object()) return newest;
  const auto field = document.find("cniVersion");
  return field != document.end() && field->is_string() ? field->get<std::string>() : newest;
}

Answer<Done> RunCommand(const Call& call) {
  const NetworkHeader header = TRY_ANSWER(ReadHeader(call.document));
  const std::string_view since = Since(call.request.command);
  if (!IsAtLeast(header.cniVersion, since)) {
    return Fail(Code::kIncompatibleVersion,
                fmt::format("cniVersion: {} does not have this command; it came with {}",
                            header.cniVersion, since));
  }
  return Dispatch(call);
}

Outcome Failed(std::string_view cni_version, const Failure& failure) {
  return {.status = 1, .out = FormatFailure(cni_version, failure)};
}

}  // namespace

Outcome Run(const Variables& variables, const Result<std::string>& standard_input,
            const Paths& paths) {
  const auto request = ReadRequest(variables);
  if (!request) return Failed(SupportedVersions().back(), request.error());
  if (!standard_input) {
    return Failed(SupportedVersions().back(),
                  {Code::kInputOutput,
                   fmt::format("read standard input: {}", standard_input.error().message())});
  }
  auto document = ParseJson(*standard_input);
  if (request->command == Command::kVersion) {
    // Some runtimes ask without a document.
    return {.out = FormatVersions(VersionOf(document ? *document : Json()))};
  }
  if (!document) {
    return Failed(SupportedVersions().back(),
                  {Code::kUndecodable, fmt::format("network configuration on standard input: {}",
                                                   document.error().message())});
  }
  const std::string version = VersionOf(*document);
  auto done = RunCommand({.request = *request, .document = *document, .paths = paths});
  if (!done) return Failed(version, done.error());
  return {.out = std::move(done->out), .afterwards = std::move(done->afterwards)};
}

}  // namespace berth::net::cni
