#include "base/files.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

#include "base/check.h"

namespace dmt {

std::string read_text_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  DMT_CHECK(std::filesystem::exists(status), path.string(), ": no such file");
  DMT_CHECK(std::filesystem::is_regular_file(status), path.string(), ": is not a regular file");
  const auto size = static_cast<int64_t>(std::filesystem::file_size(path, error));
  DMT_CHECK(!error, path.string(), ": cannot be read: ", error.message());
  DMT_CHECK(size <= kMaxTextFileBytes, path.string(), ": has ", size, " bytes, at most ", kMaxTextFileBytes,
            " are expected");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  DMT_CHECK(in, path.string(), ": cannot be opened: ", std::strerror(errno));
  std::string text(static_cast<size_t>(size), '\0');
  in.read(text.data(), size);
  DMT_CHECK(in.gcount() == size, path.string(), ": cannot be read: got ", in.gcount(), " of ", size,
            " bytes");
  return text;
}

void check_model_dir(const std::filesystem::path& model_dir) {
  std::error_code error;
  const auto status = std::filesystem::status(model_dir, error);
  DMT_CHECK(std::filesystem::exists(status), "no such model: ", model_dir.string(), " does not exist");
  DMT_CHECK(std::filesystem::is_directory(status), "no such model: ", model_dir.string(),
            " is not a folder; give the folder that holds config.json");
}

}  // namespace dmt
