# cmake -Dpackage=<node_modules/socket.io-client> -Ddestination=<folder> -P copy_client_bundle.cmake
#
# Copies the browser bundles of the official client, and its version as the file VERSION, out of the npm package that
# interop/package.json pins. Without the package it warns: the server is complete, but pages must bring their own client.

cmake_minimum_required(VERSION 3.25)

if(NOT EXISTS "${package}/package.json")
  message("warning: no ${package}\n"
          "         comment-server will answer 404 for /socket.io/socket.io.js; run `npm ci` in interop/ and build again.")
  return()
endif()

foreach(name socket.io.js socket.io.min.js socket.io.esm.min.js socket.io.msgpack.min.js)
  foreach(file "${name}" "${name}.map")
    if(NOT EXISTS "${package}/dist/${file}")
      message(FATAL_ERROR "${package}/dist has no ${file}: is the package damaged? Run `npm ci` in interop/.")
    endif()
    file(COPY "${package}/dist/${file}" DESTINATION "${destination}")
  endforeach()
endforeach()
file(COPY "${package}/LICENSE" DESTINATION "${destination}")

file(READ "${package}/package.json" manifest)
string(JSON version GET "${manifest}" version)
file(WRITE "${destination}/VERSION" "${version}\n")
