#include "socketio/detail/client_bundle.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>

#include <boost/system/system_error.hpp>

#include "engineio/cors.hpp"

namespace socketio::detail {
namespace {

constexpr std::array<std::string_view, 6> names = {
    "socket.io.js",         "socket.io.js.map",     "socket.io.min.js",
    "socket.io.min.js.map", "socket.io.esm.min.js", "socket.io.esm.min.js.map"};

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

[[noreturn]] void fail(const std::string& path) {
  const auto error =
      boost::system::errc::make_error_code(boost::system::errc::no_such_file_or_directory);
  throw boost::system::system_error(error, "serve_client: cannot read " + path);
}

}  // namespace

ClientBundle::ClientBundle(const std::string& folder, std::string version) {
  for (const std::string_view name : names) {
    const std::string path = folder + '/' + std::string(name);
    if (auto content = read_file(path)) files_.push_back({std::string(name), std::move(*content)});
  }
  if (files_.empty() || files_.front().name != names.front()) fail(folder + "/socket.io.js");
  if (version.empty()) {
    version = read_file(folder + "/VERSION").value_or("");
    version.erase(version.find_last_not_of(" \r\n\t") + 1);
    if (version.empty()) fail(folder + "/VERSION");
  }
  etag_ = '"' + version + '"';
}

HttpResponse ClientBundle::answer(const File& file, const engineio::Request& request,
                                  const std::optional<engineio::Cors>& cors) const {
  if (cors && engineio::is_preflight(request)) {
    return {.status = cors->success_status, .headers = engineio::preflight_headers(*cors, request)};
  }
  HttpResponse response;
  if (cors) response.headers = engineio::response_headers(*cors, request);
  const std::string_view known = request.header("if-none-match");
  if (known == etag_ || (known.starts_with("W/") && known.substr(2) == etag_)) {
    response.status = 304;
    return response;
  }
  const bool map = file.name.ends_with(".map");
  response.headers.push_back({"Cache-Control", "public, max-age=0"});
  response.headers.push_back({"Content-Type", map ? "application/json; charset=utf-8"
                                                  : "application/javascript; charset=utf-8"});
  response.headers.push_back({"ETag", etag_});
  response.body = file.content;
  return response;
}

}  // namespace socketio::detail
