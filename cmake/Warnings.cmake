# dmt::warnings: what our own code is compiled with. libtorch's headers are system headers and exempt.
add_library(dmt_warnings INTERFACE)
add_library(dmt::warnings ALIAS dmt_warnings)
option(DMT_WARNINGS_AS_ERRORS "Warnings are errors, as in our CI" OFF)
target_compile_options(dmt_warnings INTERFACE -Wall -Wextra $<$<BOOL:${DMT_WARNINGS_AS_ERRORS}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16)
  # From 12 on GCC sees overlapping and overlong copies in std::string's own functions (its bugs 105329, 105651).
  target_compile_options(dmt_warnings INTERFACE
    -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()
