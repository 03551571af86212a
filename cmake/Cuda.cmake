# dmt_cuda: the GPU kernels, a library of its own with a C interface (src/cuda/dmt_cuda.h). Nothing links
# against it; the engine opens it where there is a GPU.
#
# -DDMT_CUDA=AUTO|ON|OFF        AUTO builds the kernels where a CUDA compiler is found that works (cmake/Nvcc.cmake)
# -DDMT_CUDA_ARCHITECTURES=...  machine code to make; an entry without -real brings PTX as well, which later
#                               GPUs compile when they load it
# -DDMT_CUDA_PREBUILT=FILE      no building: a libdmt_cuda.so, or a jar that holds one, from where there is an nvcc
#
# Sets DMT_CUDA_FOUND, and writes gpu_kernels.txt: which kernels there are, or why none.
set(DMT_CUDA AUTO CACHE STRING "Build the GPU kernels: AUTO, ON or OFF")
set_property(CACHE DMT_CUDA PROPERTY STRINGS AUTO ON OFF)
set(DMT_CUDA_ARCHITECTURES "80-real;90-real;100" CACHE STRING "Architectures of the GPU kernels")
set(DMT_CUDA_PREBUILT "" CACHE STRING "libdmt_cuda.so, or a jar with it, that was built elsewhere")
set(DMT_CUDA_FOUND OFF)

if(NOT DMT_CUDA MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "DMT_CUDA=${DMT_CUDA} must be AUTO, ON or OFF")
endif()

function(dmt_say_kernels text)
  message(STATUS "GPU kernels: ${text}")
  file(WRITE "${CMAKE_BINARY_DIR}/gpu_kernels.txt" "${text}")
endfunction()

# Those of an earlier build must not be taken for these.
function(dmt_no_kernels why)
  if(DMT_CUDA STREQUAL ON)
    message(FATAL_ERROR "DMT_CUDA=ON, but ${why}")
  endif()
  file(REMOVE "${DMT_OUTPUT_DIRECTORY}/libdmt_cuda.so")
  dmt_say_kernels("none, ${why}")
endfunction()

if(DMT_CUDA STREQUAL OFF)
  dmt_no_kernels("they are switched off (DMT_CUDA=OFF)")
  return()
endif()
if(DMT_SANITIZE)
  dmt_no_kernels("the sanitizers of the C++ compiler are not nvcc's")
  return()
endif()

if(DMT_CUDA_PREBUILT)
  include(PrebuiltKernels)
  dmt_take_kernels("${DMT_CUDA_PREBUILT}" "${DMT_OUTPUT_DIRECTORY}")
  dmt_say_kernels("from ${DMT_CUDA_PREBUILT}")
  return()
endif()

include(Nvcc)
if(DMT_NVCC_FAULT)
  dmt_no_kernels("${DMT_NVCC_FAULT}")
  return()
endif()

set(CMAKE_CUDA_COMPILER "${DMT_NVCC}")
set(CMAKE_CUDA_ARCHITECTURES "${DMT_CUDA_ARCHITECTURES}")
if(NOT DEFINED CMAKE_CUDA_COMPILER_LAUNCHER AND DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CUDA_COMPILER_LAUNCHER "${CMAKE_CXX_COMPILER_LAUNCHER}")
endif()
string(REGEX REPLACE "-(real|virtual)" "" architecture_names "${DMT_CUDA_ARCHITECTURES}")
if(NOT DMT_NVCC_WORKS STREQUAL DMT_CUDA_ARCHITECTURES)
  # A toolkit that does not take this C++ compiler, or these architectures, is none.
  file(WRITE "${CMAKE_BINARY_DIR}/cuda_probe.cu" "__global__ void nothing() {}\n")
  set(targets "")
  foreach(name IN LISTS architecture_names)
    list(APPEND targets "-gencode=arch=compute_${name},code=sm_${name}")
  endforeach()
  execute_process(
    COMMAND "${DMT_NVCC}" -std=c++20 ${targets} -c cuda_probe.cu -o cuda_probe.o
    WORKING_DIRECTORY "${CMAKE_BINARY_DIR}" RESULT_VARIABLE probe OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT probe EQUAL 0)
    string(REGEX MATCH "[^\n]*(error|fatal)[^\n]*" line "${said}")
    dmt_no_kernels("${DMT_NVCC} of CUDA ${DMT_NVCC_VERSION} does not compile here: ${line}")
    return()
  endif()
  set(DMT_NVCC_WORKS "${DMT_CUDA_ARCHITECTURES}" CACHE INTERNAL "Architectures that nvcc compiles for")
