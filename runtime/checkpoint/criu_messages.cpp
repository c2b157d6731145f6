#include "runtime/checkpoint/criu_messages.h"

#include <limits>

#include "runtime/checkpoint/protobuf.h"

namespace berth::runtime {
namespace {

// --- Requests. The numbers are those of the fields in rpc.proto. ---

// A message's fields, left out where they say nothing.
class Fields {
 public:
  void Flag(uint32_t field, bool value) {
    if (value) writer_.Number(field, 1);
  }
  void Number(uint32_t field, int64_t value) {
    if (value != 0) writer_.Number(field, value);
  }
  void Fd(uint32_t field, int value) {
    if (value >= 0) writer_.Number(field, value);
  }
  void Text(uint32_t field, std::string_view value) {
    if (!value.empty()) writer_.Bytes(field, value);
  }
  template <typename Enum>
  void Choice(uint32_t field, const std::optional<Enum>& value) {
    if (value) writer_.Number(field, static_cast<int64_t>(*value));
  }
  void Pairs(uint32_t field, const std::vector<CriuPair>& pairs) {
    for (const CriuPair& pair : pairs) {
      ProtobufWriter inside;
      inside.Bytes(1, pair.first);
      inside.Bytes(2, pair.second);
      writer_.Bytes(field, inside.bytes());
    }
  }
  ProtobufWriter& writer() { return writer_; }
  const std::string& bytes() const { return writer_.bytes(); }

 private:
  ProtobufWriter writer_;
};

void AddPageServer(Fields& fields, const std::optional<CriuPageServer>& server) {
  if (!server) return;
  ProtobufWriter inside;
  inside.Bytes(1, server->address);
  inside.Number(2, server->port);
  fields.writer().Bytes(11, inside.bytes());
}

void AddInheritedFds(Fields& fields, const std::vector<CriuInheritedFd>& inherited) {
  for (const CriuInheritedFd& fd : inherited) {
    ProtobufWriter inside;
    inside.Bytes(1, fd.key);
    inside.Number(2, fd.fd);
    fields.writer().Bytes(27, inside.bytes());
  }
}

std::string EncodeOptions(const CriuOptions& options) {
  Fields fields;
  fields.writer().Number(1, options.images_dir_fd);  // required
  fields.Number(2, options.pid);
  fields.Flag(3, options.leave_running);
  fields.Flag(4, options.ext_unix_sk);
  fields.Flag(5, options.tcp_established);
  fields.Flag(6, options.evasive_devices);
  fields.Flag(7, options.shell_job);
  fields.Flag(8, options.file_locks);
  fields.Number(9, options.log_level);
  fields.Text(10, options.log_file);
  AddPageServer(fields, options.ps);
  fields.Flag(12, options.notify_scripts);
  fields.Text(13, options.root);
  fields.Text(14, options.parent_img);
  fields.Flag(15, options.track_mem);
  fields.Flag(16, options.auto_dedup);
  fields.Fd(17, options.work_dir_fd);
  fields.Flag(18, options.link_remap);
  fields.Pairs(23, options.ext_mnt);
  fields.Flag(24, options.manage_cgroups_mode.has_value());  // versions before the mode read this
  fields.Pairs(25, options.cg_root);
  fields.Flag(26, options.rst_sibling);
  AddInheritedFds(fields, options.inherit_fd);
  fields.Choice(34, options.manage_cgroups_mode);
  for (const std::string& external : options.external) fields.Text(37, external);
  fields.Number(38, options.empty_ns);
  fields.Pairs(39, options.join_ns);
  fields.Text(44, options.freeze_cgroup);
  fields.Flag(46, options.tcp_skip_in_flight);
  fields.Flag(48, options.lazy_pages);
  fields.Flag(50, options.orphan_pts_master);
  fields.Text(51, options.config_file);
  fields.Flag(52, options.tcp_close);
  fields.Text(53, options.lsm_profile);
  fields.Text(63, options.lsm_mount_context);
  fields.Choice(64, options.network_lock);
  return fields.bytes();
}

// --- Responses ---

// int32: negative ones come as 64 bits.
Result<int> Int32(const ProtobufField& field) {
  const auto value = static_cast<int64_t>(field.number);
  if (field.has_bytes || value < std::numeric_limits<int>::min() ||
      value > std::numeric_limits<int>::max()) {
    return MakeError("field {} is no number of 32 bits", field.field);
  }
  return static_cast<int>(value);
}

Result<std::string_view> Bytes(const ProtobufField& field) {
  if (!field.has_bytes) return MakeError("field {} is a number", field.field);
  return field.bytes;
}

// `read` gets each field of the message.
template <typename Read>
Result<void> ForEachField(std::string_view message, Read read) {
  ProtobufReader reader(message);
  while (const auto field = TRY(reader.Next())) TRY(read(*field));
  return {};
}

Result<void> ReadRestored(std::string_view message, CriuResponse& response) {
  return ForEachField(message, [&](const ProtobufField& field) -> Result<void> {
    if (field.field == 1) response.restored = TRY(Int32(field));
    return {};
  });
}

Result<void> ReadNotify(std::string_view message, CriuResponse& response) {
  return ForEachField(message, [&](const ProtobufField& field) -> Result<void> {
    if (field.field == 1) response.script = TRY(Bytes(field));
    if (field.field == 2) response.script_pid = TRY(Int32(field));
    return {};
  });
}

struct Required {
  bool type = false;
  bool success = false;
};

Result<void> ReadField(const ProtobufField& field, CriuResponse& response, Required& required) {
  switch (field.field) {
    case 1:
      response.type = TRY(Int32(field));
      required.type = true;
      break;
    case 2:
      response.success = TRY(Int32(field)) != 0;
      required.success = true;
      break;
    case 4:
      return ReadRestored(TRY(Bytes(field)), response);
    case 5:
      return ReadNotify(TRY(Bytes(field)), response);
    case 7:
      response.cr_errno = TRY(Int32(field));
      break;
    case 9:
      response.cr_errmsg = TRY(Bytes(field));
      break;
    default:
      break;
  }
  return {};
}

}  // namespace

std::string EncodeCriuRequest(CriuRequestType type, const CriuOptions& options) {
  ProtobufWriter request;
  request.Number(1, static_cast<int64_t>(type));
  request.Bytes(2, EncodeOptions(options));
  return request.bytes();
}

std::string EncodeCriuNotified(bool success) {
  ProtobufWriter request;
  request.Number(1, static_cast<int64_t>(CriuRequestType::kNotify));
  request.Number(3, success ? 1 : 0);
  return request.bytes();
}

Result<CriuResponse> ParseCriuResponse(std::string_view message) {
  CriuResponse response;
  Required required;
  TRY(ForEachField(message, [&](const ProtobufField& field) {
        return ReadField(field, response, required);
      }).Context("CRIU's answer"));
  if (!required.type || !required.success) {
    return MakeError("CRIU's answer has no type, or doesn't say whether it went well");
  }
  return response;
}

}  // namespace berth::runtime
