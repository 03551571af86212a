/// For tests: files that stand beside the repository, such as golden cases.
#pragma once

#include <cstdlib>
#include <filesystem>

namespace dmt {

/// Folder with golden cases and data: $DMT_SHARED, or ../shared beside the repository. It may be absent.
inline std::filesystem::path shared_files() {
  if (const char* folder = std::getenv("DMT_SHARED")) return folder;
  return std::filesystem::path(__FILE__).parent_path() / "../../../../shared";
}

}  // namespace dmt
