#include "agent/names/task_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::agent::names {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::UnorderedElementsAre;
using Addresses = std::set<std::string>;

NamedTask Task(std::string name, std::string family, std::string address,
               std::string service = "") {
  return {.name = std::move(name),
          .family = std::move(family),
          .service = std::move(service),
          .containers = {{.name = "main", .addresses = {std::move(address)}}}};
}

NameMap Names(std::vector<NamedTask> tasks) { return NamesOf(tasks); }

TEST(TaskNamesTest, ATaskHasItsNameItsFamilysAndThoseOfItsContainers) {
  const NamedTask task = {.name = "web-1",
                          .family = "web",
                          .containers = {{.name = "a", .addresses = {"10.0.0.1"}},
                                         {.name = "b", .addresses = {"10.0.0.2", "fd00::2"}}}};
  const Addresses all = {"10.0.0.1", "10.0.0.2", "fd00::2"};
  EXPECT_THAT(Names({task}),
              UnorderedElementsAre(Pair("web-1", all), Pair("web", all),
                                   Pair("a.web-1", Addresses{"10.0.0.1"}),
                                   Pair("b.web-1", Addresses{"10.0.0.2", "fd00::2"})));
}

TEST(TaskNamesTest, FamiliesAndServicesStandForAllOfTheirTasks) {
  const NameMap names = Names({Task("t1", "web", "10.0.0.1", "shop"), Task("t2", "web", "10.0.0.2"),
                               Task("t3", "job", "10.0.0.3", "shop")});
  EXPECT_EQ(names.at("web"), (Addresses{"10.0.0.1", "10.0.0.2"}));
  EXPECT_EQ(names.at("shop"), (Addresses{"10.0.0.1", "10.0.0.3"}));
  EXPECT_EQ(names.at("t3"), (Addresses{"10.0.0.3"}));
}

TEST(TaskNamesTest, ATaskNamedAfterAnothersFamilyGetsNoneOfItsConnections) {
  const NameMap names = Names({Task("db", "thief", "10.0.0.66"), Task("db-1", "db", "10.0.0.1")});
  EXPECT_EQ(names.at("db"), (Addresses{"10.0.0.1"}));
  EXPECT_EQ(names.at("main.db"), (Addresses{"10.0.0.66"})) << "its own containers' names";
}

TEST(TaskNamesTest, AFamilyNamedAfterAServiceGetsNoneOfItsConnections) {
  const NameMap names =
      Names({Task("t1", "shop", "10.0.0.66"), Task("t2", "web", "10.0.0.1", "shop")});
  EXPECT_EQ(names.at("shop"), (Addresses{"10.0.0.1"}));
}

TEST(TaskNamesTest, LettersOfAnyCaseAreOneName) {
  EXPECT_EQ(Names({Task("Web_1", "WEB", "10.0.0.1")}).at("web_1"), (Addresses{"10.0.0.1"}));
}

TEST(TaskNamesTest, WhatIsNoLabelNamesNothing) {
  for (const std::string& garbage :
       {std::string(64, 'a'), std::string("a b"), std::string("a.b"), std::string("*"),
        std::string("@"), std::string("-a"), std::string("a-"), std::string("a\nb A 10.0.0.9"),
        std::string("a;b"), std::string("$ORIGIN"), std::string("a\0b", 3), std::string("\xc3\xa4"),
        std::string("\"a\""), std::string("\\032")}) {
    EXPECT_THAT(Names({{.name = garbage,
                        .family = garbage,
                        .service = garbage,
                        .containers = {{.name = garbage, .addresses = {"10.0.0.1"}}}}}),
                IsEmpty())
        << garbage;
    NamedTask task = Task("good", "good", "10.0.0.1");
    task.containers[0].name = garbage;
    EXPECT_THAT(Names({task}), UnorderedElementsAre(Pair("good", Addresses{"10.0.0.1"})));
  }
}

TEST(TaskNamesTest, WithoutAnAddressThereIsNoName) {
  EXPECT_THAT(Names({{.name = "web", .family = "web", .containers = {{.name = "a"}}}}), IsEmpty());
}

TEST(TaskNamesTest, TheZoneHasARecordForEachAddress) {
  EXPECT_EQ(ZoneFile("berth.internal", {{"web", {"10.0.0.1", "fd00::1"}}}, 7),
            "$ORIGIN berth.internal.\n"
            "$TTL 1\n"
            "@ SOA localhost. nobody.invalid. 7 3600 600 86400 1\n"
            "@ NS localhost.\n"
            "web A 10.0.0.1\n"
            "web AAAA fd00::1\n");
}

}  // namespace
}  // namespace berth::agent::names
