# capi/*.c: each file is built as C++ against the shared library, and compiled as C89. Each line "CASE(name)" in it is a test of
# its own, capi.<file>.cxx.<name>, that runs "<program> <name>".

function(libsched_capi_test source)
  cmake_path(GET source STEM name)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
  file(STRINGS "${source}" lines REGEX "^CASE\\([A-Za-z0-9_]+\\)")
  list(TRANSFORM lines REPLACE "^CASE\\(([A-Za-z0-9_]+)\\).*" "\\1" OUTPUT_VARIABLE cases)
  if(NOT cases)
    message(FATAL_ERROR "${source} has no line CASE(name): none of its tests would run.")
  endif()
  set(target capi_${name}_cxx)
  set(as_cxx "${CMAKE_CURRENT_BINARY_DIR}/capi/${name}_cxx.cc")
  file(CONFIGURE OUTPUT "${as_cxx}" CONTENT "#include \"${source}\"\n")
  add_executable(${target} "${as_cxx}")
  target_link_libraries(${target} PRIVATE sched_shared Threads::Threads ${CMAKE_DL_LIBS})
  target_include_directories(${target} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/support")
  set_target_properties(${target} PROPERTIES CXX_STANDARD 11 CXX_EXTENSIONS OFF
                                             RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/capi")
  foreach(case IN LISTS cases)
    add_test(NAME capi.${name}.cxx.${case} COMMAND ${target} ${case})
    set_tests_properties(capi.${name}.cxx.${case} PROPERTIES LABELS capi TIMEOUT 60 SKIP_RETURN_CODE 77)
  endforeach()
endfunction()

file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/capi/*.c")
foreach(source IN LISTS sources)
  libsched_capi_test("${source}")
endforeach()

# That a C compiler takes them too is seen once.
if(NOT LIBSCHED_SANITIZE)
  add_library(capi_c89 OBJECT ${sources})
  target_link_libraries(capi_c89 PRIVATE sched_shared Threads::Threads)
  target_include_directories(capi_c89 PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/support")
  # Without extensions this is -std=c90, another name of c89.
  set_target_properties(capi_c89 PROPERTIES C_STANDARD 90 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)
  target_compile_options(capi_c89 PRIVATE -pedantic-errors -O0)
endif()
