# The compiler's settings for everything built here. A consumer of the installed library gets only C++20 from them.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES AND PROJECT_IS_TOP_LEVEL)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

# Warnings belong to our own targets only; include directories of dependencies are SYSTEM.
add_library(socketio_warnings INTERFACE)
target_compile_options(socketio_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor
  $<$<BOOL:${SOCKETIO_WARNINGS_AS_ERRORS}>:-Werror>)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 warns of overlapping copies inside "text" + std::string, wrongly (its bug 105651).
  target_compile_options(socketio_warnings INTERFACE -Wno-restrict)
endif()

if(SOCKETIO_SANITIZE)
  add_compile_options(-fsanitize=${SOCKETIO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SOCKETIO_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC warns of values and bounds in the code that the sanitizers themselves add.
    target_compile_options(socketio_warnings INTERFACE
      -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow)
  else()
    # clang 14 can't make object code of coroutines with it.
    add_compile_options(-fno-sanitize=function)
  endif()
  if(SOCKETIO_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # These two double the time to compile (measured); AddressSanitizer stops at null, the preset fuzz checks alignment.
    add_compile_options(-fno-sanitize=null,alignment)
  endif()
  if(SOCKETIO_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio orders memory with a fence in one place, which ThreadSanitizer cannot follow.
    target_compile_options(socketio_warnings INTERFACE -Wno-tsan)
  endif()
endif()

if(SOCKETIO_LIBFUZZER)
  add_compile_options(-fsanitize=fuzzer-no-link) # tests/fuzz links libFuzzer itself
endif()

# ccache, when it is there, also serves clones in other folders: paths are kept relative to the source tree.
find_program(SOCKETIO_CCACHE ccache)
if(SOCKETIO_CCACHE AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${SOCKETIO_CCACHE})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fpch-preprocess) # lets ccache see through precompiled headers
endif()
