# GPU kernels that were built elsewhere, in place of an nvcc here.
#
#   include(PrebuiltKernels)                    dmt_take_kernels(<file> <folder>) copies libdmt_cuda.so to the folder
#   cmake -DKERNELS=FILE -DSCRATCH=DIR -P ...   says "kernels: FILE" if they fit, else "fault: ..."

# dmt_find_kernels(<file> <scratch folder>): sets KERNELS_LIBRARY to the libdmt_cuda.so that is meant, or KERNELS_FAULT
function(dmt_find_kernels file scratch)
  set(KERNELS_FAULT "" PARENT_SCOPE)
  if(NOT EXISTS "${file}" OR IS_DIRECTORY "${file}")
    set(KERNELS_FAULT "there is no file ${file}; GPU kernels are a libdmt_cuda.so, or a jar that holds one" PARENT_SCOPE)
    return()
  endif()
  set(library "${file}")
  if(file MATCHES "\\.jar$")
    execute_process(COMMAND "${CMAKE_COMMAND}" -E tar tf "${file}" OUTPUT_VARIABLE entries ERROR_QUIET)
    if(NOT entries MATCHES "/libdmt_cuda\\.so")
      set(KERNELS_FAULT "${file} holds no libdmt_cuda.so; that of dmt-native with the classifier linux-x86_64-gpu does"
        PARENT_SCOPE)
      return()
    endif()
    file(REMOVE_RECURSE "${scratch}")
    file(ARCHIVE_EXTRACT INPUT "${file}" DESTINATION "${scratch}" PATTERNS "*/libdmt_cuda.so")
    file(GLOB_RECURSE library "${scratch}/libdmt_cuda.so")
  endif()
  file(STRINGS "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../native/src/cuda/dmt_cuda.h" wanted
    REGEX "define DMT_CUDA_INTERFACE_VERSION ")
  string(REGEX MATCH "[0-9]+" wanted "${wanted}")
  file(STRINGS "${library}" identity REGEX "dmt_cuda interface [0-9]+" LIMIT_COUNT 1)
  string(REGEX MATCH "dmt_cuda interface ([0-9]+)" identity "${identity}")
  if(NOT identity)
    set(KERNELS_FAULT "${file} is no library of dmt's GPU kernels" PARENT_SCOPE)
  elseif(NOT CMAKE_MATCH_1 EQUAL wanted)
    set(KERNELS_FAULT "${file} has interface ${CMAKE_MATCH_1}, these sources need ${wanted}: they are of different versions"
      PARENT_SCOPE)
  endif()
  set(KERNELS_LIBRARY "${library}" PARENT_SCOPE)
endfunction()

function(dmt_take_kernels file folder)
  dmt_find_kernels("${file}" "${CMAKE_BINARY_DIR}/prebuilt")
  if(KERNELS_FAULT)
    message(FATAL_ERROR "DMT_CUDA_PREBUILT: ${KERNELS_FAULT}")
  endif()
  configure_file("${KERNELS_LIBRARY}" "${folder}/libdmt_cuda.so" COPYONLY)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE AND DEFINED KERNELS)
  cmake_minimum_required(VERSION 3.22)
  dmt_find_kernels("${KERNELS}" "${SCRATCH}")
  if(KERNELS_FAULT)
    message("fault: ${KERNELS_FAULT}")
  else()
    message("kernels: ${KERNELS}")
  endif()
endif()
