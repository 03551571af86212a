/// Replacing a file without ever showing half of it.
#pragma once

#include <cstdint>
#include <filesystem>

namespace dmt {

/// One file that is written beside its destination, as NAME.tmp.
class StagedFile {
 public:
  /// Creates the temporary and claims disk space for it, so that a full disk shows before the work begins.
  StagedFile(const std::filesystem::path& destination, int64_t bytes);
  /// Removes the temporary unless publish() was called.
  ~StagedFile();
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  void write(const void* data, int64_t bytes);
  /// Flushes to the disk and closes. Exactly the bytes claimed must have been written.
  void finish();
  /// Renames the temporary to its destination.
  void publish();

  const std::filesystem::path& destination() const { return destination_; }

 private:
  [[noreturn]] void fail_with(int error) const;

  std::filesystem::path destination_;
  std::filesystem::path temporary_;
  int64_t bytes_;
  int64_t written_ = 0;
  int fd_ = -1;
  bool published_ = false;
};

/// Flushes renames and removals in a folder to the disk.
void flush_directory(const std::filesystem::path& directory);

}  // namespace dmt
