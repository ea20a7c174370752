# socketio_library(<name> [HEADERS <public header>...])
#
# Defines socketio::<name> from the .cpp files of the current folder, its detail/ and its adapters/. HEADERS are the files
# that users may include, directly or through another one of them: they are installed, and tests/ compiles each alone.
function(socketio_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS")
  file(GLOB sources CONFIGURE_DEPENDS *.cpp detail/*.cpp adapters/*.cpp)
  set(target socketio_${name})
  add_library(${target} STATIC ${sources})
  add_library(socketio::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${arg_HEADERS})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:socketio_warnings>)
  set_property(GLOBAL APPEND PROPERTY SOCKETIO_LIBRARIES ${target})
  list(TRANSFORM arg_HEADERS PREPEND "${name}/")
  set_property(GLOBAL APPEND PROPERTY SOCKETIO_PUBLIC_HEADERS ${arg_HEADERS})
endfunction()

# socketio_program(<name> <source>...): a program of ours in bin/.
function(socketio_program name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE socketio::socketio socketio_warnings)
endfunction()
