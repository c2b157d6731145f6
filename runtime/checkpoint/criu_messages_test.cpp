#include "runtime/checkpoint/criu_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace berth::runtime {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

// What Google's protobuf library for Python writes with CRIU 3.17's rpc.proto (pycriu.rpc_pb2),
// from: type: DUMP opts { images_dir_fd: 5 pid: 1234 leave_running: true log_level: 4 log_file:
// "dump.log" root: "/r" ext_mnt { key: "/data" val: "data" } manage_cgroups: true cg_root { ctrl:
// "" path: "/c" } inherit_fd { key: "pipe:[7]" fd: 1 } manage_cgroups_mode: SOFT external:
// "net[1]:extRootNetNS" empty_ns: 1073741824 orphan_pts_master: true network_lock: NFTABLES }
constexpr char kDump[] =
    "\010\001\022h\010\005\020\322\011\030\001H\004R\010dump.log"
    "j\002/r\272\001\015\012\005/data\022\004data"
    "\300\001\001\312\001\006\012\000\022\002/c\332\001\014\012\010pipe:[7]\020\001"
    "\220\002\003\252\002\023net[1]:extRootNetNS"
    "\260\002\200\200\200\200\004\220\003\001\200\004\002";

CriuOptions OptionsOfDump() {
  CriuOptions options;
  options.images_dir_fd = 5;
  options.pid = 1234;
  options.leave_running = true;
  options.log_level = 4;
  options.log_file = "dump.log";
  options.root = "/r";
  options.ext_mnt = {{"/data", "data"}};
  options.cg_root = {{"", "/c"}};
  options.inherit_fd = {{.key = "pipe:[7]", .fd = 1}};
  options.manage_cgroups_mode = CriuCgroupMode::kSoft;
  options.external = {"net[1]:extRootNetNS"};
  options.empty_ns = 0x40000000;
  options.orphan_pts_master = true;
  options.network_lock = CriuNetworkLock::kNftables;
  return options;
}

TEST(CriuRequest, HasTheBytesThatTheProtobufLibraryWrites) {
  EXPECT_EQ(EncodeCriuRequest(CriuRequestType::kDump, OptionsOfDump()),
            std::string(kDump, sizeof kDump - 1));
}

TEST(CriuRequest, SaysNothingOfWhatIsNotAsked) {
  EXPECT_EQ(EncodeCriuRequest(CriuRequestType::kRestore, {.images_dir_fd = 0}),
            "\x08\x02\x12\x02\x08\x00"s);
}

TEST(CriuRequest, AnswersNotifications) {
  EXPECT_EQ(EncodeCriuNotified(true), "\x08\x06\x18\x01"s);
  EXPECT_EQ(EncodeCriuNotified(false), "\x08\x06\x18\x00"s);
}

TEST(CriuResponse, TellsOfNotifications) {
  const auto response =
      ParseCriuResponse("\x08\x06\x10\x01\x2a\x12\x0a\x0cpost-restore\x10\x92\xf7\x01"s);
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_TRUE(response->Is(CriuRequestType::kNotify));
  EXPECT_TRUE(response->success);
  EXPECT_EQ(response->script, "post-restore");
  EXPECT_EQ(response->script_pid, 31634);
}

TEST(CriuResponse, TellsWhoWasRestored) {
  const auto response = ParseCriuResponse("\x08\x02\x10\x01\x22\x03\x08\xd2\x09"s);
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_TRUE(response->Is(CriuRequestType::kRestore));
  EXPECT_EQ(response->restored, 1234);
}

TEST(CriuResponse, TellsWhyItFailed) {
  const auto response = ParseCriuResponse(
      "\x08\x01\x10\x00\x38\x10\x4a\x04"
      "busy"s);
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_FALSE(response->success);
  EXPECT_EQ(response->cr_errno, EBUSY);
  EXPECT_EQ(response->cr_errmsg, "busy");
}

TEST(CriuResponse, MayHaveFieldsOfLaterVersions) {
  const auto response = ParseCriuResponse("\x08\x01\x10\x01\xfa\x3f\x02hi\x80\x40\x05"s);
  ASSERT_TRUE(response) << response.error().message();
  EXPECT_TRUE(response->success);
}

TEST(CriuResponse, IsRefusedWithoutItsRequiredFields) {
  for (const std::string& message : {""s, "\x08\x01"s, "\x10\x01"s}) {
    const auto response = ParseCriuResponse(message);
    ASSERT_FALSE(response);
    EXPECT_THAT(response.error().message(), HasSubstr("CRIU's answer"));
  }
}

TEST(CriuResponse, IsRefusedWhereAFieldIsOfAnotherType) {
  EXPECT_FALSE(ParseCriuResponse("\x0a\x01x\x10\x01"s));                  // type as text
  EXPECT_FALSE(ParseCriuResponse("\x08\x06\x10\x01\x28\x01"s));           // notify as a number
  EXPECT_FALSE(ParseCriuResponse("\x08\x06\x10\x01\x2a\x02\x08\x01"s));   // script as a number
  EXPECT_FALSE(ParseCriuResponse("\x08\x06\x10\x01\x2a\x03\x0a\x09x"s));  // script breaks off
  EXPECT_FALSE(ParseCriuResponse("\x08\x80\x80\x80\x80\x08\x10\x01"s));   // type of 32 bits
}

// Whatever comes: an answer or a refusal, and nothing read past the end (the sanitizers see that).
TEST(CriuResponse, OutlivesGarbage) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> byte(0, 255);
  const std::string good = "\x08\x06\x10\x01\x2a\x12\x0a\x0cpost-restore\x10\x92\xf7\x01"s;
  size_t refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string message = good.substr(0, static_cast<size_t>(byte(random)) % (good.size() + 1));
    for (int changes = byte(random) % 4; changes > 0 && !message.empty(); --changes) {
      message[static_cast<size_t>(byte(random)) % message.size()] = static_cast<char>(byte(random));
    }
    if (!ParseCriuResponse(std::string_view(message))) ++refused;
  }
  EXPECT_GT(refused, 10000U);
  EXPECT_LT(refused, 20000U);
}

}  // namespace
}  // namespace berth::runtime
