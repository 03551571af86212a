#include "checkpoint/staged_file.h"

#include <gtest/gtest.h>

#include "base/expect_error.h"
#include "base/files.h"
#include "base/temp_dir.h"
#include "checkpoint/test_files.h"

namespace dmt::staged_file_test {
namespace {

TEST(StagedFile, AppearsOnlyWhenPublished) {
  const TempDir dir;
  const auto path = dir.write("x", "old");
  StagedFile file(path, 3);
  file.write("ne", 2);
  file.write("w", 1);
  file.finish();
  EXPECT_EQ(read_text_file(path), "old");
  file.publish();
  EXPECT_EQ(read_text_file(path), "new");
  EXPECT_FALSE(std::filesystem::exists(dir / "x.tmp"));
}

TEST(StagedFile, LeavesNothingBehindWhenItIsDropped) {
  const TempDir dir;
  const auto path = dir.write("x", "old");
  {
    StagedFile file(path, 100);
    file.write("new", 3);
    EXPECT_TRUE(std::filesystem::exists(dir / "x.tmp"));
    EXPECT_ERROR(file.finish(), "cannot write " + path.string() + ": got 3 bytes, expected 100");
  }
  EXPECT_FALSE(std::filesystem::exists(dir / "x.tmp"));
  EXPECT_EQ(read_text_file(path), "old");
}

TEST(StagedFile, ReplacesALinkAndNotWhatItPointsTo) {
  const TempDir dir;
  const auto blob = dir.write("blob", "old");
  std::filesystem::create_symlink(blob, dir / "x");
  StagedFile file(dir / "x", 3);
  file.write("new", 3);
  file.finish();
  file.publish();
  EXPECT_EQ(read_text_file(blob), "old");
  EXPECT_EQ(read_text_file(dir / "x"), "new");
}

TEST(StagedFile, RefusesPlacesThatCannotBeWritten) {
  const TempDir dir;
  std::filesystem::create_directory(dir / "sub");
  EXPECT_ERROR(StagedFile(dir / "sub", 1), "cannot write " + (dir / "sub").string() + ": it is a folder");
  EXPECT_ERROR(StagedFile(dir / "absent/x", 7), "absent/x: No such file or directory; it needs 7 bytes");
}

TEST(StagedFile, LackOfSpaceIsNoticedBeforeWriting) {
  const TempDir dir;
  const int64_t too_much = int64_t{1} << 50;  // a pebibyte
  std::string error;
  try {
    StagedFile(dir / "x", too_much);
    GTEST_SKIP() << "the file system of " << dir.path() << " cannot reserve space";
  } catch (const EngineError& caught) {
    error = caught.what();
  }
  EXPECT_TRUE(contains(error, "cannot write " + (dir / "x").string() + ": "));
  EXPECT_TRUE(contains(error, "; it needs 1125899906842624 bytes, "));
  EXPECT_TRUE(contains(error, " are free"));
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(StagedFile, LackOfSpaceIsNoticedWhileWriting) {
  const TempDir dir;
  const std::string error = error_with_file_size_limit(65536, [&] {
    StagedFile file(dir / "x", 10);  // less than is written, so that reserving succeeds
    const std::string data(100'000, 'x');
    file.write(data.data(), 100'000);  // the system takes 65536 bytes, then reports the limit
  });
  EXPECT_TRUE(
      contains(error, "cannot write " + (dir / "x").string() + ": File too large; it needs 10 bytes, "));
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

}  // namespace
}  // namespace dmt::staged_file_test
