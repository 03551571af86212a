# dmt::torch: libtorch, 2.11 to 2.14, from one of two places.
#
# -DTORCH_ROOT=<dir>         an unpacked libtorch, or .../site-packages/torch of a Python install
# -DDMT_LIBTORCH_LIBS=<dir>  shared libraries alone (Maven unpacks the JavaCPP presets' jars there); the
#                            headers, which those jars lack, come from the wheel of the same version: fetched
#                            once, checked, and kept outside the work tree
#
# Sets DMT_TORCH_LIBRARY_DIR, DMT_TORCH_VERSION.
set(TORCH_ROOT "" CACHE PATH "An installed libtorch or Python torch")
set(DMT_TORCH_HEADERS_VERSION 2.13.0)
set(DMT_TORCH_WHEEL_SHA256 6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b)

if(TORCH_ROOT)
  set(DMT_TORCH_INCLUDE_DIR "${TORCH_ROOT}/include")
  set(DMT_TORCH_LIBRARY_DIR "${TORCH_ROOT}/lib")
else()
  if(NOT DMT_LIBTORCH_LIBS)
    message(FATAL_ERROR
      "libtorch: give -DTORCH_ROOT=<libtorch or .../site-packages/torch>, or -DDMT_LIBTORCH_LIBS=<dir>")
  endif()
  if(DEFINED ENV{DMT_CACHE})
    set(cache "$ENV{DMT_CACHE}")
  elseif(DEFINED ENV{XDG_CACHE_HOME})
    set(cache "$ENV{XDG_CACHE_HOME}/dmt")
  else()
    set(cache "$ENV{HOME}/.cache/dmt")
  endif()
  set(headers "${cache}/torch-headers-${DMT_TORCH_HEADERS_VERSION}")
  if(NOT EXISTS "${headers}/include/ATen/ATen.h")
    find_package(Python3 3.8 COMPONENTS Interpreter REQUIRED)
    message(STATUS "fetching libtorch's headers into ${headers} (once, 190 MB)")
    execute_process(
      COMMAND "${Python3_EXECUTABLE}" "${CMAKE_CURRENT_LIST_DIR}/fetch_torch_headers.py"
        --version ${DMT_TORCH_HEADERS_VERSION} --sha256 ${DMT_TORCH_WHEEL_SHA256} --output "${headers}"
      RESULT_VARIABLE failed)
    if(failed)
      message(FATAL_ERROR "libtorch's headers could not be fetched; see above, or give -DTORCH_ROOT=")
    endif()
  endif()
  set(DMT_TORCH_INCLUDE_DIR "${headers}/include")
  set(DMT_TORCH_LIBRARY_DIR "${DMT_LIBTORCH_LIBS}")
endif()

# The version is a macro; where it stands has moved between versions.
set(DMT_TORCH_VERSION "")
foreach(file IN ITEMS torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
  if(NOT DMT_TORCH_VERSION AND EXISTS "${DMT_TORCH_INCLUDE_DIR}/${file}")
    file(STRINGS "${DMT_TORCH_INCLUDE_DIR}/${file}" lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) +[0-9]+")
    string(REGEX MATCHALL "[0-9]+" numbers "${lines}")
    string(REPLACE ";" "." DMT_TORCH_VERSION "${numbers}")
  endif()
endforeach()
if(NOT DMT_TORCH_VERSION)
  message(FATAL_ERROR "no libtorch headers in ${DMT_TORCH_INCLUDE_DIR}: torch/headeronly/version.h is missing")
endif()
if(DMT_TORCH_VERSION VERSION_LESS 2.11 OR DMT_TORCH_VERSION VERSION_GREATER_EQUAL 2.15)
  message(FATAL_ERROR "libtorch is ${DMT_TORCH_VERSION} in ${DMT_TORCH_INCLUDE_DIR}; 2.11 to 2.14 are supported")
endif()
foreach(name IN ITEMS libc10.so libtorch_cpu.so)
  if(NOT EXISTS "${DMT_TORCH_LIBRARY_DIR}/${name}")
    message(FATAL_ERROR "no ${name} in ${DMT_TORCH_LIBRARY_DIR}")
  endif()
endforeach()
message(STATUS "libtorch ${DMT_TORCH_VERSION}: ${DMT_TORCH_LIBRARY_DIR}")

add_library(dmt_torch INTERFACE)
add_library(dmt::torch ALIAS dmt_torch)
target_include_directories(dmt_torch SYSTEM INTERFACE
  "${DMT_TORCH_INCLUDE_DIR}" "${DMT_TORCH_INCLUDE_DIR}/torch/csrc/api/include")
target_link_libraries(dmt_torch INTERFACE
  "${DMT_TORCH_LIBRARY_DIR}/libtorch_cpu.so" "${DMT_TORCH_LIBRARY_DIR}/libc10.so")

# [Note: one OpenMP runtime] Two of them in one process fight for the cores. So we link against the very
# file that libtorch_cpu.so names, which is not always called libgomp.so.1, and not against the compiler's.
find_program(DMT_READELF readelf REQUIRED)
execute_process(COMMAND "${DMT_READELF}" -d "${DMT_TORCH_LIBRARY_DIR}/libtorch_cpu.so"
  OUTPUT_VARIABLE dynamic_section COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCH "\\[(libg?i?omp[^]]*)\\]" match "${dynamic_section}")
set(DMT_OPENMP_RUNTIME "${CMAKE_MATCH_1}")
# Vector loops are the compiler's; parallel ones call the runtime (src/base/parallel.h). With -fopenmp clang would
# make of those in ATen's headers what this runtime lacks, and look for an omp.h of its own.
target_compile_options(dmt_torch INTERFACE $<IF:$<CXX_COMPILER_ID:Clang>,-fopenmp-simd,-fopenmp>)
set(DMT_OPENMP_FILE "")
foreach(dir IN ITEMS "${DMT_TORCH_LIBRARY_DIR}" "${DMT_TORCH_LIBRARY_DIR}/../../torch.libs")
  if(DMT_OPENMP_RUNTIME AND NOT DMT_OPENMP_FILE AND EXISTS "${dir}/${DMT_OPENMP_RUNTIME}")
    set(DMT_OPENMP_FILE "${dir}/${DMT_OPENMP_RUNTIME}")
  endif()
endforeach()
if(DMT_OPENMP_FILE)
  message(STATUS "OpenMP runtime: ${DMT_OPENMP_FILE}")
  target_link_libraries(dmt_torch INTERFACE "${DMT_OPENMP_FILE}")
else()
  message(STATUS "OpenMP runtime: the compiler's; libtorch brings no file ${DMT_OPENMP_RUNTIME}")
  target_link_options(dmt_torch INTERFACE -fopenmp)
endif()

# sgemm_ is in the presets' OpenBLAS, or in a stock libtorch_cpu.so itself.
if(EXISTS "${DMT_TORCH_LIBRARY_DIR}/libopenblas.so.0")
  target_link_libraries(dmt_torch INTERFACE "${DMT_TORCH_LIBRARY_DIR}/libopenblas.so.0")
endif()

# DT_RPATH, not DT_RUNPATH: only the former is searched for what libtorch's libraries need in turn, and
# OpenBLAS's libgfortran names no folder for its libquadmath.
target_link_options(dmt_torch INTERFACE -Wl,--disable-new-dtags)
