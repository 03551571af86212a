#include "cuda/gpu_libraries.h"

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "base/expect_error.h"
#include "base/temp_dir.h"
#include "cuda/library_versions.h"
#include "cuda/shared_object.h"

namespace dmt::cuda::gpu_libraries_test {
namespace {

using std::filesystem::path;

/// A library of one function, which calls those of the libraries that it needs and adds one.
struct Recipe {
  std::string file;                // its folders are made
  std::vector<std::string> needs;  // files of recipes that were built before
  std::string run_path;            // "" for none
};

/// Little real libraries in a folder of their own.
class GpuLibrariesFound : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("cc --version > /dev/null 2>&1") != 0)
      GTEST_SKIP() << "no C compiler (cc) to make libraries with";
  }

  path build(const Recipe& recipe) {
    const path file = folder_ / recipe.file;
    std::filesystem::create_directories(file.parent_path());
    std::string source, sum = "1", command = "cc -shared -fPIC -Wl,--no-as-needed";
    for (const std::string& need : recipe.needs) {
      source += concat("int ", function(need), "(void);\n");
      sum += concat(" + ", function(need), "()");
    }
    source += concat("int ", function(recipe.file), "(void) { return ", sum, "; }\n");
    command += concat(" -Wl,-soname,", file.filename().string(), " -o ", file.string(), " ",
                      folder_.write("source.c", source).string());
    for (const std::string& need : recipe.needs) command += concat(" ", (folder_ / need).string());
    if (!recipe.run_path.empty()) command += concat(" '-Wl,--enable-new-dtags,-rpath,", recipe.run_path, "'");
    // What a library needs in turn may be anywhere, and may be missing.
    command += " -Wl,--unresolved-symbols=ignore-all";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return file;
  }
  static std::string function(const std::string& file) {
    std::string name = path(file).filename().string();
    std::ranges::replace_if(
        name, [](char c) { return c == '.' || c == '-'; }, '_');
    return name;
  }
  static GpuLibraryPlan find(const path& library, const std::vector<path>& folders) {
    return find_gpu_libraries(library, folders, [](const std::string& name) {
      return dlopen(name.c_str(), RTLD_NOW | RTLD_GLOBAL) != nullptr;
    });
  }
  /// What the action says in a process of its own, in which libraries may stay loaded.
  template <typename Action>
  std::string in_child(Action&& action) {
    const path answer = folder_ / "answer";
    const pid_t child = fork();
    if (child == 0) {
      std::ofstream(answer) << action();
      _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    std::ifstream in(answer);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }

  TempDir folder_;
};

TEST_F(GpuLibrariesFound, AnObjectNamesItsNeedsAndItsFolders) {
  build({"a/libdmt-x.so.1", {}, ""});
  const path file = build({"b/libdmt-y.so.1", {"a/libdmt-x.so.1"}, "$ORIGIN/../a:/usr/local/none"});
  const auto object = read_shared_object(file);
  ASSERT_TRUE(object.has_value());
  EXPECT_EQ(object->needed.at(0), "libdmt-x.so.1");
  EXPECT_EQ(object->folders, (std::vector<path>{folder_ / "b/../a", "/usr/local/none"}));
}

