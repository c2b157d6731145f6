#include "agent/images/reference.h"

#include <gtest/gtest.h>

namespace berth::agent::images {
namespace {

const std::string kSomeDigest = "sha256:" + std::string(64, 'a');

std::string Canonical(std::string_view text) {
  const auto reference = Reference::Parse(text);
  return reference ? reference->Canonical() : reference.error().message();
}

std::string Familiar(std::string_view text) {
  const auto reference = Reference::Parse(text);
  return reference ? reference->Familiar() : reference.error().message();
}

TEST(Reference, FillsInWhatPeopleLeaveOut) {
  EXPECT_EQ(Canonical("nginx"), "docker.io/library/nginx:latest");
  EXPECT_EQ(Canonical("nginx:1.25"), "docker.io/library/nginx:1.25");
  EXPECT_EQ(Canonical("amazon/amazon-ecs-sample"), "docker.io/amazon/amazon-ecs-sample:latest");
  EXPECT_EQ(Canonical("docker.io/nginx"), "docker.io/library/nginx:latest");
  EXPECT_EQ(Canonical("index.docker.io/nginx"), "docker.io/library/nginx:latest");
  EXPECT_EQ(Canonical("localhost/web"), "localhost/web:latest");
  EXPECT_EQ(Canonical("localhost:5000/a/b:tag"), "localhost:5000/a/b:tag");
  EXPECT_EQ(Canonical("[::1]:5000/a"), "[::1]:5000/a:latest");
  EXPECT_EQ(Canonical("public.ecr.aws/docker/library/httpd:2.4"),
            "public.ecr.aws/docker/library/httpd:2.4");
}

TEST(Reference, KeepsTheDigestAndAddsNoTagToIt) {
  EXPECT_EQ(Canonical("web@" + kSomeDigest), "docker.io/library/web@" + kSomeDigest);
  EXPECT_EQ(Canonical("web:1@" + kSomeDigest), "docker.io/library/web:1@" + kSomeDigest);
  EXPECT_EQ(Reference::Parse("web:1@" + kSomeDigest)->Target(), kSomeDigest);
  EXPECT_EQ(Reference::Parse("web:1")->Target(), "1");
}

TEST(Reference, IsWrittenAsPeopleDo) {
  EXPECT_EQ(Familiar("docker.io/library/nginx"), "nginx:latest");
  EXPECT_EQ(Familiar("docker.io/a/b:1"), "a/b:1");
  EXPECT_EQ(Familiar("localhost:5000/b"), "localhost:5000/b:latest");
  EXPECT_EQ(Familiar("docker.io/localhost/b"), "docker.io/localhost/b:latest");
  EXPECT_EQ(Familiar("docker.io/my.org/b"), "docker.io/my.org/b:latest");
}

TEST(Reference, TakesTheSeparatorsOfTheGrammar) {
  EXPECT_EQ(Canonical("a__b/c-d/e.f---g"), "docker.io/a__b/c-d/e.f---g:latest");
  for (const char* bad :
       {"a..b", "a___b", "a._b", "-a", "a-", "a//b", "/a", "a/", "A", "a b", "é"}) {
    EXPECT_FALSE(Reference::Parse(bad)) << bad;
  }
}

TEST(Reference, SaysWhichPartIsWrong) {
  EXPECT_EQ(
      Canonical("Nginx"),
      "image name \"Nginx\": \"Nginx\" is no repository name: parts of lower-case letters and "
      "digits, joined by single \".\", \"_\", \"__\" or \"-\", separated by \"/\"");
  EXPECT_EQ(Canonical("web:-1"),
            "image name \"web:-1\": \"-1\" is no tag: up to 128 letters, digits, \"_\", \".\" and "
            "\"-\", the first neither \".\" nor \"-\"");
  EXPECT_EQ(
      Canonical("host:99999/a"),
      "image name \"host:99999/a\": \"host:99999\" is no registry: a host name or address, and "
      "perhaps a port");
  EXPECT_EQ(Canonical("web@md5:1"),
            "image name \"web@md5:1\": digest \"md5:1\" must start with \"sha256:\"");
  EXPECT_EQ(Canonical(std::string(250, 'a')),
            "image name \"" + std::string(250, 'a') + "\": longer than 255 characters");
}

TEST(Reference, NamesNoPathOutOfAStore) {
  for (const char* bad : {"..", "../a", "a/../b", "a:../b", ".", "a/./b", "%2e%2e", ""}) {
    EXPECT_FALSE(Reference::Parse(bad)) << bad;
  }
}

}  // namespace
}  // namespace berth::agent::images
