# jniDmtEngine: the library that JavaCPP's generated sources make. They are copied first, and only where
# they differ, since JavaCPP writes them anew with every build.
set(DMT_JAVA_HOME "$ENV{JAVA_HOME}" CACHE PATH "JDK whose jni.h is used")
foreach(dir IN ITEMS "${DMT_JAVA_HOME}/include" "${DMT_JAVA_HOME}/include/linux")
  if(NOT EXISTS "${dir}")
    message(FATAL_ERROR "no folder ${dir}; set -DDMT_JAVA_HOME= to a JDK")
  endif()
endforeach()

file(GLOB_RECURSE generated "${DMT_JNI_SOURCES}/*.cpp")
if(NOT generated)
  message(FATAL_ERROR "no .cpp file in ${DMT_JNI_SOURCES}; JavaCPP has not run")
endif()
set(copies "")
foreach(file IN LISTS generated)
  get_filename_component(name "${file}" NAME)
  configure_file("${file}" "${CMAKE_BINARY_DIR}/jni/${name}" COPYONLY)
  list(APPEND copies "${CMAKE_BINARY_DIR}/jni/${name}")
endforeach()

add_library(jniDmtEngine SHARED ${copies})
target_include_directories(jniDmtEngine SYSTEM PRIVATE
  "${DMT_JAVA_HOME}/include" "${DMT_JAVA_HOME}/include/linux")
target_link_libraries(jniDmtEngine PRIVATE dmt_engine)
target_compile_options(jniDmtEngine PRIVATE -w -O2)  # generated code is not ours to lint
set_target_properties(jniDmtEngine PROPERTIES
  LIBRARY_OUTPUT_DIRECTORY "${DMT_OUTPUT_DIRECTORY}"
  INSTALL_RPATH "$ORIGIN"
  BUILD_WITH_INSTALL_RPATH ON)

# What the JVM calls before libtorch is loaded.
target_sources(dmt_environment PRIVATE src/environment/gpu_runtime_jni.cpp
  src/cuda/gpu_libraries.cpp src/cuda/shared_object.cpp src/base/printable.cpp)
target_include_directories(dmt_environment SYSTEM PRIVATE
  "${DMT_JAVA_HOME}/include" "${DMT_JAVA_HOME}/include/linux")
# The engine has the same functions.
set_target_properties(dmt_environment PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
