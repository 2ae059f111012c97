# The distributions' libbotan-2-dev has no CMake package: this makes Botan::Botan.
find_path(BOTAN_INCLUDE_DIR botan/version.h PATH_SUFFIXES botan-2)
find_library(BOTAN_LIBRARY botan-2)
if(BOTAN_LIBRARY AND NOT TARGET Botan::Botan)
  add_library(Botan::Botan UNKNOWN IMPORTED)
  set_target_properties(Botan::Botan PROPERTIES IMPORTED_LOCATION "${BOTAN_LIBRARY}"
                        INTERFACE_INCLUDE_DIRECTORIES "${BOTAN_INCLUDE_DIR}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Botan REQUIRED_VARS BOTAN_LIBRARY BOTAN_INCLUDE_DIR)
