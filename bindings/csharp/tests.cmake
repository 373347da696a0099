# The tests, on each runtime: one ctest entry for each class in tests/, bindings.csharp.RUNTIME.CLASS.

file(GLOB test_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/tests/*.cs")
file(GLOB example_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/examples/*.cs")
set(programs_sh "${CMAKE_CURRENT_SOURCE_DIR}/programs.sh")

# csharp_program(RUNTIME NAME SOURCE...): a program, and how it is run in csharp_command.
function(csharp_program runtime name)
  set(assembly "${CMAKE_CURRENT_BINARY_DIR}/${runtime}")
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${runtime}-${name}")
  set(program "${out}/${name}.exe")
  set(csharp_command "${LIBSCHED_MONO}" --debug "${program}")
  if(runtime STREQUAL dotnet)
    set(program "${out}/${name}.dll")
    set(csharp_command "${LIBSCHED_DOTNET}" "${program}")
  endif()
  set(csharp_command "${csharp_command}" PARENT_SCOPE)
  add_custom_command(
    OUTPUT "${program}"
    COMMAND "${CMAKE_COMMAND}" -E env "DOTNET=${LIBSCHED_DOTNET}" "MCS=${LIBSCHED_MCS}" sh "${programs_sh}" ${runtime}
            "${assembly}" "${out}" ${name} ${ARGN}
    DEPENDS ${ARGN} "${assembly}/LibSched.dll" "${programs_sh}"
    COMMENT "C#: ${name}, by ${runtime}"
    VERBATIM)
  add_custom_target(sched_csharp_${runtime}_${name} ALL DEPENDS "${program}")
endfunction()

foreach(runtime IN LISTS csharp_runtimes)
  csharp_program(${runtime} Tests ${test_sources})
  foreach(source IN LISTS test_sources)
    cmake_path(GET source STEM class)
    if(class MATCHES "Test$")
      add_test(NAME bindings.csharp.${runtime}.${class} COMMAND ${csharp_command} ${class})
      set_tests_properties(bindings.csharp.${runtime}.${class} PROPERTIES LABELS bindings TIMEOUT 300)
    endif()
  endforeach()

  set(examples)
  foreach(source IN LISTS example_sources)
    cmake_path(GET source STEM name)
    csharp_program(${runtime} ${name} "${source}")
    string(TOUPPER ${name} variable)
    list(JOIN csharp_command " " line)
    list(APPEND examples "${variable}=${line}")
  endforeach()
  add_test(NAME bindings.csharp.${runtime}.examples COMMAND "${CMAKE_COMMAND}" -E env ${examples} sh
                                                             "${CMAKE_CURRENT_SOURCE_DIR}/examples_test.sh")
  add_test(NAME bindings.csharp.${runtime}.consumer
           COMMAND "${CMAKE_COMMAND}" -E env "DOTNET=${LIBSCHED_DOTNET}" "MCS=${LIBSCHED_MCS}" "MONO=${LIBSCHED_MONO}" sh
                   "${CMAKE_CURRENT_SOURCE_DIR}/consumer_test.sh" ${runtime} "${PROJECT_BINARY_DIR}")
  set_tests_properties(bindings.csharp.${runtime}.examples bindings.csharp.${runtime}.consumer PROPERTIES LABELS bindings
                                                                                                      TIMEOUT 300)
endforeach()

add_test(NAME bindings.csharp.natives COMMAND sh "${PROJECT_SOURCE_DIR}/bindings/common/native_test.sh" csharp
                                              "${CMAKE_CURRENT_SOURCE_DIR}")
set_tests_properties(bindings.csharp.natives PROPERTIES LABELS bindings TIMEOUT 60)
