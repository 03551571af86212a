# dmt_tests: every src/**/*_test.cc in one program, since linking and loading libtorch is what costs time.
# ctest runs it once per label; the results of the single tests are in ctest/<label>.xml of the build
# folder. A test whose suite is called Slow... or whose name ends in Slow has the label slow, one whose suite is
# called Multirank... the label multirank; the label gpu-path runs some of them once more on another device.
enable_testing()
find_package(GTest QUIET)
if(NOT GTest_FOUND)
  message(FATAL_ERROR
    "GoogleTest is missing: install libgtest-dev (Debian, Ubuntu) or gtest-devel (Fedora), "
    "or build without tests: -DDMT_BUILD_TESTS=OFF")
endif()

if(test_sources)
  # An object library, since those are compiled with -fPIC, as the precompiled header is.
  add_library(dmt_test_objects OBJECT ${test_sources})
  target_include_directories(dmt_test_objects PRIVATE src)
  target_link_libraries(dmt_test_objects PUBLIC
    dmt_engine dmt::torch nlohmann_json::nlohmann_json GTest::gtest GTest::gtest_main)
  target_link_libraries(dmt_test_objects PRIVATE dmt::warnings)
  # The kernels' tests call those of the emulated device, engine tests load theirs as they would a GPU's.
  target_link_libraries(dmt_test_objects PUBLIC dmt_cuda_checked)
  target_compile_definitions(dmt_test_objects PRIVATE
    DMT_EMULATED_KERNELS="$<TARGET_FILE:dmt_cuda_emulated>"
    DMT_BROKEN_KERNELS="$<TARGET_FILE:dmt_cuda_broken>")
  # GoogleTest's macros hold an else of their own: `if (c) EXPECT_TRUE(x);` is not ambiguous.
  target_compile_options(dmt_test_objects PRIVATE -Wno-dangling-else)
  target_compile_definitions(dmt_test_objects PRIVATE DMT_TESTDATA="${CMAKE_CURRENT_SOURCE_DIR}/testdata")
  if(DMT_PRECOMPILE)
    target_precompile_headers(dmt_test_objects REUSE_FROM dmt_engine)
  endif()
  if(DMT_UNITY)  # see [Note: sources as one]
    set_target_properties(dmt_test_objects PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
  # What is tested is the engine, not these: half of their time would go into making them fast. A -O after another wins.
  target_compile_options(dmt_test_objects PRIVATE $<$<CONFIG:Release>:-O1>)
  add_executable(dmt_tests)
  target_link_libraries(dmt_tests PRIVATE dmt_test_objects)
  add_dependencies(dmt_tests dmt_cuda_emulated dmt_cuda_broken)  # loaded, not linked
  set_target_properties(dmt_tests PROPERTIES
    BUILD_RPATH "${DMT_OUTPUT_DIRECTORY};${DMT_TORCH_LIBRARY_DIR}")

  set(slow "Slow*:*Slow:*/Slow*")
  set(multirank "Multirank*:*/Multirank*")
  add_test(NAME native COMMAND dmt_tests --gtest_filter=-${slow}:${multirank}
    --gtest_output=xml:${CMAKE_BINARY_DIR}/ctest/native.xml)
  add_test(NAME multirank COMMAND dmt_tests --gtest_filter=${multirank}
    --gtest_output=xml:${CMAKE_BINARY_DIR}/ctest/multirank.xml)
  add_test(NAME slow COMMAND dmt_tests --gtest_filter=${slow}
    --gtest_output=xml:${CMAKE_BINARY_DIR}/ctest/slow.xml)
  # Engine tests once more on the GPU path: on a GPU, or, without one, on the host (see src/test_device.h).
  add_test(NAME gpu-path COMMAND dmt_tests
    "--gtest_filter=*EngineTest*:*GoldenTest.Logits*:*GoldenTest.*/mhaFloat32Keep:*GoldenFloat32*:*GenerationTest*:Bf16States.Give*:*/LoraGoldenTest.TwentySteps*:Multirank.Gradients*:Multirank.Evaluation*:*EngineState.The*:HiddenStates*:EngineAdapter.*:*EngineQuantized*:Attention.*-*ThePeakOf*"
    --gtest_output=xml:${CMAKE_BINARY_DIR}/ctest/gpu-path.xml)
  foreach(label IN ITEMS native multirank slow gpu-path)
    set_tests_properties(${label} PROPERTIES LABELS ${label} TIMEOUT 1800
      ENVIRONMENT "OPENBLAS_NUM_THREADS=1;GOMP_SPINCOUNT=10000")
  endforeach()
  # These may run at once (ctest --parallel): many tests wait, for time-outs and for other ranks. Of gpu-path and gpu
  # (cmake/Cuda.cmake), which work on a GPU throughout, one has it at a time.
  set_property(TEST gpu-path APPEND PROPERTY ENVIRONMENT DMT_TEST_DEVICE=cuda)
  set_tests_properties(gpu-path PROPERTIES RESOURCE_LOCK device)
endif()
