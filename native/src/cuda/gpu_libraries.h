// The libraries of NVIDIA that libtorch's GPU part needs: found where the toolkit, pip, conda and JavaCPP put
// them, and loaded before it, so that nobody has to set LD_LIBRARY_PATH.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dmt::cuda {

struct GpuLibraries {
  std::string fault;  // why libtorch's GPU part is not loaded, with the remedies; empty if it is
};

/// Loads libtorch_cuda.so from libtorch's folder, after all that it needs. May be called again.
GpuLibraries load_gpu_libraries(const std::filesystem::path& torch_lib_folder);

/// Whoever chose libtorch may know why this process has the CPU's, which has no GPU part; else it is guessed.
void explain_cpu_libtorch(const std::string& why);
/// What was explained; empty if nothing was.
std::string cpu_libtorch_explanation();

/// A library of libtorch, and what is known of what it needs.
struct GpuNeeds {
  std::filesystem::path library;
  std::vector<std::filesystem::path> folders;  // searched before all others
  std::vector<std::string> brought;            // names that somebody else loads, before or after
};
/// Loads what a library needs, and not itself: of the GPU's libtorch even the CPU's part needs some. @return
/// all that is missing, with the remedies, or what the loader says; empty if all is loaded
std::string load_needs(const GpuNeeds& needs);

struct MissingGpuLibrary {
  std::string name, remedy;
};
/// The same, but loads what can be, whatever is missing.
std::vector<MissingGpuLibrary> load_what_is_there(const GpuNeeds& needs);

/// Whether a library of this name is one of NVIDIA's that libtorch may need; its first, where a package has
/// several.
bool is_package(const std::string& name);

/// Version of the cuDNN that is loaded in this process, as it numbers itself: 92500 is 9.25.0. 0: none is.
int64_t loaded_cudnn();
/// Version of the NCCL that is loaded in this process, as it numbers itself: 22603 is 2.26.3. 0: none is.
int32_t loaded_nccl();
/// Why this cuDNN cannot be used, with the remedy; empty if it can.
std::string cudnn_fault(int64_t version);
/// "9.25.0" for 92500, "8.9.7" for 8907.
std::string cudnn_version_text(int64_t version);

// The parts of the above, for tests.

/// Where programs keep libraries; empty paths are left out.
struct LibraryRoots {
  std::filesystem::path torch_lib_folder, home, cuda_home, virtual_env, conda_prefix;
  std::filesystem::path system = "/";
};
/// Folders that exist, in the order in which they are searched.
/// @param cuda_major leaves out pip's folders of another CUDA
std::vector<std::filesystem::path> gpu_library_folders(const LibraryRoots& roots, int32_t cuda_major);

struct MissingLibrary {
  std::string name, needed_by;
};
struct GpuLibraryPlan {
  std::vector<std::filesystem::path> order;  // to be loaded, what others need first
  std::vector<MissingLibrary> missing;
};
/// Finds what `library` needs, and what that needs in turn. What the loader finds in the folder that a
/// library names, or by itself, is left to the loader.
/// @param loader_finds whether the loader finds a name by itself
GpuLibraryPlan find_gpu_libraries(const std::filesystem::path& library,
                                  const std::vector<std::filesystem::path>& folders,
                                  const std::function<bool(const std::string&)>& loader_finds);

/// How to get a library, such as "pip install nvidia-cudnn-cu13".
std::string library_remedy(const std::string& name, int32_t cuda_major);

}  // namespace dmt::cuda
