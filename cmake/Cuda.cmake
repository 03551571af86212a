# DMT_NVCC: the CUDA compiler, where there is one. No kernel is built yet; the module that adds them
# stands on this look-up, so that a machine without CUDA builds everything else.
find_program(DMT_NVCC nvcc HINTS ENV CUDA_HOME PATH_SUFFIXES bin)
if(DMT_NVCC)
  message(STATUS "CUDA compiler: ${DMT_NVCC}")
else()
  message(STATUS "CUDA compiler: none; CPU only")
endif()
