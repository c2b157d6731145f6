#include <gtest/gtest.h>

#include "agent/images/image.h"

namespace berth::agent::images {
namespace {

TEST(ConfigDocument, ReadsWhatItWrites) {
  const ConfigDocument document = {
      .config = {.user = "1000:1000",
                 .workingDir = "/srv",
                 .entrypoint = {"/bin/web", "-x"},
                 .cmd = {"serve"},
                 .env = {"PATH=/bin", "A=b=c"},
                 .labels = {{"k", "v"}},
                 .volumes = {"/data"},
                 .exposedPorts = {"53/udp", "80/tcp"},
                 .stopSignal = "SIGINT",
                 .healthcheck = ImageHealthcheck{.test = {"CMD", "true"},
                                                 .interval = std::chrono::seconds(5),
                                                 .retries = 3},
                 .architecture = "amd64",
                 .os = "linux"},
      .diff_ids = {Digest::Of("a"), Digest::Of("b")}};
  const auto read = ParseConfigDocument(WriteConfigDocument(document));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->config, document.config);
  EXPECT_EQ(read->diff_ids, document.diff_ids);
}

TEST(ConfigDocument, TakesNullsAsDockerWritesThem) {
  const auto read = ParseConfigDocument(R"({
    "architecture": "amd64", "os": "linux", "history": [{"created_by": "x"}],
    "config": {"Entrypoint": null, "Cmd": ["sh"], "Labels": null, "ExposedPorts": null},
    "rootfs": {"type": "layers", "diff_ids": []}})");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->config.cmd, std::vector<std::string>{"sh"});
}

TEST(ConfigDocument, SaysWhereItIsWrong) {
  EXPECT_EQ(ParseConfigDocument("{}").error().message(), "image config: rootfs is required");
  EXPECT_EQ(ParseConfigDocument(R"({"config": {"Env": "A=b"},
                                    "rootfs": {"type": "layers", "diff_ids": ["sha256:1"]}})")
                .error()
                .message(),
            "image config: config.Env: must be a list, not string\n"
            "rootfs.diff_ids[0]: digest \"sha256:1\" must have 64 lower-case hexadecimal digits");
}

}  // namespace
}  // namespace berth::agent::images
