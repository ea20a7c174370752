#pragma once

#include <optional>
#include <string>

namespace comment_server {

/// Folders that are built and installed with the program, `<where the program
/// is>/../share/socketio/…`.
struct InstalledFiles {
  std::optional<std::string> page;    ///< none: not there, or without index.html
  std::optional<std::string> client;  ///< the Socket.IO client for browsers; none: not there

  /// Looks for them from the running program's file.
  static InstalledFiles find();
};

}  // namespace comment_server
