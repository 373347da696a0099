# What the bindings of all languages are built with.

include_guard(GLOBAL)

if(LIBSCHED_SANITIZE)
  message(FATAL_ERROR "LIBSCHED_BINDINGS cannot be built with LIBSCHED_SANITIZE: the language's runtime "
                      "would have to be built with the sanitizer too.")
endif()

# libsched_binding_tool(VARIABLE LANGUAGE PACKAGE PROGRAM...): a program, or a message that says what to install.
function(libsched_binding_tool variable language package)
  find_program(${variable} NAMES ${ARGN})
  if(NOT ${variable})
    list(JOIN ARGN " or " names)
    message(FATAL_ERROR "LIBSCHED_BINDINGS names \"${language}\", which needs ${names}: install ${package} "
                        "(Debian's name), or leave ${language} out.")
  endif()
endfunction()

# libsched_swig(OUT LANGUAGE INTERFACE OPTION...): the C++ file that SWIG makes of an interface; its other files go to the
# folder `generated` as well.
function(libsched_swig out language interface)
  libsched_binding_tool(LIBSCHED_SWIG ${language} swig swig)
  execute_process(COMMAND "${LIBSCHED_SWIG}" -version OUTPUT_VARIABLE version)
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" version "${version}")
  if(version VERSION_LESS 4.1)
    message(FATAL_ERROR "The bindings need SWIG 4.1 or later; ${LIBSCHED_SWIG} is ${version}.")
  endif()
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/generated")
  set(wrapper "${CMAKE_CURRENT_BINARY_DIR}/wrapper.cc")
  add_custom_command(
    OUTPUT "${wrapper}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${folder}"
    COMMAND "${LIBSCHED_SWIG}" ${ARGN} -c++ -Wall -Werror -MMD -MF "${wrapper}.d" -MT "${wrapper}" "-I${PROJECT_SOURCE_DIR}"
            "-I${PROJECT_SOURCE_DIR}/capi/include" -outdir "${folder}" -o "${wrapper}" "${interface}"
    DEPENDS "${interface}"
    DEPFILE "${wrapper}.d"
    COMMENT "SWIG: ${language}"
    VERBATIM)
  set(${out} "${wrapper}" PARENT_SCOPE)
endfunction()

# libsched_binding_library(TARGET WRAPPER SOURCE...): the library that the language loads. It finds libsched.so.0 beside itself.
function(libsched_binding_library target wrapper)
  add_library(${target} MODULE "${wrapper}" ${ARGN})
  # SWIG's code is not ours to mend, and casts as C does.
  set_source_files_properties("${wrapper}" PROPERTIES COMPILE_OPTIONS "-w;-fno-strict-aliasing")
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE sched_shared)
  # nodelete: worker threads run its code.
  target_link_options(${target} PRIVATE "LINKER:-z,nodelete,-z,relro,-z,now,--no-undefined")
  set_target_properties(${target} PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN")
endfunction()
