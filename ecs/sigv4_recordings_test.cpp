// What real clients signed (amazon-ecs-agent 1.83.0 and 1.101.2, aws-cli 2.9.19): API calls,
// WebSocket handshakes and the frames of the telemetry connection, recorded on the loopback.
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "ecs/sigv4.h"

namespace berth::ecs {
namespace {

struct Recorded {
  std::string what;
  http::Request request;
  std::string secret;
  bool is_frame = false;
};

std::vector<Recorded> ReadRecordings() {
  std::vector<Recorded> all;
  std::ifstream file(BERTH_ECS_WIRE "/signed-requests.jsonl");
  for (std::string line; std::getline(file, line);) {
    const Json json = *ParseJson(line);
    Recorded recorded = {.what = fmt::format("line {}", all.size() + 1),
                         .secret = json.at("secret").get<std::string>(),
                         .is_frame = json.contains("frame")};
    const std::string target = json.at("target").get<std::string>();
    if (recorded.is_frame) {
      recorded.request = ReadSignedFrame(target, json.at("frame").get<std::string>())->request;
    } else {
      recorded.request = {.method = json.at("method").get<std::string>(),
                          .target = target,
                          .body = json.at("body").get<std::string>()};
      for (const auto& [name, value] : json.at("headers").items()) {
        recorded.request.headers.Add(name, value.get<std::string>());
      }
    }
    all.push_back(std::move(recorded));
  }
  return all;
}

TEST(RecordedSignatures, OfEveryClientAreVerified) {
  const std::vector<Recorded> all = ReadRecordings();
  ASSERT_GT(all.size(), 30u);
  for (const Recorded& recorded : all) {
    const auto signature = ReadSignature(recorded.request);
    ASSERT_TRUE(signature) << recorded.what << ": " << signature.error().message;
    const auto verified =
        VerifySignature(recorded.request, *signature, recorded.secret, signature->time);
    EXPECT_TRUE(verified) << recorded.what << ": " << verified.error().message;
    http::Request altered = recorded.request;
    altered.body += "x";
    EXPECT_FALSE(VerifySignature(altered, *signature, recorded.secret, signature->time));
  }
}

TEST(RecordedSignatures, OfFramesAreWhatSignFrameMakes) {
  for (const Recorded& recorded : ReadRecordings()) {
    if (!recorded.is_frame) continue;
    const auto signature = ReadSignature(recorded.request);
    ASSERT_TRUE(signature);
    const std::string frame =
        SignFrame(recorded.request, recorded.request.body,
                  {.access_key_id = signature->access_key_id, .secret_access_key = recorded.secret},
                  {.region = signature->region, .service = signature->service}, signature->time);
    EXPECT_EQ(
        ReadSignedFrame(recorded.request.target, frame)->request.headers.Find("Authorization"),
        recorded.request.headers.Find("Authorization"))
        << recorded.what;
  }
}

}  // namespace
}  // namespace berth::ecs
