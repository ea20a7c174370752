#include "examples/comment_server/installed_files.hpp"

#include <filesystem>
#include <system_error>

namespace comment_server {
namespace {

std::optional<std::string> folder_with(const std::filesystem::path& folder, const char* file) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder / file, ignored)) return {};
  return folder.string();
}

}  // namespace

InstalledFiles InstalledFiles::find() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const std::filesystem::path share = program.parent_path().parent_path() / "share" / "socketio";
  return {.page = folder_with(share / "comment-server" / "page", "index.html"),
          .client = folder_with(share / "client", "socket.io.js")};
}

}  // namespace comment_server
