#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/options.hpp"
#include "socketio/http.hpp"

namespace socketio::detail {

/// The browser's client as the JavaScript server serves it: socket.io.js, socket.io.min.js,
/// socket.io.esm.min.js and their source maps, from memory.
class ClientBundle {
 public:
  struct File {
    std::string name;
    std::string content;
  };

  /// Reads the files that are there. `version` is what HTTP caches compare; empty: the content of
  /// the file VERSION. Throws boost::system::system_error when socket.io.js, or the version, can't
  /// be read.
  ClientBundle(const std::string& folder, std::string version);

  const std::vector<File>& files() const noexcept { return files_; }
  /// Answers a request for one of the files, of any method.
  HttpResponse answer(const File& file, const engineio::Request& request,
                      const std::optional<engineio::Cors>& cors) const;

 private:
  std::vector<File> files_;
  std::string etag_;
};

}  // namespace socketio::detail
