#pragma once

#include <dlfcn.h>

#include <filesystem>
#include <string>

#include "base/check.h"

namespace dmt {

/// A shared library that stays loaded.
class SharedLibrary {
 public:
  explicit SharedLibrary(const std::string& file) : handle_(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) fault_ = dlerror();
  }
  const std::string& fault() const { return fault_; }

  /// Null where the library has no such function; the fault then says so.
  template <typename F>
  F* function(const char* name) {
    void* address = handle_ == nullptr ? nullptr : dlsym(handle_, name);
    if (address == nullptr && fault_.empty()) fault_ = concat("it has no function ", name);
    return reinterpret_cast<F*>(address);
  }

 private:
  void* handle_;
  std::string fault_;
};

/// The folder of the library that some code or data is in.
inline std::filesystem::path folder_of_library(const void* address) {
  Dl_info info = {};
  dladdr(address, &info);
  return info.dli_fname == nullptr ? std::filesystem::path()
                                   : std::filesystem::path(info.dli_fname).parent_path();
}

}  // namespace dmt
