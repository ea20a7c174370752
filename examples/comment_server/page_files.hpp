#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "engineio/request.hpp"
#include "socketio/http.hpp"

namespace comment_server {

/// The files of a folder over HTTP, for a page of a few small ones: they are read once and kept in
/// memory.
///
/// `/` is index.html; every other path is the name of a file in the folder, and of no other folder.
/// Browsers ask each time whether a file has changed (ETag, 304), so that a new version shows at
/// once. Answers forbid everything that the page does not need itself (Content-Security-Policy).
///
/// Threads: immutable once made.
class PageFiles {
 public:
  /// No files: every answer is 404.
  PageFiles() = default;
  /// Reads the folder. Throws std::runtime_error if it cannot be read or has no index.html.
  explicit PageFiles(const std::string& folder);

  socketio::HttpResponse answer(const engineio::Request& request) const;
  std::size_t size() const noexcept { return files_.size(); }

 private:
  struct File {
    std::string content_type;
    std::string etag;
    std::string content;
  };
  std::unordered_map<std::string, File> files_;  // by path, `/style.css`
};

}  // namespace comment_server
