// TestPlace: a directory of a test's own.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "base/sys.h"

namespace berth::scheduler {

class TestPlace {
 public:
  TestPlace() {
    char name[] = "/tmp/berth-scheduler-XXXXXX";
    EXPECT_NE(::mkdtemp(name), nullptr);
    path_ = name;
  }
  TestPlace(const TestPlace&) = delete;
  TestPlace& operator=(const TestPlace&) = delete;
  ~TestPlace() { EXPECT_TRUE(sys::RemoveTree(path_)); }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace berth::scheduler
