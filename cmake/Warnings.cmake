# dmt::warnings: what our own code is compiled with. libtorch's headers are system headers and exempt.
add_library(dmt_warnings INTERFACE)
add_library(dmt::warnings ALIAS dmt_warnings)
target_compile_options(dmt_warnings INTERFACE -Wall -Wextra -Werror)
