# dmt::warnings: what our own code is compiled with. libtorch's headers are system headers and exempt.
add_library(dmt_warnings INTERFACE)
add_library(dmt::warnings ALIAS dmt_warnings)
target_compile_options(dmt_warnings INTERFACE -Wall -Wextra -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlapping and overlong copies in std::string's own operator+ (its bugs 105329, 105651).
  target_compile_options(dmt_warnings INTERFACE
    -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()
