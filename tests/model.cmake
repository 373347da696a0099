# The model checker: tests/model/README.md. One program that holds the engine's own sources, compiled against the checker's
# Sync policy; one ctest entry per scenario, and one per group of memory orders for its mutants.

# Sanitizers do not know the checker's fibers, and it looks for races and uses after the end itself.
if(LIBSCHED_SANITIZE)
  return()
endif()

set(generated "${CMAKE_CURRENT_BINARY_DIR}/model")
file(GLOB_RECURSE core_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/core/*.h")
file(GLOB_RECURSE core_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/core/*.cc")
list(FILTER core_sources EXCLUDE REGEX "/core/pool/current\\.cc$") # the checker's threads are none of the system's
set(orders_awk "${CMAKE_CURRENT_SOURCE_DIR}/model/orders.awk")
foreach(what declarations table)
  if(what STREQUAL "table")
    set(output "${generated}/orders_table.cc")
  else()
    set(output "${generated}/orders_generated.h")
  endif()
  add_custom_command(
    OUTPUT "${output}"
    COMMAND awk -v what=${what} -f "${orders_awk}" ${core_headers} > "${output}"
    DEPENDS "${orders_awk}" ${core_headers}
    VERBATIM)
endforeach()

file(GLOB model_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/model/engine/*.cc"
     "${CMAKE_CURRENT_SOURCE_DIR}/model/scenarios/*.cc")
add_library(model_core OBJECT ${core_sources} "${generated}/orders_generated.h")
target_include_directories(model_core PUBLIC "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/capi/include"
                                             "${generated}")
target_compile_definitions(model_core PUBLIC SCHED_REPLACEABLE_SYS=1
                                             "SCHED_SYNC_HEADER=\"tests/model/engine/policy.h\"")
# Speed counts in every build type.
target_compile_options(model_core PUBLIC -O2)
target_link_libraries(model_core PUBLIC Threads::Threads ${CMAKE_DL_LIBS})
libsched_unity(model_core)
add_executable(model_tests ${model_sources} "${generated}/orders_table.cc" "${generated}/orders_generated.h")
target_link_libraries(model_tests PRIVATE model_core)

# libsched_model(KIND NAME): one run of the program.
function(libsched_model kind name)
  add_test(NAME model.${kind}.${name}
           COMMAND model_tests --survivors "${CMAKE_CURRENT_SOURCE_DIR}/model/survivors.md" ${kind} ${name})
  set_tests_properties(model.${kind}.${name} PROPERTIES LABELS model TIMEOUT 300)
endfunction()

set(scenario_sources ${model_sources})
list(FILTER scenario_sources INCLUDE REGEX "/scenarios/")
foreach(source IN LISTS scenario_sources)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
  file(STRINGS "${source}" lines REGEX "^(SCENARIO|LITMUS)\\(")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^[A-Z]+\\(([a-z0-9_]+).*" "\\1" name "${line}")
    libsched_model(run ${name})
  endforeach()
endforeach()
foreach(header IN LISTS core_headers)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${header}")
  file(STRINGS "${header}" lines REGEX "^struct [A-Za-z]+Orders( : [A-Za-z]+)? {")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^struct ([A-Za-z]+) .*" "\\1" name "${line}")
    libsched_model(mutants ${name})
  endforeach()
endforeach()

# Executions that once showed a bug, or that show a mutant's.
file(GLOB schedules CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/model/regress/*.sched")
foreach(schedule IN LISTS schedules)
  cmake_path(GET schedule STEM name)
  add_test(NAME model.regress.${name} COMMAND model_tests regress "${schedule}")
  set_tests_properties(model.regress.${name} PROPERTIES LABELS model TIMEOUT 60)
endforeach()
