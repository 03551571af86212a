#include "cuda/gpu_libraries.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>

#include "base/check.h"
#include "cuda/shared_object.h"

namespace dmt::cuda {
namespace {

using std::filesystem::path;

constexpr int64_t kCudnnMajor = 9;
constexpr int32_t kCudaMajor = 13;  // of the presets' libtorch; counts where no libcudart is named

/// Entries of a folder, by name; none if it is not there.
std::vector<path> entries(const path& folder) {
  std::vector<path> all;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) all.push_back(entry.path());
  std::ranges::sort(all);
  return all;
}

bool begins_with(const path& file, const std::string& prefix) {
  return file.filename().string().starts_with(prefix);
}

/// Collects folders that exist, each once.
class Folders {
 public:
  explicit Folders(int32_t cuda_major) : own_(concat("cu", cuda_major)) {}

  void add(const path& folder) {
    std::error_code ignored;
    const path canonical = std::filesystem::canonical(folder, ignored);
    if (ignored || !std::filesystem::is_directory(canonical, ignored)) return;
    if (known_.insert(canonical).second) all_.push_back(folder.lexically_normal());
  }
  /// nvidia/*/lib, as pip's packages of NVIDIA have it. nvidia/cu13 holds several packages of CUDA 13.
  void add_pip(const path& site_packages) {
    add(site_packages / "nvidia" / own_ / "lib");
    for (const path& package : entries(site_packages / "nvidia")) {
      if (!is_other_cuda(package.filename().string())) add(package / "lib");
    }
  }
  /// lib/python3*/site-packages, and Debian's dist-packages.
  void add_pythons(const path& lib) {
    for (const path& python : entries(lib)) {
      if (!begins_with(python, "python3")) continue;
      add_pip(python / "site-packages");
      add_pip(python / "dist-packages");
    }
  }
  void add_toolkit(const path& home) {
    add(home / "lib64");
    add(home / "lib");
    add(home / "extras/CUPTI/lib64");
  }
  /// Jars of CUDA that JavaCPP has unpacked, folders within folders.
  void add_javacpp(const path& cache) {
    for (const path& jar : entries(cache)) {
      if (!begins_with(jar, "cuda")) continue;
      std::error_code ignored;
      for (const auto& entry : std::filesystem::recursive_directory_iterator(jar, ignored)) {
        if (entry.path().filename().string().find(".so") != std::string::npos)
          add(entry.path().parent_path());
      }
    }
  }
  std::vector<path> all() const { return all_; }

 private:
  /// "cu12" where CUDA 13 is meant, and the other way round.
  bool is_other_cuda(const std::string& name) const {
    return name.starts_with("cu") && name.find_first_not_of("0123456789", 2) == std::string::npos &&
           name != own_;
  }

  std::string own_;
  std::set<path> known_;
  std::vector<path> all_;
};

/// [Note: finding libraries] A library that is loaded already serves everyone who needs its name, from
/// wherever it was loaded. So each is loaded by its path before those that need it.
class Finder {
 public:
  Finder(const std::vector<path>& folders, const std::function<bool(const std::string&)>& loader_finds)
      : folders_(folders), loader_finds_(loader_finds) {}

  void find_needs_of(const path& file, const SharedObject& object) {
    for (const std::string& name : object.needed) {
      if (seen_.insert(name).second) find(name, file, object);
    }
  }
  const GpuLibraryPlan& plan() const { return plan_; }

 private:
  void find(const std::string& name, const path& needed_by, const SharedObject& object) {
    if (find_in(object.folders, name) || loader_finds_(name)) return;
    const std::optional<path> file = find_in(folders_, name);
    if (file.has_value())
      plan_.order.push_back(*file);
    else
      plan_.missing.push_back({name, needed_by.filename().string()});
  }

