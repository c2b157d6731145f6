#include "agent/images/credentials.h"

#include <gtest/gtest.h>

#include "agent/images/test_images.h"
#include "base/files.h"

namespace berth::agent::images {
namespace {

class DockerConfig : public testing::Test {
 protected:
  std::string Find(const std::string& json, const std::string& registry) {
    EXPECT_TRUE(ReplaceFile(path_, json));
    const auto found = ReadDockerConfig(path_, registry);
    if (!found) return found.error().message();
    return *found ? (*found)->user + " " + (*found)->password : "none";
  }

  TempDir temp_;
  std::string path_ = temp_.path() + "/config.json";
};

TEST_F(DockerConfig, IsSearchedByRegistry) {
  const std::string json = R"({"auths": {
      "https://index.docker.io/v1/": {"auth": "aHViOnNlY3JldA=="},
      "localhost:5000": {"auth": "dXNlcjpwYTpzcw=="},
      "plain.example": {"username": "u", "password": "p"}}, "HttpHeaders": {}})";
  EXPECT_EQ(Find(json, "docker.io"), "hub secret");
  EXPECT_EQ(Find(json, "localhost:5000"), "user pa:ss");
  EXPECT_EQ(Find(json, "plain.example"), "u p");
  EXPECT_EQ(Find(json, "other.example"), "none");
}

TEST_F(DockerConfig, NeedNotBeThere) {
  EXPECT_FALSE(ReadDockerConfig("", "a")->has_value());
  EXPECT_FALSE(ReadDockerConfig(temp_.path() + "/missing", "a")->has_value());
}

TEST_F(DockerConfig, SaysWhatIsWrong) {
  EXPECT_EQ(Find(R"({"auths": {"a": {"auth": "#"}}})", "a"),
            path_ + ": auths.a: auth is not base64");
  EXPECT_EQ(Find(R"({"auths": {"a": {"auth": "YQ=="}}})", "a"),
            path_ + ": auths.a: auth is not of the form user:password");
  EXPECT_EQ(Find(R"({"credHelpers": {"a": "ecr-login"}})", "a"),
            path_ +
                ": credHelpers.a: the credential helper \"ecr-login\" is not supported; give the "
                "registry an entry in auths");
  EXPECT_EQ(Find("{", "a"), path_ + ": not valid JSON at line 1 column 2");
}

}  // namespace
}  // namespace berth::agent::images
