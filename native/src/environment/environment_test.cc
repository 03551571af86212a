#include "environment/environment.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace {

/// The variables that the word decides, before and after a test.
class Environment : public testing::Test {
 protected:
  void SetUp() override {
    for (auto& [name, value] : before_) {
      if (const char* set = std::getenv(name.c_str())) value = set;
      unsetenv(name.c_str());
    }
  }
  void TearDown() override {
    for (const auto& [name, value] : before_) {
      if (value.empty())
        unsetenv(name.c_str());
      else
        setenv(name.c_str(), value.c_str(), 1);
    }
  }
  static std::string get(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  }

 private:
  std::map<std::string, std::string> before_ = {{"DMT_INSTRUCTIONS", ""},
                                                {"OPENBLAS_CORETYPE", ""},
                                                {"ATEN_CPU_CAPABILITY", ""},
                                                {"DNNL_MAX_CPU_ISA", ""}};
};

TEST_F(Environment, KeepsToAvx2WhereAskedTo) {
  setenv("DMT_INSTRUCTIONS", "avx2", 1);
  setenv("OPENBLAS_CORETYPE", "SkylakeX", 1);
  dmt::set_environment();
  EXPECT_EQ(get("OPENBLAS_CORETYPE"), "Haswell");
  EXPECT_EQ(get("ATEN_CPU_CAPABILITY"), "avx2");
  EXPECT_EQ(get("DNNL_MAX_CPU_ISA"), "AVX2");
}

TEST_F(Environment, LeavesTheInstructionsToTheLibrariesOtherwise) {
  setenv("OPENBLAS_CORETYPE", "Haswell", 1);
  dmt::set_environment();
  EXPECT_EQ(get("OPENBLAS_CORETYPE"), "Haswell");
  EXPECT_EQ(get("ATEN_CPU_CAPABILITY"), "");
  EXPECT_EQ(get("DNNL_MAX_CPU_ISA"), "");
}

}  // namespace
