/// A file that is read by position.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace dmt {

/// An open regular file. It stays readable when it is replaced or removed. It is read, never mapped: of a
/// mapped file that somebody truncates in place every access beyond the new end is a SIGBUS, which ends the
/// whole JVM.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// As it was opened, for messages.
  const std::string& path() const { return path_; }
  /// When it was opened.
  int64_t bytes() const { return bytes_; }
  /// Copies bytes [begin, begin + count). Throws if the file has become shorter or cannot be read. Threads
  /// may read at the same time.
  void read(int64_t begin, int64_t count, void* out) const;

 private:
  std::string path_;
  int fd_ = -1;
  int64_t bytes_ = 0;
};

}  // namespace dmt