endif()
enable_language(CUDA)
# CMake before 3.26 does not know that nvcc can do C++20.
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
endif()
set(DMT_CUDA_FOUND ON)
string(REPLACE ";" " " architecture_names "${architecture_names}")
dmt_say_kernels("for ${architecture_names}, by ${DMT_NVCC} ${CMAKE_CUDA_COMPILER_VERSION}")

file(GLOB cuda_sources CONFIGURE_DEPENDS src/cuda/*.cu)
add_library(dmt_cuda SHARED ${cuda_sources})
target_include_directories(dmt_cuda PRIVATE src)
target_compile_options(dmt_cuda PRIVATE
  --expt-relaxed-constexpr "-Xcompiler=-Wall,-Wextra")
if(DMT_WARNINGS_AS_ERRORS)
  target_compile_options(dmt_cuda PRIVATE -Werror all-warnings -Xcompiler=-Werror)
endif()
target_compile_definitions(dmt_cuda PRIVATE "DMT_CUDA_ARCHITECTURES=\"${architecture_names}\"")
# Products and sums are not fused here: whether they are would be the compiler's choice for each way to read the
# data, and the bits of a step must not depend on how a shard is cut.
set_source_files_properties(src/cuda/adamw.cu PROPERTIES COMPILE_OPTIONS -fmad=false)
# The runtime is inside and hidden: libtorch may bring another.
target_link_options(dmt_cuda PRIVATE -Wl,--exclude-libs,ALL)
set_target_properties(dmt_cuda PROPERTIES
  CUDA_STANDARD 20
  CUDA_EXTENSIONS OFF
  CUDA_RUNTIME_LIBRARY Static
  CUDA_VISIBILITY_PRESET hidden
  LIBRARY_OUTPUT_DIRECTORY "${DMT_OUTPUT_DIRECTORY}")

if(NOT DMT_BUILD_TESTS)
  return()
endif()

# The tests of src/cuda again, on the device. Without one they are skipped, with the reason. libtorch is there
# for the CPU's kernels, which are the reference.
file(GLOB device_test_sources CONFIGURE_DEPENDS src/cuda/*_test.cc)
list(FILTER device_test_sources EXCLUDE REGEX "/gpu_(facts|libraries)_test\\.cc$")  # of the engine, not of kernels
find_library(DMT_CUDART cudart_static REQUIRED HINTS ${CMAKE_CUDA_HOST_IMPLICIT_LINK_DIRECTORIES})
add_executable(cuda_kernel_tests ${device_test_sources} src/cuda/device_tests_main.cc)
target_compile_definitions(cuda_kernel_tests PRIVATE DMT_TEST_ON_DEVICE)
target_compile_options(cuda_kernel_tests PRIVATE -Wno-dangling-else $<$<CONFIG:Release>:-O1>)  # as dmt_tests
if(DMT_UNITY)  # see [Note: sources as one]
  set_target_properties(cuda_kernel_tests PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
endif()
add_executable(cuda_kernel_bench bench/cuda/cuda_bench.cc)
target_link_libraries(cuda_kernel_tests PRIVATE dmt_engine dmt::torch GTest::gtest)
foreach(target IN ITEMS cuda_kernel_tests cuda_kernel_bench)
  target_include_directories(${target} PRIVATE src)
  target_include_directories(${target} SYSTEM PRIVATE ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
  target_link_libraries(${target} PRIVATE dmt_cuda dmt::warnings "${DMT_CUDART}" rt dl pthread)
  set_target_properties(${target} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}"
    BUILD_RPATH "${DMT_OUTPUT_DIRECTORY};${DMT_TORCH_LIBRARY_DIR}")
endforeach()
add_test(NAME gpu COMMAND cuda_kernel_tests --gtest_output=xml:${CMAKE_BINARY_DIR}/ctest/gpu.xml)
set_tests_properties(gpu PROPERTIES LABELS gpu TIMEOUT 1800 RESOURCE_LOCK device)