  /// The first file of that name, after what it needs itself was found.
  std::optional<path> find_in(const std::vector<path>& folders, const std::string& name) {
    for (const path& folder : folders) {
      const path file = folder / name;
      const auto object = read_shared_object(file);
      if (!object.has_value()) continue;
      find_needs_of(file, *object);
      return file;
    }
    return std::nullopt;
  }

  const std::vector<path>& folders_;
  const std::function<bool(const std::string&)>& loader_finds_;
  std::set<std::string> seen_;
  GpuLibraryPlan plan_;
};

constexpr const char* kCudaRuntime = "libcudart.so.";

/// The N of libcudart.so.N that libtorch's GPU part needs.
int32_t cuda_major_of(const path& torch_lib_folder) {
  const std::string runtime = kCudaRuntime;
  for (const char* name : {"libc10_cuda.so", "libtorch_cuda.so"}) {
    const auto object = read_shared_object(torch_lib_folder / name);
    if (!object.has_value()) continue;
    for (const std::string& needed : object->needed) {
      if (needed.starts_with(runtime)) return std::atoi(needed.c_str() + runtime.size());
    }
  }
  return kCudaMajor;
}

path variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? path() : path(value);
}

/// Loads by a path, or by a name that the loader finds by itself. What is loaded stays. @return the fault
std::string load(const std::string& library) {
  if (dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr) return "";
  return dlerror();
}

/// The folder of a library that is loaded; empty if it is not.
path folder_of_loaded(const std::string& name) {
  void* handle = dlopen(name.c_str(), RTLD_NOLOAD | RTLD_LAZY);
  if (handle == nullptr) return {};
  link_map* map = nullptr;
  const int found = dlinfo(handle, RTLD_DI_LINKMAP, &map);
  dlclose(handle);  // it stays: somebody else holds it
  return found == 0 && map != nullptr ? path(map->l_name).parent_path() : path();
}

struct Package {
  const char* library;  // names begin so
  const char* first;    // the name of the one that the others come with
  const char* pip;
  bool pip_names_cuda;    // "-cu13" follows with CUDA 13, too; with CUDA 12 "-cu12" always does
  const char* otherwise;  // another way to get it, in which a # is CUDA's major version
};
constexpr const char* kToolkit = "the CUDA # toolkit";
constexpr const char* kToolkitOrJar =
    "the CUDA # toolkit, or, with CUDA 13, the jar org.bytedeco:cuda-redist";
/// In the order in which they are told.
constexpr Package kPackages[] = {
    {"libcudart.", "libcudart", "nvidia-cuda-runtime", false, kToolkitOrJar},
    {"libcublas", "libcublas", "nvidia-cublas", false, kToolkit},
    {"libcufft", "libcufft", "nvidia-cufft", false, kToolkitOrJar},
    {"libcufile", "libcufile", "nvidia-cufile", false, kToolkitOrJar},
    {"libcupti.", "libcupti", "nvidia-cuda-cupti", false, kToolkitOrJar},
    {"libcurand.", "libcurand", "nvidia-curand", false, kToolkitOrJar},
    {"libcusolver", "libcusolver", "nvidia-cusolver", false, kToolkit},
    {"libcusparse.", "libcusparse", "nvidia-cusparse", false, kToolkit},
    {"libnvJitLink.", "libnvJitLink", "nvidia-nvjitlink", false, kToolkitOrJar},
    {"libnvrtc", "libnvrtc", "nvidia-cuda-nvrtc", false, kToolkitOrJar},
    {"libnvToolsExt.", "libnvToolsExt", "nvidia-nvtx", false, kToolkit},
    {"libcudnn", "libcudnn", "nvidia-cudnn", true, "apt install libcudnn9-cuda-#"},
    {"libnccl.", "libnccl", "nvidia-nccl", true, "apt install libnccl2"},
    {"libcusparseLt.", "libcusparseLt", "nvidia-cusparselt", true, nullptr},
    {"libnvshmem", "libnvshmem_host", "nvidia-nvshmem", true, nullptr},
};

