// TestDirectory: a directory of a test's own, and a place for a store in it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/sys.h"
#include "scheduler/store/sqlite_store.h"
#include "scheduler/store/store_conformance.h"

namespace berth::scheduler {

class TestDirectory {
 public:
  TestDirectory() {
    char name[] = "/tmp/berth-store-XXXXXX";
    EXPECT_NE(::mkdtemp(name), nullptr);
    path_ = name;
  }
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;
  ~TestDirectory() { EXPECT_TRUE(sys::RemoveTree(path_)); }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class SqlitePlace : public StorePlace {
 public:
  Result<std::unique_ptr<Store>> Open() override { return OpenSqliteStore(path_); }

 private:
  TestDirectory directory_;
  std::string path_ = directory_ / "store.db";
};

}  // namespace berth::scheduler
