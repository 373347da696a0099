# Install rules: headers, both libraries, sched.pc, the CMake package and the licence. All of it works from wherever the
# prefix is moved to.

include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/libsched")

# What a C compiler must be told to link libsched.a: the C++ runtime that this compiler links by itself.
set(CXX_RUNTIME ${CMAKE_CXX_IMPLICIT_LINK_LIBRARIES})
list(FILTER CXX_RUNTIME INCLUDE REGEX "^(stdc\\+\\+|c\\+\\+|c\\+\\+abi|m)$")
list(REMOVE_DUPLICATES CXX_RUNTIME)

install(TARGETS sched_shared sched_static EXPORT libschedTargets)
install(DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/include/" TYPE INCLUDE FILES_MATCHING PATTERN "*.h")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/licenses/libsched")

install(EXPORT libschedTargets NAMESPACE libsched:: DESTINATION "${package_dir}")
configure_package_config_file(libschedConfig.cmake.in libschedConfig.cmake INSTALL_DESTINATION "${package_dir}"
                              NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Until 1.0 a minor version may change the interface.
write_basic_package_version_file(libschedConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/libschedConfig.cmake"
              "${CMAKE_CURRENT_BINARY_DIR}/libschedConfigVersion.cmake" DESTINATION "${package_dir}")

# In sched.pc what lies below the prefix is named relative to the file itself; an absolute path stays as it is.
function(libsched_pc_dir out dir)
  if(IS_ABSOLUTE "${dir}")
    set(${out} "${dir}" PARENT_SCOPE)
  else()
    set(${out} "\${prefix}/${dir}" PARENT_SCOPE)
  endif()
endfunction()

if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(PC_PREFIX "${CMAKE_INSTALL_PREFIX}")
else()
  file(RELATIVE_PATH up "/p/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/p")
  string(REGEX REPLACE "/$" "" up "${up}")
  set(PC_PREFIX "\${pcfiledir}/${up}")
endif()
libsched_pc_dir(PC_LIBDIR "${CMAKE_INSTALL_LIBDIR}")
libsched_pc_dir(PC_INCLUDEDIR "${CMAKE_INSTALL_INCLUDEDIR}")

set(PC_LIBS_PRIVATE ${CXX_RUNTIME} ${CMAKE_DL_LIBS})
list(TRANSFORM PC_LIBS_PRIVATE PREPEND "-l")
list(APPEND PC_LIBS_PRIVATE -pthread)
list(JOIN PC_LIBS_PRIVATE " " PC_LIBS_PRIVATE)

configure_file("${PROJECT_SOURCE_DIR}/sched.pc.in" sched.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/sched.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