const Package* package_of(const std::string& name) {
  return std::ranges::find_if(kPackages,
                              [&](const Package& known) { return name.starts_with(known.library); });
}

std::vector<MissingLibrary> by_package(std::vector<MissingLibrary> missing) {
  std::ranges::stable_sort(missing, {}, [](const MissingLibrary& one) { return package_of(one.name); });
  return missing;
}

std::string missing_text(const path& library, const GpuLibraryPlan& plan, const std::vector<path>& folders,
                         int32_t cuda_major) {
  const std::vector<MissingLibrary> missing = by_package(plan.missing);
  std::string text = concat(library.string(), " needs what is not there: ");
  for (size_t i = 0; i < missing.size(); ++i) {
    const auto& [name, needed_by] = missing[i];
    text += concat(i == 0 ? "" : ", ", name);
    if (needed_by != library.filename().string()) text += concat(" of ", needed_by);
    text += concat(" (", library_remedy(name, cuda_major), ")");
  }
  text += "; looked where the loader looks (LD_LIBRARY_PATH)";
  for (const path& folder : folders) text += concat(", in ", folder.string());
  return text;
}

std::string& explanation() {
  static std::string text;
  return text;
}

}  // namespace

void explain_cpu_libtorch(const std::string& why) {
  explanation() = why;
}

std::string cpu_libtorch_explanation() {
  return explanation();
}

std::string library_remedy(const std::string& name, int32_t cuda_major) {
  if (name.starts_with("libcuda.") || name.starts_with("libnvidia-")) return "of the NVIDIA driver";
  const Package* package = package_of(name);
  if (package == std::end(kPackages)) return "put its folder into LD_LIBRARY_PATH";
  std::string text = concat("pip install ", package->pip);
  if (package->pip_names_cuda || cuda_major < 13) text += concat("-cu", cuda_major);
  if (package->otherwise == nullptr) return text;
  std::string otherwise = package->otherwise;
  const size_t at = otherwise.find('#');
  if (at != std::string::npos) otherwise.replace(at, 1, std::to_string(cuda_major));
  return concat(text, ", or ", otherwise);
}

std::vector<path> gpu_library_folders(const LibraryRoots& roots, int32_t cuda_major) {
  Folders folders(cuda_major);
  folders.add(roots.torch_lib_folder);
  folders.add_pip(roots.torch_lib_folder / "../..");  // site-packages, if this is .../site-packages/torch/lib
  if (!roots.virtual_env.empty()) folders.add_pythons(roots.virtual_env / "lib");
  if (!roots.conda_prefix.empty()) {
    folders.add_pythons(roots.conda_prefix / "lib");
    folders.add(roots.conda_prefix / "lib");
  }
  if (!roots.cuda_home.empty()) folders.add_toolkit(roots.cuda_home);
  folders.add_toolkit(roots.system / concat("usr/local/cuda-", cuda_major));
  folders.add_toolkit(roots.system / "usr/local/cuda");
  folders.add(roots.system / "usr/lib/x86_64-linux-gnu");
  folders.add(roots.system / "usr/lib64");
  if (!roots.home.empty()) folders.add_pythons(roots.home / ".local/lib");
  folders.add_pythons(roots.system / "usr/local/lib");
  folders.add_pythons(roots.system / "usr/lib");
  if (!roots.home.empty()) folders.add_javacpp(roots.home / ".javacpp/cache");
  return folders.all();
}

GpuLibraryPlan find_gpu_libraries(const path& library, const std::vector<path>& folders,
                                  const std::function<bool(const std::string&)>& loader_finds) {
  const auto object = read_shared_object(library);
  DMT_CHECK(object.has_value(), library.string(), " is no shared library of this machine");
  Finder finder(folders, loader_finds);
  finder.find_needs_of(library, *object);
  return finder.plan();
}

