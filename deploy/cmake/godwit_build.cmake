# How every target of godwit is made: one language level, one warning level, one way to say what floor it stands on.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(GODWIT_BLAS openblas CACHE STRING "What large products in training go through: openblas, or none for our own kernels")
set_property(CACHE GODWIT_BLAS PROPERTY STRINGS openblas none)
option(GODWIT_STATIC_PACKAGES "Put the used parts of Botan, OpenSSL, fmt, yaml-cpp and zlib into the executables, and do without their shared libraries" OFF)
set(GODWIT_SANITIZE "" CACHE STRING "Sanitizers for all targets: address,undefined or thread; empty for none")

find_program(GODWIT_CCACHE ccache)
if(GODWIT_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${GODWIT_CCACHE})
endif()
find_program(GODWIT_MOLD mold)
if(GODWIT_MOLD AND NOT CMAKE_CROSSCOMPILING) # a cross compiler looks for a mold of its own
  add_link_options(-fuse-ld=mold)
endif()
if(GODWIT_SANITIZE)
  add_compile_options(-fsanitize=${GODWIT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${GODWIT_SANITIZE})
endif()

# Where the processor has fused multiply-add by default, a compiler may use it in one build and not in another; x86-64
# has it only in the kernels that ask for it.
if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  add_compile_options(-ffp-contract=off)
endif()
if(GODWIT_SANITIZE MATCHES undefined)
  add_compile_options(-fno-sanitize=null) # CAF 0.17's headers bind null references where they spawn functions
endif()
if(GODWIT_SANITIZE MATCHES thread)
  add_compile_definitions(ASIO_DISABLE_FENCED_BLOCK) # the sanitizer does not know fences
endif()

add_library(godwit_warnings INTERFACE)
target_compile_options(godwit_warnings INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror)

# Of these only headers are read, and only in our sources: who uses an installed godwit needs none of them.
set(GODWIT_READ_ONLY_PACKAGES Asio::Asio nlohmann_json::nlohmann_json xtensor)

# godwit_library(NAME IN FOLDER SOURCES GLOB... [EXCEPT REGEX] USES TARGET... [PRIVATE TARGET...])
# A static library godwit_NAME, known to others as godwit::NAME. FOLDER/include is what others may include.
# USES are the floors below that its headers speak of; PRIVATE are packages that only its sources see.
# Installed with the rest: godwit_install.cmake.
function(godwit_library name)
  cmake_parse_arguments(arg "" "IN;EXCEPT" "SOURCES;USES;PRIVATE" ${ARGN})
  set(root ${CMAKE_SOURCE_DIR}/${arg_IN})
  list(TRANSFORM arg_SOURCES PREPEND ${root}/)
  file(GLOB sources CONFIGURE_DEPENDS ${arg_SOURCES})
  if(arg_EXCEPT)
    list(FILTER sources EXCLUDE REGEX ${arg_EXCEPT})
  endif()
  foreach(package IN LISTS GODWIT_READ_ONLY_PACKAGES)
    list(TRANSFORM arg_PRIVATE REPLACE "^${package}$" "$<BUILD_INTERFACE:${package}>")
  endforeach()
  if(NOT sources)
    add_library(godwit_${name} INTERFACE)
    target_include_directories(godwit_${name} INTERFACE $<BUILD_INTERFACE:${root}/include> $<INSTALL_INTERFACE:include>)
    target_link_libraries(godwit_${name} INTERFACE ${arg_USES})
  else()
    add_library(godwit_${name} STATIC ${sources})
    target_include_directories(godwit_${name} PUBLIC $<BUILD_INTERFACE:${root}/include> $<INSTALL_INTERFACE:include>
                                              PRIVATE ${root}/src)
    target_link_libraries(godwit_${name} PUBLIC ${arg_USES} PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:godwit_warnings>)
    target_compile_features(godwit_${name} PUBLIC cxx_std_20)
  endif()
  set_target_properties(godwit_${name} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY GODWIT_LIBRARIES godwit_${name})
  add_library(godwit::${name} ALIAS godwit_${name})
endfunction()

# godwit_test(NAME LABEL label SOURCES GLOB... USES TARGET...): one doctest executable, known to ctest by its label.
function(godwit_test name)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;USES" ${ARGN})
  list(TRANSFORM arg_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/tests/)
  file(GLOB sources CONFIGURE_DEPENDS ${arg_SOURCES})
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources} ${CMAKE_SOURCE_DIR}/tests/support/main.cpp)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests ${CMAKE_SOURCE_DIR}/runtime/src
                                             ${CMAKE_SOURCE_DIR}/actors/src)
  target_link_libraries(${name} PRIVATE ${arg_USES} doctest::doctest godwit_warnings)
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>) # what is tested is optimised; the tests need not be
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 300)
endfunction()
