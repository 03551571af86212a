# The kernels of src/cuda, compiled for the host (see [Note: emulated device] in src/cuda/emulated): libraries with
# the C interface of libdmt_cuda, for tests.
#
#   dmt_cuda_emulated  without checks of memory: engine tests run on it
#   dmt_cuda_checked   every access of a kernel is checked: the tests of the kernels run on it
#   dmt_cuda_broken    the same with copies of the kernels that can be broken: the tests of these checks
file(GLOB kernel_sources CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}/src" src/cuda/*.cu)
set(emulated_folder "${CMAKE_CURRENT_SOURCE_DIR}/src/cuda/emulated")

# dmt_emulated_device(<library> [CHECKED] [INCLUDE <folder whose headers come first>])
function(dmt_emulated_device library)
  cmake_parse_arguments(PARSE_ARGV 1 device "CHECKED" "INCLUDE" "")
  set(sources "")
  foreach(source IN LISTS kernel_sources)
    # The name of a .cu file would have it compiled by nvcc.
    set(wrapper "${CMAKE_BINARY_DIR}/emulated/${source}.cpp")
    if(NOT EXISTS "${wrapper}")
      file(WRITE "${wrapper}" "#include \"${source}\"\n")
    endif()
    list(APPEND sources "${wrapper}")
  endforeach()
  add_library(${library} SHARED "${emulated_folder}/device.cpp" "${emulated_folder}/fiber.cpp"
    "${emulated_folder}/runtime.cpp")
  add_library(${library}_kernels OBJECT ${sources})
  if(device_CHECKED)
    target_sources(${library} PRIVATE "${emulated_folder}/shadow.cpp" "${emulated_folder}/shadow_hooks.cpp")
    # Calls shadow_hooks.cpp before each access. Vector code would join accesses.
    target_compile_options(${library}_kernels PRIVATE
      -fno-sanitize=all -fsanitize=thread -O1 -fno-tree-vectorize)
  else()
    target_compile_definitions(${library}_kernels PRIVATE DMT_EMULATED_FEW_THREADS)
  endif()
  # GCC does not see that what a thread keeps of a row is read under the condition under which it was written.
  target_compile_options(${library}_kernels PRIVATE -Wno-maybe-uninitialized)
  target_link_libraries(${library} PRIVATE ${library}_kernels)
  foreach(target IN ITEMS ${library} ${library}_kernels)
    target_include_directories(${target} PRIVATE ${device_INCLUDE} "${emulated_folder}" src)
    target_link_libraries(${target} PRIVATE dmt::warnings)
    target_compile_definitions(${target} PRIVATE DMT_EMULATED_DEVICE DMT_CUDA_ARCHITECTURES="emulated")
    set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden)
  endforeach()
  # Several libraries with the same functions are in one process.
  target_link_options(${library} PRIVATE -Wl,-Bsymbolic -Wl,--exclude-libs,ALL)
  set_target_properties(${library} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
endfunction()

dmt_emulated_device(dmt_cuda_emulated)
dmt_emulated_device(dmt_cuda_checked CHECKED)

set(LIST ON)
include("${emulated_folder}/broken_kernels.cmake")
list(TRANSFORM broken_files PREPEND "${CMAKE_BINARY_DIR}/broken/cuda/" OUTPUT_VARIABLE broken_copies)
list(TRANSFORM broken_files PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/src/cuda/" OUTPUT_VARIABLE broken_originals)
add_custom_command(OUTPUT ${broken_copies}
  COMMAND "${CMAKE_COMMAND}" "-DFROM=${CMAKE_CURRENT_SOURCE_DIR}/src/cuda" "-DTO=${CMAKE_BINARY_DIR}/broken/cuda"
          -P "${emulated_folder}/broken_kernels.cmake"
  DEPENDS "${emulated_folder}/broken_kernels.cmake" ${broken_originals}
  COMMENT "Kernels that are broken on purpose" VERBATIM)
add_custom_target(broken_kernels DEPENDS ${broken_copies})
dmt_emulated_device(dmt_cuda_broken CHECKED INCLUDE "${CMAKE_BINARY_DIR}/broken")
add_dependencies(dmt_cuda_broken_kernels broken_kernels)