namespace {

struct Search {
  std::vector<path> folders;
  int32_t cuda_major;
  GpuLibraryPlan plan;
};

/// What the loader finds by itself is loaded.
Search search(const GpuNeeds& needs) {
  const path torch_lib_folder = needs.library.parent_path();
  Search search = {needs.folders, cuda_major_of(torch_lib_folder), {}};
  // What was found before has its like beside it, wherever that is.
  search.folders.push_back(folder_of_loaded(concat(kCudaRuntime, search.cuda_major)));
  std::erase(search.folders, path());
  std::ranges::copy(gpu_library_folders({torch_lib_folder, variable("HOME"), variable("CUDA_HOME"),
                                         variable("VIRTUAL_ENV"), variable("CONDA_PREFIX")},
                                        search.cuda_major),
                    std::back_inserter(search.folders));
  search.plan = find_gpu_libraries(needs.library, search.folders, [&](const std::string& name) {
    return std::ranges::find(needs.brought, name) != needs.brought.end() || load(name).empty();
  });
  return search;
}

}  // namespace

std::string load_needs(const GpuNeeds& needs) {
  const Search found = search(needs);
  if (!found.plan.missing.empty())
    return missing_text(needs.library, found.plan, found.folders, found.cuda_major);
  for (const path& needed : found.plan.order) {
    const std::string fault = load(needed.string());
    if (!fault.empty()) return concat(needed.string(), ", which libtorch's GPU part needs: ", fault);
  }
  return "";
}

std::vector<MissingGpuLibrary> load_what_is_there(const GpuNeeds& needs) {
  const Search found = search(needs);
  std::vector<MissingGpuLibrary> missing;
  for (const path& needed : found.plan.order) load(needed.string());  // may need what is missing
  for (const MissingLibrary& one : by_package(found.plan.missing))
    missing.push_back({one.name, library_remedy(one.name, found.cuda_major)});
  return missing;
}

GpuLibraries load_gpu_libraries(const path& torch_lib_folder) {
  const path library = torch_lib_folder / "libtorch_cuda.so";
  std::error_code ignored;
  if (!std::filesystem::exists(library, ignored)) {
    if (!explanation().empty()) return {explanation()};
    return {
        concat("there is no ", library.string(),
               ": this libtorch is the CPU's; build with the GPU's (DMT_GPU=on ./dmt, or ./mvnw -Pgpu, or "
               "cmake -DTORCH_ROOT=<a libtorch with CUDA>)")};
  }
  if (!read_shared_object(library).has_value())
    return {concat(library.string(), " is no shared library of this machine")};
  const std::string fault = load_needs({library, {}, {}});
  return {fault.empty() ? load(library.string()) : fault};
}

bool is_package(const std::string& name) {
  const Package* package = package_of(name);
  return package != std::end(kPackages) && name.starts_with(concat(package->first, ".so"));
}

int64_t loaded_cudnn() {
  auto* version = reinterpret_cast<size_t (*)()>(dlsym(RTLD_DEFAULT, "cudnnGetVersion"));
  return version == nullptr ? 0 : static_cast<int64_t>(version());
}

int32_t loaded_nccl() {
  auto* get_version = reinterpret_cast<int32_t (*)(int32_t*)>(dlsym(RTLD_DEFAULT, "ncclGetVersion"));
  int32_t version = 0;
  if (get_version == nullptr || get_version(&version) != 0) return 0;
  return version;
}

std::string cudnn_version_text(int64_t version) {
  const int64_t unit = version < kCudnnMajor * 10000 ? 1000 : 10000;  // the scheme changed with 9
  return concat(version / unit, ".", version % unit / 100, ".", version % 100);
}

std::string cudnn_fault(int64_t version) {
  if (version == 0) return "cuDNN is not loaded";
  if (version >= kCudnnMajor * 10000) return "";
  return concat("cuDNN ", cudnn_version_text(version), " is loaded, ", kCudnnMajor,
                ".0.0 or newer is needed; see LD_LIBRARY_PATH, or ",
                library_remedy(concat("libcudnn.so.", kCudnnMajor), kCudaMajor));
}

}  // namespace dmt::cuda
