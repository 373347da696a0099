# bindings.go.*: each is a step of tests/test.sh, against a libsched that bindings.go.install puts into a prefix of its own.

set(prefix "${CMAKE_CURRENT_BINARY_DIR}/prefix")
file(GLOB scripts CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/tests/test.sh")
file(STRINGS "${CMAKE_CURRENT_SOURCE_DIR}/tests/test.sh" lines REGEX "^case_[a-z0-9_]+\\(\\)")
foreach(line IN LISTS lines)
  string(REGEX REPLACE "^case_([a-z0-9_]+)\\(.*" "\\1" case "${line}")
  set(name bindings.go.${case})
  add_test(NAME ${name} COMMAND sh "${CMAKE_CURRENT_SOURCE_DIR}/tests/test.sh" ${case})
  set_tests_properties(
    ${name} PROPERTIES LABELS bindings TIMEOUT 900 SKIP_RETURN_CODE 77
    ENVIRONMENT "LIBSCHED_GO=${LIBSCHED_GO};LIBSCHED_BUILD=${PROJECT_BINARY_DIR};LIBSCHED_WORK=${CMAKE_CURRENT_BINARY_DIR};\
CC=${CMAKE_C_COMPILER};CXX=${CMAKE_CXX_COMPILER}")
  if(case STREQUAL "install")
    set_tests_properties(${name} PROPERTIES FIXTURES_SETUP libsched_go)
  else()
    set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED libsched_go)
  endif()
endforeach()
