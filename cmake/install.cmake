# cmake --install: libraries, public headers, the package for find_package(socketio). Programs install themselves.

include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY SOCKETIO_LIBRARIES)
# A folder of its own below include/, because "transports" is no name to claim in a system's include folder.
set(include_folder "${CMAKE_INSTALL_INCLUDEDIR}/socketio-${PROJECT_VERSION_MAJOR}")
set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/socketio")

install(TARGETS ${libraries} EXPORT socketio-targets
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
        INCLUDES DESTINATION "${include_folder}"
        FILE_SET HEADERS DESTINATION "${include_folder}")
install(EXPORT socketio-targets NAMESPACE socketio:: DESTINATION "${package_folder}")

configure_package_config_file(cmake/socketio-config.cmake.in "${PROJECT_BINARY_DIR}/cmake/socketio-config.cmake"
                              INSTALL_DESTINATION "${package_folder}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/cmake/socketio-config-version.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/cmake/socketio-config.cmake"
              "${PROJECT_BINARY_DIR}/cmake/socketio-config-version.cmake"
        DESTINATION "${package_folder}")
install(FILES LICENSE.txt DESTINATION "${CMAKE_INSTALL_DOCDIR}")
