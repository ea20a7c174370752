#include "socketio/handshake.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

namespace socketio {
namespace {

// Node keeps the first of these and drops the others (node: IncomingMessage._addHeaderLine).
constexpr std::array<std::string_view, 18> single_headers = {"age",
                                                             "authorization",
                                                             "content-length",
                                                             "content-type",
                                                             "etag",
                                                             "expires",
                                                             "from",
                                                             "host",
                                                             "if-modified-since",
                                                             "if-unmodified-since",
                                                             "last-modified",
                                                             "location",
                                                             "max-forwards",
                                                             "proxy-authorization",
                                                             "referer",
                                                             "retry-after",
                                                             "server",
                                                             "user-agent"};

constexpr std::array<std::string_view, 6> protocol_parameters = {"EIO", "transport", "t",
                                                                 "sid", "j",         "b64"};

template <std::size_t n>
bool contains(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

std::string_view joint_of(std::string_view name) { return name == "cookie" ? "; " : ", "; }

std::string join_parameters(std::string_view query) {
  std::string kept;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view parameter = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (parameter.empty() ||
        contains(protocol_parameters, parameter.substr(0, parameter.find('='))))
      continue;
    kept += kept.empty() ? '?' : '&';
    kept += parameter;
  }
  return kept;
}

}  // namespace

Handshake::Handshake(std::shared_ptr<const engineio::Request> request, boost::json::object auth,
                     std::chrono::system_clock::time_point time)
    : request_(std::move(request)), auth_(std::move(auth)), time_(time) {}

std::string Handshake::header(std::string_view name) const {
  std::string joined;
  bool found = false;
  const std::string key = lower_case(name);
  for (const engineio::HeaderField& field : request_->headers) {
    if (!engineio::equals_ignoring_case(field.name, key)) continue;
    if (found && contains(single_headers, key)) break;
    if (found) joined += joint_of(key);
    joined += field.value;
    found = true;
  }
  return joined;
}

boost::json::object Handshake::headers() const {
  boost::json::object out;
  for (const engineio::HeaderField& field : request_->headers) {
    const std::string key = lower_case(field.name);
    const auto [place, added] = out.emplace(key, nullptr);
    boost::json::value& value = place->value();
    if (key == "set-cookie") {
      if (added) value.emplace_array();
      value.get_array().emplace_back(field.value);
    } else if (added) {
      value = field.value;
    } else if (!contains(single_headers, key)) {
      boost::json::string& text = value.get_string();
      text.append(joint_of(key));
      text.append(field.value);
    }
  }
  return out;
}

std::string Handshake::time() const {
  static constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed",
                                                      "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time_);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 96> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%s %s %02d %04d %02d:%02d:%02d GMT+0000 (%s)",
                    days[static_cast<std::size_t>(utc.tm_wday)],
                    months[static_cast<std::size_t>(utc.tm_mon)], utc.tm_mday, utc.tm_year + 1900,
                    utc.tm_hour, utc.tm_min, utc.tm_sec, "Coordinated Universal Time");
  return {text.data(), static_cast<std::size_t>(length)};
}

std::int64_t Handshake::issued() const noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time_.time_since_epoch()).count();
}

std::string Handshake::room_url() const {
  const std::string_view target = request_->target;
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return std::string(target);
  return std::string(target.substr(0, mark)) + join_parameters(target.substr(mark + 1));
}

std::string_view Handshake::auth_field(std::string_view name) const noexcept {
  const boost::json::value* value = auth_.if_contains(name);
  const boost::json::string* text = value ? value->if_string() : nullptr;
  return text ? std::string_view(text->data(), text->size()) : std::string_view{};
}

boost::json::object Handshake::to_json() const {
  boost::json::object parameters;
  for (const auto& [key, value] : request_->query.items()) parameters[key] = value;
  boost::json::object out;
  out["headers"] = headers();
  out["time"] = time();
  out["address"] = address();
  out["xdomain"] = xdomain();
  out["secure"] = secure();
  out["issued"] = issued();
  out["url"] = url();
  out["query"] = std::move(parameters);
  out["auth"] = auth_;
  return out;
}

}  // namespace socketio
