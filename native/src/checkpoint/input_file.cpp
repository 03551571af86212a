#include "checkpoint/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/check.h"

namespace dmt {

InputFile::InputFile(const std::filesystem::path& path) : path_(path.string()) {
  // O_NONBLOCK: opening a pipe by mistake must fail below, not wait for a writer.
  const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  DMT_CHECK(fd >= 0, path_, ": cannot be opened: ", std::strerror(errno));
  struct stat status {};
  const int error = fstat(fd, &status) == 0 ? 0 : errno;
  if (error != 0 || !S_ISREG(status.st_mode)) {
    close(fd);
    DMT_CHECK(error == 0, path_, ": cannot be read: ", std::strerror(error));
    fail(path_, ": is not a regular file");
  }
  fd_ = fd;
  bytes_ = status.st_size;
}

InputFile::~InputFile() {
  close(fd_);
}

void InputFile::read(int64_t begin, int64_t count, void* out) const {
  DMT_CHECK(begin >= 0 && count >= 0 && begin <= bytes_ && count <= bytes_ - begin, path_, ": has ", bytes_,
            " bytes; ", count, " from byte ", begin, " were asked for");
  auto* to = static_cast<std::byte*>(out);
  for (int64_t done = 0; done < count;) {
    constexpr int64_t kMost = int64_t{1} << 30;  // Linux reads a little less than 2^31 bytes at once
    const ssize_t got =
        pread(fd_, to + done, static_cast<size_t>(std::min(kMost, count - done)), begin + done);
    if (got < 0 && errno == EINTR) continue;
    DMT_CHECK(got >= 0, path_, ": cannot be read at byte ", begin + done, ": ", std::strerror(errno));
    DMT_CHECK(got > 0, path_, ": was truncated while it was being read: ends at byte ", begin + done,
              ", had ", bytes_, " bytes when it was opened");
    done += got;
  }
}

}  // namespace dmt
