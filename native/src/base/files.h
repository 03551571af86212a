/// Small text files, and the folder of a model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace dmt {

/// Largest text file that is read: configs and weight indexes are far smaller.
constexpr int64_t kMaxTextFileBytes = int64_t{64} << 20;

/// The whole file. Throws if it is missing, no regular file, unreadable or larger than kMaxTextFileBytes.
std::string read_text_file(const std::filesystem::path& path);

/// Throws "no such model: ..." unless the path is an existing folder.
void check_model_dir(const std::filesystem::path& model_dir);

}  // namespace dmt
