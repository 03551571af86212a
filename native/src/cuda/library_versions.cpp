#include "cuda/library_versions.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>

#include "base/check.h"
#include "cuda/gpu_libraries.h"

namespace dmt::cuda {
namespace {

/// How a library is asked for its version.
enum class Asked {
  kNumber,    ///< size_t f(): as cuDNN numbers itself
  kCuda,      ///< int f(int*): 13030 is 13.3
  kNccl,      ///< int f(int*): 22603 is 2.26.3
  kParts,     ///< int f(0, 1 or 2, int*): the first, second and third number
  kTwoParts,  ///< int f(int*, int*)
};
struct Question {
  const char* library;  // the name begins so
  const char* function;
  Asked asked;
};
constexpr Question kQuestions[] = {
    {"libcudart.", "cudaRuntimeGetVersion", Asked::kCuda},
    {"libcublas.", "cublasGetProperty", Asked::kParts},
    {"libcufft.", "cufftGetProperty", Asked::kParts},
    {"libcurand.", "curandGetProperty", Asked::kParts},
    {"libcusolver.", "cusolverGetProperty", Asked::kParts},
    {"libcusparse.", "cusparseGetProperty", Asked::kParts},
    {"libnvJitLink.", "nvJitLinkVersion", Asked::kTwoParts},
    {"libnvrtc.", "nvrtcVersion", Asked::kTwoParts},
    {"libcudnn.", "cudnnGetVersion", Asked::kNumber},
    {"libnccl.", "ncclGetVersion", Asked::kNccl},
};

std::string parts_of(int (*ask)(int, int*)) {
  int parts[3] = {};
  for (int i = 0; i < 3; ++i) {
    if (ask(i, &parts[i]) != 0) return "";
  }
  return concat(parts[0], ".", parts[1], ".", parts[2]);
}

std::string version_of(void* library, const Question& question) {
  void* function = dlsym(library, question.function);
  if (function == nullptr) return "";
  int number = 0, second = 0;
  switch (question.asked) {
    case Asked::kNumber:
      return cudnn_version_text(static_cast<int64_t>(reinterpret_cast<size_t (*)()>(function)()));
    case Asked::kCuda:
      if (reinterpret_cast<int (*)(int*)>(function)(&number) != 0) return "";
      return concat(number / 1000, ".", number % 1000 / 10);
    case Asked::kNccl:
      if (reinterpret_cast<int (*)(int*)>(function)(&number) != 0) return "";
      return concat(number / 10000, ".", number % 10000 / 100, ".", number % 100);
    case Asked::kParts:
      return parts_of(reinterpret_cast<int (*)(int, int*)>(function));
    case Asked::kTwoParts:
      if (reinterpret_cast<int (*)(int*, int*)>(function)(&number, &second) != 0) return "";
      return concat(number, ".", second);
  }
  return "";
}

std::string ask(const std::string& file, const std::string& name) {
  const auto* question = std::ranges::find_if(
      kQuestions, [&](const Question& known) { return name.starts_with(known.library); });
  if (question == std::end(kQuestions)) return "";
  void* library = dlopen(file.c_str(), RTLD_NOLOAD | RTLD_LAZY);
  if (library == nullptr) return "";
  const std::string version = version_of(library, *question);
  dlclose(library);  // it stays: somebody else holds it
  return version;
}

int note(dl_phdr_info* info, size_t, void* files) {
  const std::string file = info->dlpi_name;
  const std::string name = std::filesystem::path(file).filename().string();
  if (is_package(name)) static_cast<std::map<std::string, std::string>*>(files)->emplace(name, file);
  return 0;
}

}  // namespace

std::vector<LoadedLibrary> loaded_libraries() {
  std::map<std::string, std::string> files;  // none is loaded or asked while the loader's list is walked
  dl_iterate_phdr(note, &files);
  std::vector<LoadedLibrary> all;
  for (const auto& [name, file] : files) all.push_back({name, file, ask(file, name)});
  return all;
}

}  // namespace dmt::cuda
