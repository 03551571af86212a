#include "checkpoint/staged_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "base/check.h"

namespace dmt {
namespace fs = std::filesystem;

namespace {

// Errors of fallocate that writing would meet too. The others mean that the file system cannot reserve.
bool is_lack_of_space(int error) {
  return error == ENOSPC || error == EFBIG || error == EDQUOT;
}

int reserve(int fd, int64_t bytes) {
  while (bytes > 0 && fallocate(fd, 0, 0, bytes) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

}  // namespace

StagedFile::StagedFile(const fs::path& destination, int64_t bytes)
    : destination_(destination), temporary_(destination.string() + ".tmp"), bytes_(bytes) {
  std::error_code error;
  DMT_CHECK(!fs::is_directory(destination_, error), "cannot write ", destination_.string(),
            ": it is a folder");
  fd_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd_ < 0) fail_with(errno);
  const int reason = reserve(fd_, bytes_);
  if (is_lack_of_space(reason)) {
    close(fd_);
    unlink(temporary_.c_str());  // the destructor does not run for an object that was not completed
    fail_with(reason);
  }
}

StagedFile::~StagedFile() {
  if (fd_ >= 0) close(fd_);
  if (!published_) unlink(temporary_.c_str());
}

void StagedFile::fail_with(int error) const {
  std::error_code unknown;
  const fs::space_info space = fs::space(destination_.parent_path(), unknown);
  const std::string free = unknown ? "" : concat(", ", space.available, " are free");
  fail("cannot write ", destination_.string(), ": ", std::strerror(error), "; it needs ", bytes_, " bytes",
       free);
}

void StagedFile::write(const void* data, int64_t bytes) {
  const auto* next = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t count = ::write(fd_, next, static_cast<size_t>(bytes));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail_with(count < 0 ? errno : ENOSPC);
    next += count;
    bytes -= count;
    written_ += count;
  }
}

void StagedFile::finish() {
  DMT_CHECK(written_ == bytes_, "cannot write ", destination_.string(), ": got ", written_,
            " bytes, expected ", bytes_);
  if (fsync(fd_) != 0) fail_with(errno);
  const int fd = std::exchange(fd_, -1);
  if (close(fd) != 0) fail_with(errno);  // a network file system may report a full disk only here
}

void StagedFile::publish() {
  if (rename(temporary_.c_str(), destination_.c_str()) != 0) fail_with(errno);
  published_ = true;
}

void flush_directory(const fs::path& directory) {
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DMT_CHECK(fd >= 0, directory.string(), ": cannot be opened: ", std::strerror(errno));
  const int result = fsync(fd);
  const int reason = errno;
  close(fd);
  // EINVAL: file systems on which folders cannot be flushed order renames themselves.
  DMT_CHECK(result == 0 || reason == EINVAL, directory.string(),
            ": cannot be flushed: ", std::strerror(reason));
}

}  // namespace dmt
