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

TEST(NameTable, IsLookedUpByFindersAsByName) {
  std::mt19937 engine(5);
  std::vector<NameTable<int>> tables(50);
  for (NameTable<int>& table : tables) {
    // Of few kinds, so that finders meet the same names again.
    for (const char* name : {"a", "b", "c", "d"}) {
      if (engine() % 4 > 0) table[name] = static_cast<int>(engine() % 1000);
    }
  }
  for (const char* name : {"a", "d", "e"}) {
    NameTable<int>::Finder finder(name);
    for (const NameTable<int>& table : tables) EXPECT_EQ(finder.In(table), table.Find(name));
    tables[7][name] = 5;
    EXPECT_EQ(*finder.In(tables[7]), 5);
    tables[7].Erase(name);
    EXPECT_EQ(finder.In(tables[7]), nullptr);
  }
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
