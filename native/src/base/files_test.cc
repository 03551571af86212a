#include "base/files.h"

#include <gtest/gtest.h>

#include "base/expect_error.h"
#include "base/temp_dir.h"

namespace dmt::files_test {
namespace {

TEST(Files, ReadsEveryByteOfAFile) {
  const TempDir dir;
  const std::string content("a\0\r\n\xff", 5);
  EXPECT_EQ(read_text_file(dir.write("text", content)), content);
  EXPECT_EQ(read_text_file(dir.write("empty", "")), "");
}

TEST(Files, NamesAFileThatCannotBeRead) {
  const TempDir dir;
  EXPECT_ERROR(read_text_file(dir / "absent.json"), "absent.json: no such file");
  EXPECT_ERROR(read_text_file(dir.path()), ": is not a regular file");
}

TEST(Files, RefusesAFileThatIsTooLarge) {
  const TempDir dir;
  const auto path = dir.write("large", "");
  std::filesystem::resize_file(path, kMaxTextFileBytes + 1);
  EXPECT_ERROR(read_text_file(path), "has 67108865 bytes, at most 67108864 are expected");
}

TEST(Files, SaysThatThereIsNoSuchModel) {
  const TempDir dir;
  EXPECT_ERROR(check_model_dir(dir / "absent"),
               "no such model: " + (dir / "absent").string() + " does not exist");
  EXPECT_ERROR(check_model_dir(dir.write("file", "")),
               "is not a folder; give the folder that holds config.json");
  EXPECT_NO_THROW(check_model_dir(dir.path()));
}

}  // namespace
}  // namespace dmt::files_test
