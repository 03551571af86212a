// What a shared library says of itself, read from its file: nothing of it is loaded.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dmt::cuda {

struct SharedObject {
  std::vector<std::string> needed;             // names of the libraries that it needs, as it spells them
  std::vector<std::filesystem::path> folders;  // where the loader looks for them (DT_RPATH or DT_RUNPATH)
};

/// Nothing if the file is not there, or is no 64-bit shared library of this machine.
std::optional<SharedObject> read_shared_object(const std::filesystem::path& file);

}  // namespace dmt::cuda
