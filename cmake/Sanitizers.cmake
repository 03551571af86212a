# -DDMT_SANITIZE=address,undefined instruments everything that is compiled here (libtorch is not).
set(DMT_SANITIZE "" CACHE STRING "Sanitizers, separated by commas")
if(DMT_SANITIZE)
  add_compile_options(-fsanitize=${DMT_SANITIZE} -fno-omit-frame-pointer)
  # c10::intrusive_ptr and vtables of libtorch cross the border to code without instrumentation.
  add_compile_options(-fno-sanitize=vptr)
  # The loader chooses among the versions of a function before the sanitizers' own start-up has run.
  add_compile_definitions(DMT_NO_MULTIVERSION)
  # GCC takes values behind the checks that sanitizers insert for uninitialised.
  add_compile_options(-Wno-maybe-uninitialized)
  add_link_options(-fsanitize=${DMT_SANITIZE})
endif()
