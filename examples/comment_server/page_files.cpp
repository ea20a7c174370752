#include "examples/comment_server/page_files.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace comment_server {
namespace {

using engineio::HeaderField;
using socketio::HttpResponse;

constexpr const char* content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; "
    "form-action 'none'";

std::string content_type_of(const std::filesystem::path& file) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> types{{
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".json", "application/json; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
  }};
  for (const auto& [extension, type] : types) {
    if (file.extension() == extension) return std::string(type);
  }
  return "application/octet-stream";
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return content.str();
}

/// Changes with the content; it need not withstand anybody, the files are ours. 64-bit FNV-1a.
std::string etag_of(std::string_view content) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : content) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "\"%016llx\"", static_cast<unsigned long long>(hash));
  return text.data();
}

/// Whether the list of tags in an If-None-Match field has this one; `W/` makes no difference here.
bool has_tag(std::string_view field, std::string_view tag) {
  while (!field.empty()) {
    const std::size_t comma = field.find(',');
    std::string_view candidate = field.substr(0, comma);
    field.remove_prefix(comma == std::string_view::npos ? field.size() : comma + 1);
    while (candidate.starts_with(' ')) candidate.remove_prefix(1);
    while (candidate.ends_with(' ')) candidate.remove_suffix(1);
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == tag || candidate == "*") return true;
  }
  return false;
}

HttpResponse plain(int status, std::string text, std::vector<HeaderField> headers = {}) {
  headers.push_back({"Content-Type", "text/plain; charset=utf-8"});
  return {.status = status, .headers = std::move(headers), .body = std::move(text)};
}

}  // namespace

PageFiles::PageFiles(const std::string& folder) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->is_regular_file()) continue;
    std::string path = "/";
    path += entry->path().filename().string();
    std::string content = read(entry->path());
    std::string etag = etag_of(content);
    files_[path] = {content_type_of(entry->path()), std::move(etag), std::move(content)};
  }
  if (error)
    throw std::runtime_error("cannot read the page's folder " + folder + ": " + error.message());
  const auto index = files_.find("/index.html");
  if (index == files_.end())
    throw std::runtime_error("the page's folder " + folder + " has no index.html");
  files_["/"] = index->second;
}

HttpResponse PageFiles::answer(const engineio::Request& request) const {
  const auto found = files_.find(std::string(request.path()));
  if (found == files_.end()) return plain(404, "Not found\n");
  if (request.method != "GET" && request.method != "HEAD")
    return plain(405, "Method not allowed\n", {{"Allow", "GET, HEAD"}});

  const File& file = found->second;
  HttpResponse response{.headers = {{"ETag", file.etag}, {"Cache-Control", "no-cache"}}};
  if (has_tag(request.header("if-none-match"), file.etag)) {
    response.status = 304;
    return response;
  }
  response.headers.push_back({"Content-Type", file.content_type});
  response.headers.push_back({"Content-Security-Policy", content_security_policy});
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.body = file.content;
  return response;
}

}  // namespace comment_server
