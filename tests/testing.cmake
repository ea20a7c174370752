# socketio_test(<name> LABEL <label> FOLDER <folder> [LIBRARIES <more>...]): one program of all .cpp files below the folder,
# one ctest entry. Its results go to reports/<name>.xml, where scripts/test counts them. The target test_programs builds
# everything that unit, integration and fuzz tests run.

add_custom_target(test_programs)

# All test programs link the same libraries and share one precompiled header.
file(GLOB_RECURSE support_sources CONFIGURE_DEPENDS support/*.cpp)
file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/precompiled.cpp" "// Carries the tests' precompiled header.\n")
add_library(test_support STATIC "${CMAKE_CURRENT_BINARY_DIR}/precompiled.cpp" ${support_sources})
target_link_libraries(test_support PUBLIC
  socketio::socketio socketio::transports OpenSSL::SSL OpenSSL::Crypto GTest::gtest GTest::gmock socketio_warnings)
# The tests' own code is compiled quickly; what they test keeps the preset's optimisation. They may leave out members that
# do not matter to them.
target_compile_options(test_support PUBLIC -O0 -Wno-missing-field-initializers)
target_precompile_headers(test_support PRIVATE
  <gmock/gmock.h> <gtest/gtest.h> <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp>
  <boost/asio/steady_timer.hpp> <boost/json/value.hpp>)

set(sanitizer_options
  "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=second_deadlock_stack=1:history_size=4:suppressions=${CMAKE_CURRENT_SOURCE_DIR}/tsan.supp")

# GCC 12's ThreadSanitizer does not start where the kernel randomises addresses by more bits than it knows (Linux 6.6 on).
set(test_launcher "")
if(SOCKETIO_SANITIZE MATCHES "thread")
  find_program(SOCKETIO_SETARCH setarch)
  execute_process(COMMAND "${SOCKETIO_SETARCH}" -R true RESULT_VARIABLE without_randomisation OUTPUT_QUIET ERROR_QUIET)
  if(without_randomisation EQUAL 0)
    set(test_launcher "${SOCKETIO_SETARCH}" -R)
  endif()
endif()

function(socketio_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;FOLDER" "LIBRARIES")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${arg_FOLDER}/*.cpp)
  if(NOT sources)
    message(STATUS "${name}: no tests in tests/${arg_FOLDER}")
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE test_support ${arg_LIBRARIES} GTest::gtest_main)
  add_dependencies(test_programs ${name})
  target_precompile_headers(${name} REUSE_FROM test_support)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  add_test(NAME ${name}
           COMMAND ${test_launcher} $<TARGET_FILE:${name}> "--gtest_output=xml:${PROJECT_BINARY_DIR}/reports/${name}.xml"
           WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 240 ENVIRONMENT "${sanitizer_options}")
endfunction()
