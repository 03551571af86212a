#include "checkpoint/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/check.h"

namespace dmt {
namespace {

// Closes on every way out of the constructor; the mapping outlives the descriptor.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  const std::string name = path.string();
  // O_NONBLOCK: opening a pipe by mistake must fail below, not wait for a writer.
  const Descriptor file{open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  DMT_CHECK(file.fd >= 0, name, ": cannot be opened: ", std::strerror(errno));
  struct stat status {};
  DMT_CHECK(fstat(file.fd, &status) == 0, name, ": cannot be read: ", std::strerror(errno));
  DMT_CHECK(S_ISREG(status.st_mode), name, ": is not a regular file");
  if (status.st_size == 0) return;
  void* memory = mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, file.fd, 0);
  DMT_CHECK(memory != MAP_FAILED, name, ": ", status.st_size,
            " bytes cannot be mapped: ", std::strerror(errno));
  data_ = static_cast<const std::byte*>(memory);
  bytes_ = status.st_size;
}

MappedFile::~MappedFile() {
  if (data_) munmap(const_cast<std::byte*>(data_), static_cast<size_t>(bytes_));
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

void MappedFile::release(const std::byte* begin, int64_t bytes) const {
  DMT_CHECK(begin >= data_ && bytes >= 0 && bytes <= bytes_ - (begin - data_), "release() of ", bytes,
            " bytes outside the mapped file");
  const int64_t page = sysconf(_SC_PAGESIZE);
  // data_ itself is page-aligned, so pages are counted from it.
  const int64_t first = (begin - data_ + page - 1) / page * page;
  const int64_t end = (begin - data_ + bytes) / page * page;
  if (end <= first) return;
  madvise(const_cast<std::byte*>(data_) + first, static_cast<size_t>(end - first), MADV_DONTNEED);
}

}  // namespace dmt
