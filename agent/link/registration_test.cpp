#include "agent/link/registration.h"

#include <gmock/gmock.h>

#include "agent/link/fake_scheduler.h"
#include "ecs/api/cluster.h"

namespace berth::agent::link {
namespace {

using testing::HasSubstr;

constexpr const char* kArn = "arn:aws:ecs:us-east-1:1:container-instance/default/i";

class RegistrationTest : public testing::Test {
 protected:
  RegistrationTest() {
    at.answers["RegisterContainerInstance"] = [this](const std::string&) { return Registered(); };
  }

  // An answer that has taken every attribute but `without`.
  http::Response Registered(const std::string& without = "") const {
    ecs::api::ContainerInstanceResponse response;
    response.containerInstance.containerInstanceArn = kArn;
    for (const auto& each : Capabilities()) {
      if (each.name != without) response.containerInstance.attributes.push_back(each);
    }
    return FakeScheduler::Says(ecs::api::FormatBody(response));
  }
  // How it came out: the ARN, or the error.
  std::string Register() {
    std::optional<Result<RegisteredInstance>> outcome;
    Registration registration(at.loop, *at.api, *at.book);
    registration.Begin([&](Result<RegisteredInstance> result) { outcome = std::move(result); });
    EXPECT_TRUE(at.Until([&] { return outcome.has_value(); }));
    if (!outcome) return "still trying";
    return *outcome ? (*outcome)->arn : outcome->error().message();
  }

  FakeScheduler at;
};

TEST_F(RegistrationTest, RemembersWhatItWasRegisteredAs) {
  EXPECT_EQ(Register(), kArn);
  EXPECT_EQ(**at.book->Fact("container-instance-arn"), kArn);
  EXPECT_THAT(at.heard.front().second, testing::Not(HasSubstr("containerInstanceArn")));
  EXPECT_EQ(Register(), kArn);
  EXPECT_THAT(at.heard.back().second, HasSubstr(kArn));
}

TEST_F(RegistrationTest, MakesTheDefaultClusterIfItIsNotThere) {
  bool made = false;
  at.answers["CreateCluster"] = [&](const std::string& body) {
    EXPECT_THAT(body, HasSubstr("default"));
    made = true;
    return FakeScheduler::Says(ecs::api::FormatBody(ecs::api::ClusterResponse()));
  };
  at.answers["RegisterContainerInstance"] = [&](const std::string&) {
    return made ? Registered() : FakeScheduler::Refusal("ClusterNotFoundException");
  };
  EXPECT_EQ(Register(), kArn);
  EXPECT_TRUE(made);
}

TEST_F(RegistrationTest, MakesNoClusterThatWasNamed) {
  at.settings.cluster = "lab";
  at.answers["RegisterContainerInstance"] = [](const std::string&) {
    return FakeScheduler::Refusal("ClusterNotFoundException");
  };
  EXPECT_THAT(Register(), HasSubstr("ClusterNotFoundException"));
  EXPECT_EQ(at.Heard("CreateCluster"), 0u);
}

TEST_F(RegistrationTest, RefusesASchedulerThatTookNotEveryAttribute) {
  at.answers["RegisterContainerInstance"] = [this](const std::string&) {
    return Registered("ecs.os-type");
  };
  EXPECT_THAT(Register(), HasSubstr("ecs.os-type"));
  EXPECT_FALSE(*at.book->Fact("container-instance-arn"));
}

TEST_F(RegistrationTest, EndsAtWhatAnotherTryWouldNotMend) {
  at.answers["RegisterContainerInstance"] = [](const std::string&) {
    return FakeScheduler::Refusal("UnrecognizedClientException");
  };
  EXPECT_THAT(Register(), HasSubstr("UnrecognizedClientException"));
  EXPECT_EQ(at.Heard("RegisterContainerInstance"), 1u);
}

TEST_F(RegistrationTest, DoesNotMoveToAnotherClusterByItself) {
  EXPECT_EQ(Register(), kArn);
  at.settings.cluster = "lab";
  EXPECT_THAT(Register(), HasSubstr("deregister it there"));
}

TEST_F(RegistrationTest, TriesOnWhileTheSchedulerIsBusy) {
  at.answers["RegisterContainerInstance"] = [](const std::string&) {
    return http::Response{.status = 503, .body = "busy"};
  };
  bool told = false;
  Registration registration(at.loop, *at.api, *at.book);
  registration.Begin([&](const Result<RegisteredInstance>&) { told = true; });
  ASSERT_TRUE(at.Until([&] { return at.Heard("RegisterContainerInstance") == 1; }));
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace berth::agent::link
