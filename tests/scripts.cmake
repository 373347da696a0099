# Tests that are shell scripts.

# libsched_script(NAME LABEL TIMEOUT SCRIPT ARGUMENT...)
function(libsched_script name label timeout script)
  add_test(NAME ${name} COMMAND sh "${CMAKE_CURRENT_SOURCE_DIR}/${script}" ${ARGN})
  set_tests_properties(
    ${name} PROPERTIES LABELS ${label} TIMEOUT ${timeout} SKIP_RETURN_CODE 77
                       ENVIRONMENT
                       "CC=${CMAKE_C_COMPILER};CXX=${CMAKE_CXX_COMPILER};CMAKE_GENERATOR=${CMAKE_GENERATOR}")
endfunction()

set(work "${CMAKE_CURRENT_BINARY_DIR}")

file(GLOB scripts CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/examples/*.sh")
foreach(script IN LISTS scripts)
  cmake_path(GET script STEM stem)
  libsched_script(examples.${stem} examples 300 "examples/${stem}.sh")
  set_property(TEST examples.${stem} APPEND PROPERTY ENVIRONMENT "LIBSCHED_EXAMPLES=${PROJECT_BINARY_DIR}/capi/examples"
                                                     "LIBSCHED_SO=$<TARGET_FILE:sched_shared>")
endforeach()

# interop/*.sh: each function case_NAME in a script is a test of its own, that runs "SCRIPT NAME".
file(GLOB scripts CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/interop/*.sh")
foreach(script IN LISTS scripts)
  cmake_path(GET script STEM stem)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${script}")
  file(STRINGS "${script}" lines REGEX "^case_[a-z0-9_]+\\(\\)")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^case_([a-z0-9_]+)\\(.*" "\\1" case "${line}")
    set(name interop.${stem}.${case})
    libsched_script(${name} interop 300 "interop/${stem}.sh" "${case}")
    set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT "LIBSCHED_EXAMPLES=${PROJECT_BINARY_DIR}/capi/examples"
                                             "LIBSCHED_SO=$<TARGET_FILE:sched_shared>")
  endforeach()
endforeach()

libsched_script(install.prefix install 300 install/install_test.sh "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}"
                "${work}/install/prefix")
libsched_script(install.readme install 120 install/readme_test.sh "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}"
                "${work}/install/readme")
libsched_script(install.plain install 600 install/plain_test.sh "${PROJECT_SOURCE_DIR}" "${work}/install/plain")

foreach(standard c89 c99 c11 c2x c++98 c++11 c++17 c++20 c++23)
  if(standard MATCHES "\\+\\+")
    set(compilers g++ clang++)
  else()
    set(compilers gcc clang)
  endif()
  string(REPLACE "c++23" "c++2b" flag "${standard}") # the name that older compilers know
  foreach(compiler IN LISTS compilers)
    libsched_script(headers.${compiler}.${standard} headers 60 headers/compile_test.sh "${PROJECT_SOURCE_DIR}"
                    "${work}/headers/${compiler}-${standard}" ${compiler} ${flag})
  endforeach()
endforeach()
libsched_script(headers.macros headers 60 headers/macros_test.sh "${PROJECT_SOURCE_DIR}" "${work}/headers/macros")
libsched_script(headers.docs headers 60 headers/docs_test.sh "${PROJECT_SOURCE_DIR}")

set(libraries $<TARGET_FILE:sched_shared> $<TARGET_FILE:sched_static>)
libsched_script(abi.symbols abi 60 abi/symbols_test.sh "${PROJECT_SOURCE_DIR}" "${work}/abi/symbols" ${libraries})
libsched_script(abi.table abi 60 abi/table_test.sh "${PROJECT_SOURCE_DIR}" "${work}/abi/table")
libsched_script(abi.layout abi 60 abi/layout_test.sh "${PROJECT_SOURCE_DIR}")
libsched_script(abi.selftest abi 60 abi/selftest.sh "${PROJECT_SOURCE_DIR}" "${work}/abi/selftest" ${libraries})

foreach(check orders fences layers system atomics names)
  libsched_script(lint.${check} lint 60 lint/lint.sh ${check} "${PROJECT_SOURCE_DIR}")
endforeach()
libsched_script(lint.paths lint 60 lint/lint.sh paths "${PROJECT_BINARY_DIR}")
libsched_script(lint.selftest lint 60 lint/selftest.sh "${work}/lint/selftest")
