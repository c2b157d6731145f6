// What criu answers over its socket (protocol buffers): a response or a refusal, nothing read past
// the end, and no field there that the message doesn't hold.
#include "runtime/checkpoint/criu_messages.h"
#include "runtime/checkpoint/protobuf.h"
#include "tests/fuzz/target.h"

namespace {

using namespace berth::runtime;  // NOLINT

// Writing what was read, and reading that again, gives the same fields.
void ExpectSameFieldsAgain(std::string_view message) {
  ProtobufReader first(message);
  ProtobufWriter copy;
  std::vector<ProtobufField> fields;
  for (;;) {
    const auto field = first.Next();
    if (!field) return;
    if (!*field) break;
    fields.push_back(**field);
    if ((*field)->has_bytes) {
      copy.Bytes((*field)->field, (*field)->bytes);
    } else {
      copy.Number((*field)->field, static_cast<int64_t>((*field)->number));
    }
  }
  ProtobufReader again(copy.bytes());
  for (const ProtobufField& field : fields) {
    const auto same = again.Next();
    Expect(same && *same && (*same)->field == field.field && (*same)->number == field.number &&
               (*same)->bytes == field.bytes,
           "a field is read differently once it is written", message);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  ExpectSameFieldsAgain(message);
  const auto response = ParseCriuResponse(message);
  if (!response) return 0;
  Expect(message.find(response->script) != std::string_view::npos, "a script out of nowhere",
         message);
  Expect(message.find(response->cr_errmsg) != std::string_view::npos, "words out of nowhere",
         message);
  return 0;
}
