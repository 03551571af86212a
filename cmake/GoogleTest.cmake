# dmt_tests: every src/**/*_test.cc in one program, since linking and loading libtorch is what costs time.
# ctest runs it once per label; the results of the single tests are in ctest/<label>.xml of the build
# folder. A test whose suite is called Slow... or whose name ends in Slow has the label slow.
enable_testing()
find_package(GTest QUIET)
if(NOT GTest_FOUND)
  message(FATAL_ERROR
    "GoogleTest is missing: install libgtest-dev (Debian, Ubuntu) or gtest-devel (Fedora), "
    "or build without tests: -DDMT_BUILD_TESTS=OFF")
endif()

if(test_sources)
  add_executable(dmt_tests ${test_sources})
  target_include_directories(dmt_tests PRIVATE src)
  target_link_libraries(dmt_tests PRIVATE
    dmt_engine dmt::torch dmt::warnings nlohmann_json::nlohmann_json GTest::gtest GTest::gtest_main)
  target_compile_definitions(dmt_tests PRIVATE DMT_TESTDATA="${CMAKE_CURRENT_SOURCE_DIR}/testdata")
  set_target_properties(dmt_tests PROPERTIES
    BUILD_RPATH "${DMT_OUTPUT_DIRECTORY};${DMT_TORCH_LIBRARY_DIR}")

  if(DMT_PRECOMPILE)
    target_precompile_headers(dmt_tests REUSE_FROM dmt_engine)
  endif()

  set(slow "Slow*:*Slow:*/Slow*")
  add_test(NAME native COMMAND dmt_tests --gtest_filter=-${slow}
    --gtest_output=xml:${CMAKE_BINARY_DIR}/ctest/native.xml)
  add_test(NAME slow COMMAND dmt_tests --gtest_filter=${slow}
    --gtest_output=xml:${CMAKE_BINARY_DIR}/ctest/slow.xml)
  set_tests_properties(native PROPERTIES LABELS native TIMEOUT 1800)
  set_tests_properties(slow PROPERTIES LABELS slow TIMEOUT 1800)
  set_tests_properties(native slow PROPERTIES ENVIRONMENT "OPENBLAS_NUM_THREADS=1" RUN_SERIAL ON)
endif()