TEST_F(GpuLibrariesFound, WhatIsNoLibraryIsNone) {
  const path good = build({"libdmt-x.so.1", {}, ""});
  std::ifstream in(good, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  EXPECT_FALSE(read_shared_object(folder_ / "none").has_value());
  EXPECT_FALSE(read_shared_object(folder_.write("empty", "")).has_value());
  EXPECT_FALSE(read_shared_object(folder_.write("script", "INPUT(libfoo.so)")).has_value());
  for (const size_t size : {size_t{40}, size_t{100}, bytes.size() / 8})
    EXPECT_FALSE(read_shared_object(folder_.write("cut", bytes.substr(0, size))).has_value()) << size;
  bytes[18] = 40;  // of another machine
  EXPECT_FALSE(read_shared_object(folder_.write("other", bytes)).has_value());
  EXPECT_ERROR(find(folder_ / "none", {}), "none is no shared library of this machine");
}

// root -> left, right; left -> bottom; right -> bottom: each in a folder that the loader does not know.
TEST_F(GpuLibrariesFound, AreLoadedOnceAndBeforeThoseThatNeedThem) {
  build({"d/libdmt-bottom.so.1", {}, ""});
  build({"l/libdmt-left.so.1", {"d/libdmt-bottom.so.1"}, ""});
  build({"r/libdmt-right.so.1", {"d/libdmt-bottom.so.1"}, ""});
  const path root = build({"libdmt-root.so", {"l/libdmt-left.so.1", "r/libdmt-right.so.1"}, ""});
  EXPECT_EQ(dlopen(root.c_str(), RTLD_NOW | RTLD_GLOBAL), nullptr);
  const GpuLibraryPlan plan = find(root, {folder_ / "r", folder_ / "none", folder_ / "l", folder_ / "d"});
  EXPECT_TRUE(plan.missing.empty());
  EXPECT_EQ(plan.order, (std::vector<path>{folder_ / "d/libdmt-bottom.so.1", folder_ / "l/libdmt-left.so.1",
                                           folder_ / "r/libdmt-right.so.1"}));
  const std::string sum = in_child([&] {
    for (const path& file : plan.order) {
      if (dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) return std::string(dlerror());
    }
    void* handle = dlopen(root.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (handle == nullptr) return std::string(dlerror());
    return std::to_string(reinterpret_cast<int (*)()>(dlsym(handle, "libdmt_root_so"))());
  });
  EXPECT_EQ(sum, "5");  // root, left, right, and twice the bottom
}

TEST_F(GpuLibrariesFound, AllThatAreMissingAreNamedWithWhoNeedsThem) {
  build({"gone/libdmt-one.so.1", {}, ""});
  build({"gone/libdmt-two.so.1", {}, ""});
  build({"l/libdmt-left.so.1", {"gone/libdmt-two.so.1"}, ""});
  const path root = build({"libdmt-root.so", {"gone/libdmt-one.so.1", "l/libdmt-left.so.1"}, ""});
  std::filesystem::remove_all(folder_ / "gone");
  const GpuLibraryPlan plan = find(root, {folder_ / "l"});
  ASSERT_EQ(plan.missing.size(), 2u);
  EXPECT_EQ(plan.missing[0].name, "libdmt-one.so.1");
  EXPECT_EQ(plan.missing[0].needed_by, "libdmt-root.so");
  EXPECT_EQ(plan.missing[1].name, "libdmt-two.so.1");
  EXPECT_EQ(plan.missing[1].needed_by, "libdmt-left.so.1");
}

// The folder that a library names comes first, and is the loader's; what is found there may need more.
TEST_F(GpuLibrariesFound, ALibrarysOwnFolderIsLeftToTheLoader) {
  build({"far/libdmt-far.so.1", {}, ""});
  build({"own/libdmt-near.so.1", {"far/libdmt-far.so.1"}, ""});
  const path root = build({"libdmt-root.so", {"own/libdmt-near.so.1"}, "$ORIGIN/own"});
  const GpuLibraryPlan plan = find(root, {folder_ / "far", folder_ / "own"});
  EXPECT_EQ(plan.order, (std::vector<path>{folder_ / "far/libdmt-far.so.1"}));
  EXPECT_TRUE(plan.missing.empty());
}

TEST_F(GpuLibrariesFound, WhatTheLoaderFindsIsNotLookedFor) {
  build({"a/libdmt-x.so.1", {}, ""});
  const path root = build({"libdmt-root.so", {"a/libdmt-x.so.1"}, ""});
  const GpuLibraryPlan plan =
      find_gpu_libraries(root, {folder_ / "a"}, [](const std::string&) { return true; });
  EXPECT_TRUE(plan.order.empty());
  EXPECT_TRUE(plan.missing.empty());
}

// As pip installs them: torch/lib beside nvidia/cudnn/lib and nvidia/cu77/lib. Of a CUDA that no machine has.
TEST_F(GpuLibrariesFound, LibtorchsGpuPartIsLoadedFromPipsFolders) {
  build({"nvidia/cu77/lib/libcudart.so.77", {}, ""});
  build({"nvidia/cudnn/lib/libcudnn.so.77", {}, ""});
  build({"torch/lib/libc10_cuda.so", {"nvidia/cu77/lib/libcudart.so.77"}, "$ORIGIN"});
  build({"torch/lib/libtorch_cuda.so",
         {"torch/lib/libc10_cuda.so", "nvidia/cudnn/lib/libcudnn.so.77"},
         "$ORIGIN"});
  EXPECT_EQ(in_child([&] {
              const std::string first = load_gpu_libraries(folder_ / "torch/lib").fault,
                                second = load_gpu_libraries(folder_ / "torch/lib").fault;
              return concat(first, second, dlsym(RTLD_DEFAULT, "libtorch_cuda_so") != nullptr);
            }),
            "1");
}

TEST_F(GpuLibrariesFound, WhatLibtorchsGpuPartLacksIsNamedTogetherWithTheRemedies) {
  build({"gone/libcudart.so.77", {}, ""});
  build({"gone/libcudnn.so.77", {}, ""});
  build({"gone/libdmt-odd.so.1", {}, ""});
  build({"torch/lib/libc10_cuda.so", {"gone/libcudart.so.77"}, "$ORIGIN"});
  build({"torch/lib/libtorch_cuda.so",
         {"torch/lib/libc10_cuda.so", "gone/libcudnn.so.77", "gone/libdmt-odd.so.1"},
         "$ORIGIN"});
  std::filesystem::remove_all(folder_ / "gone");
  const std::string fault = in_child([&] {
    for (const char* name : {"CUDA_HOME", "VIRTUAL_ENV", "CONDA_PREFIX", "HOME"}) unsetenv(name);
    return load_gpu_libraries(folder_ / "torch/lib").fault;
  });
  const std::string library = (folder_ / "torch/lib/libtorch_cuda.so").string();
  EXPECT_TRUE(contains(fault, library + " needs what is not there: "));
  EXPECT_TRUE(contains(fault,
                       "libcudart.so.77 of libc10_cuda.so (pip install nvidia-cuda-runtime, or the CUDA 77 "
                       "toolkit, or, with CUDA 13, the jar org.bytedeco:cuda-redist)"));
  EXPECT_TRUE(
      contains(fault, "libcudnn.so.77 (pip install nvidia-cudnn-cu77, or apt install libcudnn9-cuda-77), "));
  EXPECT_TRUE(contains(fault, "libdmt-odd.so.1 (put its folder into LD_LIBRARY_PATH)"));
  EXPECT_TRUE(contains(fault, "; looked where the loader looks (LD_LIBRARY_PATH), in "));
}

TEST_F(GpuLibrariesFound, ALibtorchOfTheCpuSaysHowToBuildWithTheGpus) {
  const std::string fault = load_gpu_libraries(folder_.path()).fault;
  EXPECT_TRUE(
      contains(fault, "libtorch_cuda.so: this libtorch is the CPU's; build with the GPU's (DMT_GPU=on"));
  folder_.write("libtorch_cuda.so", "not a library");
  EXPECT_TRUE(contains(load_gpu_libraries(folder_.path()).fault, "is no shared library of this machine"));
}

TEST(GpuLibraryFolders, AreWhereEachProgramPutsThem) {
  const TempDir top;
  const LibraryRoots roots = {top / "venv/lib/python3.12/site-packages/torch/lib",
                              top / "home",
                              top / "toolkit",
                              top / "venv",
                              top / "conda",
                              top / "system"};
  const std::vector<std::string> expected = {
      "venv/lib/python3.12/site-packages/torch/lib",
      "venv/lib/python3.12/site-packages/nvidia/cu13/lib",
      "venv/lib/python3.12/site-packages/nvidia/cudnn/lib",
      "conda/lib/python3.11/site-packages/nvidia/nccl/lib",
      "conda/lib",
      "toolkit/lib64",
      "system/usr/local/cuda-13/lib64",
      "system/usr/local/cuda/lib64",
      "system/usr/local/cuda/extras/CUPTI/lib64",
      "system/usr/lib/x86_64-linux-gnu",
      "home/.local/lib/python3.10/site-packages/nvidia/cudnn/lib",
      "system/usr/local/lib/python3.12/dist-packages/nvidia/nccl/lib",
      "system/usr/lib/python3/dist-packages/nvidia/cudnn/lib",
      "home/.javacpp/cache/cuda-redist-13.3.jar/org/bytedeco/cuda/linux-x86_64",
  };
  for (const std::string& folder : expected) std::filesystem::create_directories(top / folder);
  std::filesystem::create_directories(top / "venv/lib/python3.12/site-packages/nvidia/cu12/lib");
  std::filesystem::create_directories(top / "home/.javacpp/cache/openblas.jar/lib");
  top.write("home/.javacpp/cache/openblas.jar/lib/libopenblas.so.0", "");
  top.write(expected.back() + "/libcudart.so.13", "");
  std::vector<std::string> found;
  for (const path& folder : gpu_library_folders(roots, 13))
    found.push_back(folder.lexically_relative(top.path()).string());
  EXPECT_EQ(found, expected);
}

TEST(GpuLibraryRemedies, NameThePackagesOfEachCuda) {
  EXPECT_EQ(library_remedy("libcudnn.so.9", 13),
            "pip install nvidia-cudnn-cu13, or apt install libcudnn9-cuda-13");
  EXPECT_EQ(library_remedy("libcudnn.so.9", 12),
            "pip install nvidia-cudnn-cu12, or apt install libcudnn9-cuda-12");
  EXPECT_EQ(library_remedy("libnccl.so.2", 13), "pip install nvidia-nccl-cu13, or apt install libnccl2");
  EXPECT_EQ(library_remedy("libcublasLt.so.13", 13), "pip install nvidia-cublas, or the CUDA 13 toolkit");
  EXPECT_EQ(library_remedy("libcublasLt.so.12", 12),
            "pip install nvidia-cublas-cu12, or the CUDA 12 toolkit");
  EXPECT_EQ(library_remedy("libcusparseLt.so.0", 13), "pip install nvidia-cusparselt-cu13");
  EXPECT_EQ(library_remedy("libcusparse.so.12", 13), "pip install nvidia-cusparse, or the CUDA 13 toolkit");
  EXPECT_EQ(library_remedy("libnvshmem_host.so.3", 12), "pip install nvidia-nvshmem-cu12");
  EXPECT_EQ(library_remedy("libcuda.so.1", 13), "of the NVIDIA driver");
}

TEST(Cudnn, AnOldOrMissingOneIsAFault) {
  EXPECT_EQ(cudnn_fault(90000), "");
  EXPECT_EQ(cudnn_fault(92500), "");
  EXPECT_EQ(cudnn_version_text(92500), "9.25.0");
  EXPECT_EQ(cudnn_fault(0), "cuDNN is not loaded");
  EXPECT_TRUE(
      contains(cudnn_fault(8907), "cuDNN 8.9.7 is loaded, 9.0.0 or newer is needed; see LD_LIBRARY_PATH"));
}

TEST_F(GpuLibrariesFound, CudnnIsAskedForItsVersionWhereItIsLoaded) {
  if (loaded_cudnn() != 0) GTEST_SKIP() << "cuDNN is loaded: " << loaded_cudnn();
  const path source = folder_.write("cudnn.c", "unsigned long cudnnGetVersion(void) { return 91002; }\n"),
             library = folder_ / "libdmt-cudnn.so";
  ASSERT_EQ(std::system(concat("cc -shared -fPIC -o ", library.string(), " ", source.string()).c_str()), 0);
  EXPECT_EQ(in_child([&] {
              dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL);
              return cudnn_version_text(loaded_cudnn());
            }),
            "9.10.2");
}

TEST_F(GpuLibrariesFound, LoadedOnesSayTheirVersionsEachInItsWay) {
  const std::pair<const char*, const char*> sources[] = {
      {"libcudart.so.77", "int cudaRuntimeGetVersion(int* v) { *v = 13030; return 0; }"},
      {"libcublas.so.77", "int cublasGetProperty(int part, int* v) { *v = 13 + part; return 0; }"},
      {"libcublasLt.so.77", "int part_of_another_package;"},
      {"libcudnn.so.77", "unsigned long cudnnGetVersion(void) { return 92500; }"},
      {"libcufile.so.77", "int says_no_version;"},
      {"libnccl.so.77", "int ncclGetVersion(int* v) { *v = 22603; return 0; }"},
      {"libnvrtc.so.77", "int nvrtcVersion(int* a, int* b) { *a = 13; *b = 3; return 0; }"},
      {"libdmt-other.so.77", "int of_nobody;"}};
  std::vector<path> files;
  for (const auto& [name, source] : sources) {
    files.push_back(folder_ / name);
    ASSERT_EQ(std::system(concat("cc -shared -fPIC -o ", files.back().string(), " ",
                                 folder_.write("source.c", concat(source, "\n")).string())
                              .c_str()),
              0);
  }
  EXPECT_EQ(in_child([&] {
              for (const path& file : files) dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
              std::string text;
              for (const LoadedLibrary& one : loaded_libraries()) {
                if (one.file.starts_with(folder_.path().string()))
                  text += concat(one.name, "=", one.version, " ");
              }
              return text;
            }),
            "libcublas.so.77=13.14.15 libcudart.so.77=13.3 libcudnn.so.77=9.25.0 libcufile.so.77= "
            "libnccl.so.77=2.26.3 libnvrtc.so.77=13.3 ");
}

// What is beside a library of CUDA that is loaded already is found, wherever that is.
TEST_F(GpuLibrariesFound, WhatIsThereIsLoadedAndTheRestNamed) {
  build({"gone/libcudnn.so.77", {}, ""});
  build({"anywhere/libcudart.so.77", {}, ""});
  build({"anywhere/libcufft.so.77", {}, ""});
  build({"gone/libcublas.so.77", {}, ""});
  build({"torch/lib/libc10_cuda.so", {"anywhere/libcudart.so.77"}, "$ORIGIN"});
  const path library = build(
      {"torch/lib/libtorch_cuda.so",
       {"torch/lib/libc10_cuda.so", "anywhere/libcufft.so.77", "gone/libcudnn.so.77", "gone/libcublas.so.77"},
       "$ORIGIN"});
  std::filesystem::remove_all(folder_ / "gone");
  EXPECT_EQ(in_child([&] {
              for (const char* name : {"CUDA_HOME", "VIRTUAL_ENV", "CONDA_PREFIX", "HOME"}) unsetenv(name);
              dlopen((folder_ / "anywhere/libcudart.so.77").c_str(), RTLD_NOW | RTLD_LOCAL);
              std::string text;
              for (const MissingGpuLibrary& one : load_what_is_there({library, {}, {}}))
                text += concat(one.name, ": ", one.remedy, "; ");
              return concat(text, dlsym(RTLD_DEFAULT, "libcufft_so_77") != nullptr);
            }),
            "libcublas.so.77: pip install nvidia-cublas, or the CUDA 77 toolkit; "
            "libcudnn.so.77: pip install nvidia-cudnn-cu77, or apt install libcudnn9-cuda-77; 1");
}

TEST_F(GpuLibrariesFound, WhatSomebodyElseBringsIsNotMissed) {
  build({"gone/libopenblas.so.77", {}, ""});
  build({"given/libcufft.so.77", {}, ""});
  const path library =
      build({"torch/lib/libtorch_cpu.so", {"gone/libopenblas.so.77", "given/libcufft.so.77"}, "$ORIGIN"});
  std::filesystem::remove_all(folder_ / "gone");
  EXPECT_EQ(in_child([&] {
              const std::string fault = load_needs({library, {folder_ / "given"}, {"libopenblas.so.77"}});
              return concat(fault, dlsym(RTLD_DEFAULT, "libcufft_so_77") != nullptr);
            }),
            "1");
}

TEST_F(GpuLibrariesFound, WhoChoseTheCpusLibtorchSaysWhy) {
  EXPECT_EQ(in_child([&] {
              explain_cpu_libtorch("there is no jar");
              return load_gpu_libraries(folder_.path()).fault;
            }),
            "there is no jar");
}

}  // namespace
}  // namespace dmt::cuda::gpu_libraries_test
