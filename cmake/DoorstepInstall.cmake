# cmake --install: the two commands, the SDK with the static libraries it needs, its headers and a CMake package,
# so that an app writes find_package(doorstep) and links doorstep::client.
include(CMakePackageConfigHelpers)

foreach(target IN ITEMS doorstep doorstepd)
  if(TARGET ${target})
    install(TARGETS ${target} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  endif()
endforeach()

install(TARGETS
  doorstep_client doorstep_session doorstep_sqlite doorstep_schema doorstep_figures doorstep_wire doorstep_ports doorstep_core
  doorstep_asio
  EXPORT doorstep_targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")

install(DIRECTORY client-sdk/include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h")
# Public headers name engine types, so the engine's headers travel with them, in a folder of their own.
install(DIRECTORY engine schema DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/doorstep-engine"
  FILES_MATCHING PATTERN "*.hpp" PATTERN "*.def" PATTERN "sample" EXCLUDE PATTERN "golden" EXCLUDE)

set(doorstep_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/doorstep")
install(EXPORT doorstep_targets NAMESPACE doorstep:: DESTINATION "${doorstep_package_dir}")
configure_package_config_file(cmake/doorstep-config.cmake.in "${PROJECT_BINARY_DIR}/doorstep-config.cmake"
  INSTALL_DESTINATION "${doorstep_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/doorstep-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/doorstep-config.cmake" "${PROJECT_BINARY_DIR}/doorstep-config-version.cmake"
  cmake/DoorstepDependencies.cmake
  DESTINATION "${doorstep_package_dir}")
