/// A file as read-only memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace dmt {

/// Maps a whole regular file. The memory stays readable when the file is replaced or removed; truncating
/// it in place while it is mapped is not survivable, and nothing in this project does so.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::byte* data() const { return data_; }
  int64_t bytes() const { return bytes_; }
  /// Drops the pages that lie wholly in [begin, begin + bytes) from this process's resident memory; a later
  /// read brings them back.
  void release(const std::byte* begin, int64_t bytes) const;

 private:
  const std::byte* data_ = nullptr;  // null for an empty file
  int64_t bytes_ = 0;
};

}  // namespace dmt
