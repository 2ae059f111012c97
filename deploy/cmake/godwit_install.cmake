# What `cmake --install` puts where: the executables, the libraries with their public headers, and the package that
# find_package(godwit) finds. Included once all targets are there.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/godwit)

get_property(libraries GLOBAL PROPERTY GODWIT_LIBRARIES)
install(TARGETS ${libraries} EXPORT godwit ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(folder messages privacy aggregation actors runtime)
  install(DIRECTORY ${folder}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(TARGETS godwit godwit_edge RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
# By itself: cmake --install BUILD --component privacy_manager.
install(TARGETS godwit_privacy_library LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT privacy_manager
                                               NAMELINK_COMPONENT privacy_manager)
install(FILES privacy/include/godwit/privacy/privacy_manager.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/godwit/privacy
        COMPONENT privacy_manager)
install(FILES privacy/python/godwit_privacy.py DESTINATION ${CMAKE_INSTALL_LIBDIR}/godwit COMPONENT privacy_manager)
install(FILES deploy/config/server.yml deploy/config/edge.yml deploy/config/REFERENCE.md LICENSE
        DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(EXPORT godwit NAMESPACE godwit:: FILE godwitTargets.cmake DESTINATION ${package_folder})
configure_package_config_file(deploy/cmake/godwitConfig.cmake.in ${CMAKE_BINARY_DIR}/godwitConfig.cmake
                              INSTALL_DESTINATION ${package_folder} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/godwitConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/godwitConfig.cmake ${CMAKE_BINARY_DIR}/godwitConfigVersion.cmake
              deploy/cmake/FindBotan.cmake deploy/cmake/FindCAF.cmake deploy/cmake/FindCBLAS.cmake
              deploy/cmake/Findyaml-cpp.cmake
        DESTINATION ${package_folder})
