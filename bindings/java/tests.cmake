# JUnit 5, one ctest entry for each class in src/test/java: bindings.java.CLASS.

find_file(LIBSCHED_JUNIT NAMES junit-platform-console-standalone.jar PATHS /usr/share/java NO_DEFAULT_PATH)
if(NOT LIBSCHED_JUNIT)
  message(FATAL_ERROR "The tests of the Java bindings need JUnit 5: install junit5 (Debian's name), name its "
                      "junit-platform-console-standalone.jar by LIBSCHED_JUNIT, or set LIBSCHED_BUILD_TESTS=OFF.")
endif()
cmake_path(GET LIBSCHED_JUNIT PARENT_PATH junit_dir)
set(junit_path "${LIBSCHED_JUNIT}")
foreach(part junit-jupiter-api junit-jupiter-engine junit-platform-commons junit-platform-engine junit-platform-launcher
             junit-platform-console junit-platform-reporting opentest4j opentest4j-reporting-events opentest4j-reporting-schema
             apiguardian-api picocli univocity-parsers)
  if(EXISTS "${junit_dir}/${part}.jar")
    string(APPEND junit_path ":${junit_dir}/${part}.jar")
  endif()
endforeach()

file(GLOB test_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/src/test/java/org/libsched/*.java")
set(test_classes "${CMAKE_CURRENT_BINARY_DIR}/test-classes")
set(test_stamp "${CMAKE_CURRENT_BINARY_DIR}/test-classes.stamp")
add_custom_command(
  OUTPUT "${test_stamp}"
  COMMAND "${CMAKE_COMMAND}" -E rm -rf "${test_classes}"
  COMMAND "${LIBSCHED_JAVAC}" --release 11 -Xlint:all,-processing,-classfile,-path,-try -Werror -proc:none -encoding UTF-8
          -d "${test_classes}" -cp "${jar}:${junit_path}" ${test_sources}
  COMMAND "${CMAKE_COMMAND}" -E touch "${test_stamp}"
  DEPENDS ${test_sources} "${jar}"
  VERBATIM)
add_custom_target(sched_java_tests ALL DEPENDS "${test_stamp}")

foreach(source IN LISTS test_sources)
  cmake_path(GET source STEM class)
  if(NOT class MATCHES "Test$")
    continue()
  endif()
  add_test(NAME bindings.java.${class}
           COMMAND "${LIBSCHED_JAVA}" -Xcheck:jni -Xss1m -ea -cp "${jar}:${test_classes}:${junit_path}"
                   org.junit.platform.console.ConsoleLauncher --disable-banner --details=tree --details-theme=ascii
                   --fail-if-no-tests
                   --select-class=org.libsched.${class})
  # What -Xcheck:jni finds is only printed.
  set_tests_properties(bindings.java.${class} PROPERTIES LABELS bindings TIMEOUT 300 FAIL_REGULAR_EXPRESSION
                                                         "WARNING[^\n]*(JNI|native)|FATAL ERROR in native")
endforeach()

add_test(NAME bindings.java.natives COMMAND sh "${PROJECT_SOURCE_DIR}/bindings/common/native_test.sh" java
                                            "${CMAKE_CURRENT_SOURCE_DIR}")
set_tests_properties(bindings.java.natives PROPERTIES LABELS bindings TIMEOUT 60)

add_test(NAME bindings.java.examples COMMAND sh "${CMAKE_CURRENT_SOURCE_DIR}/examples_test.sh" "${jar}"
                                             "${CMAKE_CURRENT_BINARY_DIR}/examples")
set_tests_properties(bindings.java.examples PROPERTIES LABELS bindings TIMEOUT 300 ENVIRONMENT
                     "JAVAC=${LIBSCHED_JAVAC};JAVA=${LIBSCHED_JAVA};LC_ALL=C.UTF-8")

add_test(NAME bindings.java.consumer COMMAND sh "${CMAKE_CURRENT_SOURCE_DIR}/consumer_test.sh" "${PROJECT_BINARY_DIR}"
                                             "${CMAKE_CURRENT_BINARY_DIR}/consumer")
set_tests_properties(bindings.java.consumer PROPERTIES LABELS bindings TIMEOUT 300)
