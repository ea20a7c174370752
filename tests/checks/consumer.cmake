# Installs the build given as -Dbuild= into a folder of its own, then configures, builds and runs -Dconsumer= against it.

set(work "${build}/consumer")
file(REMOVE_RECURSE "${work}")

function(run)
  message("$ ${ARGV}")
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "failed (${result}): ${ARGV}")
  endif()
endfunction()

run("${CMAKE_COMMAND}" --install "${build}" --prefix "${work}/prefix")
foreach(file bin/comment-server share/socketio/comment-server/page/index.html)
  if(NOT EXISTS "${work}/prefix/${file}")
    message(FATAL_ERROR "not installed: ${file}")
  endif()
endforeach()
run("${CMAKE_COMMAND}" -G Ninja -S "${consumer}" -B "${work}/build" "-DCMAKE_PREFIX_PATH=${work}/prefix"
    "-DCMAKE_CXX_COMPILER=${compiler}" "-DBoost_DIR=${boost}" -DCMAKE_BUILD_TYPE=Release)
run("${CMAKE_COMMAND}" --build "${work}/build")
run("${work}/build/consumer")
