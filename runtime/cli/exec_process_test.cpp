#include "runtime/cli/exec_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::runtime::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;

constexpr Option kSomeOfExec[] = {
    {"user", 'u', "U", ""},
    {"env", 'e', "E", ""},
    {"cap", 'c', "C", ""},
    {"apparmor", 0, "PROFILE", ""},
    {"process-label", 0, "LABEL", ""},
    {"tty", 't', nullptr, ""},
    {"cwd", 0, "DIR", ""},
    {"process", 'p', "FILE", ""},
};

Result<Process> Executed(std::vector<std::string> words) {
  Spec spec;
  spec.process.args = {"init"};
  spec.process.env = {"PATH=/bin", "A=1"};
  spec.process.user.uid = 7;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return ProcessToExecute(spec, TRY(ParseArguments(kSomeOfExec, Order::kOptionsFirst, pointers)));
}

TEST(ExecProcess, StartsFromTheContainersOwn) {
  const auto process = Executed({"-e", "A=2", "-e", "B=3", "--cap", "net_raw", "c1", "ls", "-l"});
  ASSERT_TRUE(process);
  EXPECT_THAT(process->args, ElementsAre("ls", "-l"));
  EXPECT_THAT(process->env, ElementsAre("PATH=/bin", "A=2", "B=3"));
  EXPECT_THAT(process->capabilities.effective, Contains("CAP_NET_RAW"));
  EXPECT_TRUE(process->capabilities.inheritable.empty());
  EXPECT_EQ(process->user.uid, 7U);
}

TEST(ExecProcess, TakesLabels) {
  const auto process = Executed({"--apparmor", "p", "--process-label", "a:b:c", "c1", "x"});
  EXPECT_EQ(process->apparmorProfile, "p");
  EXPECT_EQ(process->selinuxLabel, "a:b:c");
}

TEST(ExecProcess, TakesUsersByNumberAlone) {
  EXPECT_EQ(Executed({"-u", "5:6", "c1", "id"})->user.gid, 6U);
  for (const char* user :
       {"", "root", "5:", ":5", "5:6:7", "5 ", " 5", "-1", "+5", "0x5", "5:g", "4294967296"}) {
    EXPECT_FALSE(Executed({"-u", user, "c1", "id"})) << user;
  }
}

TEST(ExecProcess, NamesWhatIsWrong) {
  EXPECT_EQ(Executed({"c1"}).error().message(), "no program is given to execute");
  EXPECT_EQ(Executed({"-e", "A", "c1", "x"}).error().message(), "--env A: must be NAME=VALUE");
  EXPECT_EQ(Executed({"-u", "5:g", "c1", "x"}).error().message(),
            "--user 5:g: must be UID or UID:GID, as numbers below 4294967295");
  EXPECT_EQ(Executed({"-c", "nope", "c1", "x"}).error().message(),
            "--cap: unknown capability \"CAP_NOPE\"");
}

}  // namespace
}  // namespace berth::runtime::cli
