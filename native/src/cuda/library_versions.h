// Which of NVIDIA's libraries are loaded in this process, from where, and their versions.
#pragma once

#include <string>
#include <vector>

namespace dmt::cuda {

struct LoadedLibrary {
  std::string name;  // as it calls itself, such as libcudnn.so.9
  std::string file;
  std::string version;  // as it says, such as "9.25.0"; empty if it does not
};

/// One for each of the packages that libtorch's GPU part needs, by name.
std::vector<LoadedLibrary> loaded_libraries();

}  // namespace dmt::cuda
