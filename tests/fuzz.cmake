# fuzz/NAME_fuzz.cc: a target of libFuzzer, and fuzz/NAME: texts to begin with. The default run replays these, and variations of
# them. With LIBSCHED_BUILD_FUZZERS, which needs clang, there is a program fuzz_NAME to run for as long as one likes:
#
#   fuzz_NAME -max_total_time=600 FOLDER_FOR_WHAT_IT_FINDS tests/fuzz/NAME

option(LIBSCHED_BUILD_FUZZERS "Build programs with libFuzzer (clang)" OFF)

function(libsched_fuzz source)
  cmake_path(GET source STEM stem)
  string(REGEX REPLACE "_fuzz$" "" stem "${stem}")
  add_executable(fuzz_${stem}_replay "${source}" "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/replay.cc")
  target_link_libraries(fuzz_${stem}_replay PRIVATE sched_core_test)
  set_target_properties(fuzz_${stem}_replay PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/fuzz")
  add_test(NAME fuzz.${stem} COMMAND fuzz_${stem}_replay "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/${stem}")
  set_tests_properties(fuzz.${stem} PROPERTIES LABELS fuzz TIMEOUT 120)
  if(LIBSCHED_BUILD_FUZZERS)
    # The code under test itself is built once more, since a fuzzer is led by what it sees of it.
    file(GLOB code "${PROJECT_SOURCE_DIR}/core/*/${stem}.cc")
    add_executable(fuzz_${stem} "${source}" ${code})
    target_include_directories(fuzz_${stem} PRIVATE "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/capi/include")
    target_compile_options(fuzz_${stem} PRIVATE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all)
    target_link_options(fuzz_${stem} PRIVATE -fsanitize=fuzzer,address,undefined)
    set_target_properties(fuzz_${stem} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/fuzz")
  endif()
endfunction()

file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/*_fuzz.cc")
foreach(source IN LISTS sources)
  libsched_fuzz("${source}")
endforeach()
