# unit/*_test.cc, stress/*_test.cc and chaos/*_test.cc: one program per file, one ctest entry per case. Most of their time is
# that of the compiler, so what all of them read is compiled once, and only the stress tests are optimised.

# A program, as those that use them are: compiled for a library they would not fit.
add_executable(gtest_headers "${CMAKE_CURRENT_SOURCE_DIR}/support/headers.cc")
target_link_libraries(gtest_headers PRIVATE sched_core_test GTest::gtest GTest::gtest_main)
target_compile_definitions(gtest_headers PRIVATE SCHED_STRESS_DIVISOR=${stress_divisor})
target_compile_options(gtest_headers PRIVATE -O0)
target_precompile_headers(gtest_headers PRIVATE <gtest/gtest.h> <algorithm> <atomic> <chrono> <condition_variable> <functional> <map>
                          <memory> <mutex> <random> <string> <thread> <vector>)

function(libsched_gtest source core label timeout)
  cmake_path(GET source STEM stem)
  string(REGEX REPLACE "_test$" "" stem "${stem}")
  cmake_path(GET source PARENT_PATH folder)
  cmake_path(GET folder FILENAME folder)
  set(name ${folder}_${stem})
  add_executable(${name} "${source}")
  target_link_libraries(${name} PRIVATE ${core} GTest::gtest GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE SCHED_STRESS_DIVISOR=${stress_divisor})
  if(folder STREQUAL "unit")
    target_precompile_headers(${name} REUSE_FROM gtest_headers)
  endif()
  if(NOT folder STREQUAL "stress")
    target_compile_options(${name} PRIVATE -O0)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/${folder}")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 TEST_PREFIX ${folder}.${stem}.
                       PROPERTIES LABELS ${label} TIMEOUT ${timeout} ${ARGN})
endfunction()

file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/unit/*_test.cc")
foreach(source IN LISTS sources)
  libsched_gtest("${source}" sched_core_test unit 60)
endforeach()

# Its threads take turns: what the C++ library does with locks goes through the test.
foreach(name pthread_mutex_lock pthread_mutex_unlock _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE
             _ZNSt18condition_variable10notify_oneEv _ZNSt18condition_variable10notify_allEv)
  target_link_options(unit_run_simulation PRIVATE "LINKER:--wrap=${name}")
endforeach()

# A stress test wants the machine for itself: ctest -j counts it as several jobs.
file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/stress/*_test.cc")
foreach(source IN LISTS sources)
  libsched_gtest("${source}" sched_core_test stress 300 PROCESSORS 2)
endforeach()

# Stress tests of an engine whose atomics wait at random. They sleep more than they compute.
file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/chaos/*_test.cc")
foreach(source IN LISTS sources)
  libsched_gtest("${source}" sched_core_chaos stress 300)
endforeach()
