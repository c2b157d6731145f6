#include "scheduler/placement/name_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace berth::scheduler::placement {
namespace {

TEST(NameTable, HoldsWhatAMapHolds) {
  std::mt19937 engine(3);
  NameTable<int> table;
  std::map<std::string, int> map;
  for (int i = 0; i < 5000; ++i) {
    const std::string name = "name" + std::to_string(engine() % 200);
    if (engine() % 3 == 0) {
      table.Erase(name);
      map.erase(name);
    } else {
      table[name] = i;
      map[name] = i;
    }
    ASSERT_EQ(table.size(), map.size());
  }
  for (const auto& [name, value] : map) {
    const int* found = table.Find(name);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(*found, value);
  }
  EXPECT_EQ(table.Find("name"), nullptr);
}

TEST(NameTable, HasTheSameSignatureForTheSameNames) {
  NameTable<int> a;
  NameTable<int> b;
  EXPECT_EQ(a.signature(), b.signature());
  a["x"] = 1;
  a["y"] = 2;
  b["y"] = 3;
  EXPECT_NE(a.signature(), b.signature());
  b["x"] = 4;
  b["x"] = 5;
  EXPECT_EQ(a.signature(), b.signature());
  a.Erase("x");
  a.Erase("x");
  EXPECT_NE(a.signature(), b.signature());
  b.Erase("x");
  EXPECT_EQ(a.signature(), b.signature());
}

}  // namespace
}  // namespace berth::scheduler::placement
