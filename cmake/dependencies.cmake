# What the build needs from outside. scripts/install-packages installs all of it on Debian 12.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# Headers only: the one compiled part of Boost that is used, Boost.JSON, is built from its headers (socketio/CMakeLists.txt).
find_package(Boost 1.81 QUIET)
if(NOT Boost_FOUND)
  message(FATAL_ERROR
    "Boost 1.81 or newer was not found (looked for its headers, boost/version.hpp).\n"
    "  Debian 12:  apt-get install libboost1.81-dev\n"
    "  elsewhere:  -DBOOST_ROOT=/folder/of/boost\n"
    "Debian's libboost-dev is 1.74, which is too old; libboost1.81-dev cannot be installed beside libboost1.74-dev.")
endif()

find_package(OpenSSL 3 REQUIRED COMPONENTS SSL Crypto)

if(SOCKETIO_BUILD_PROGRAMS OR SOCKETIO_BUILD_BENCH)
  find_package(CLI11 REQUIRED CONFIG)
endif()
if(SOCKETIO_BUILD_PROGRAMS)
  find_package(SQLite3 REQUIRED)
  find_package(spdlog REQUIRED CONFIG)
endif()
if(SOCKETIO_BUILD_TESTS)
  find_package(GTest REQUIRED CONFIG)
endif()
