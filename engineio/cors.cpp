#include "engineio/cors.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace engineio {
namespace {

constexpr std::string_view any = "*";

bool allows_any(const Cors& cors) noexcept {
  return cors.origins.size() == 1 && cors.origins.front() == any;
}

bool reflects(const Cors& cors) noexcept { return cors.reflect || cors.origins.size() != 1; }

// The request's origin: nothing when it is absent. Several fields are as good as one that is not
// listed.
struct Origin {
  std::size_t count = 0;
  std::string_view value = {};
};

Origin origin_of(const Request& request) noexcept {
  Origin origin;
  for (const HeaderField& field : request.headers) {
    if (!equals_ignoring_case(field.name, "Origin")) continue;
    ++origin.count;
    origin.value = field.value;
  }
  return origin;
}

bool listed(const Cors& cors, const Origin& origin) noexcept {
  if (origin.count != 1) return false;
  return allows_any(cors) ||
         std::find(cors.origins.begin(), cors.origins.end(), origin.value) != cors.origins.end();
}

bool is_of_this_host(std::string_view origin, const Request& request) noexcept {
  const std::string_view host = request.header("Host");
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) return !host.empty() && origin.substr(scheme.size()) == host;
  }
  return false;
}

void add_origin(std::vector<HeaderField>& out, const Cors& cors, const Request& request) {
  if (!reflects(cors)) {
    out.push_back({"Access-Control-Allow-Origin", cors.origins.front()});
    if (!allows_any(cors)) out.push_back({"Vary", "Origin"});
    return;
  }
  const Origin origin = origin_of(request);
  if (listed(cors, origin))
    out.push_back({"Access-Control-Allow-Origin", std::string(origin.value)});
  out.push_back({"Vary", "Origin"});
}

void add_credentials(std::vector<HeaderField>& out, const Cors& cors) {
  if (cors.credentials) out.push_back({"Access-Control-Allow-Credentials", "true"});
}

void add_exposed_headers(std::vector<HeaderField>& out, const Cors& cors) {
  if (!cors.exposed_headers.empty())
    out.push_back({"Access-Control-Expose-Headers", cors.exposed_headers});
}

void add_vary(std::vector<HeaderField>& out, std::string_view name) {
  const auto vary = std::find_if(out.begin(), out.end(),
                                 [](const HeaderField& field) { return field.name == "Vary"; });
  if (vary == out.end()) {
    out.push_back({"Vary", std::string(name)});
  } else {
    vary->value.append(", ").append(name);
  }
}

void add_allowed_headers(std::vector<HeaderField>& out, const Cors& cors, const Request& request) {
  std::string_view allowed = cors.allowed_headers;
  if (allowed.empty()) {
    add_vary(out, "Access-Control-Request-Headers");
    allowed = request.header("Access-Control-Request-Headers");
  }
  if (!allowed.empty()) out.push_back({"Access-Control-Allow-Headers", std::string(allowed)});
}

void require(bool condition, const char* what) {
  if (!condition) throw std::invalid_argument(what);
}

bool is_one_line(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7F;
  });
}

}  // namespace

void validate(const Cors& cors) {
  const bool has_any =
      std::find(cors.origins.begin(), cors.origins.end(), any) != cors.origins.end();
  require(!has_any || !cors.credentials,
          "cors: the origin \"*\" cannot be used with credentials; list the origins that may send "
          "them");
  require(!has_any || cors.origins.size() == 1,
          "cors: the origin \"*\" allows every origin and must be the only one");
  for (const std::string& origin : cors.origins) {
    require(
        !origin.empty(),
        "cors: an origin is empty; write it as the browser sends it, e.g. \"https://example.com\"");
    require(is_one_line(origin), "cors: an origin has a control character in it");
  }
  require(is_one_line(cors.methods) && is_one_line(cors.allowed_headers) &&
              is_one_line(cors.exposed_headers),
          "cors: a list of methods or headers has a control character in it");
  require(cors.success_status >= 200 && cors.success_status <= 299,
          "cors: the status of a preflight's answer must be from 200 to 299");
}

bool is_preflight(const Request& request) noexcept { return request.method == "OPTIONS"; }

std::vector<HeaderField> preflight_headers(const Cors& cors, const Request& request) {
  std::vector<HeaderField> out;
  add_origin(out, cors, request);
  add_credentials(out, cors);
  if (!cors.methods.empty()) out.push_back({"Access-Control-Allow-Methods", cors.methods});
  add_allowed_headers(out, cors, request);
  if (cors.max_age_seconds)
    out.push_back({"Access-Control-Max-Age", std::to_string(*cors.max_age_seconds)});
  add_exposed_headers(out, cors);
  return out;
}

std::vector<HeaderField> response_headers(const Cors& cors, const Request& request) {
  std::vector<HeaderField> out;
  add_origin(out, cors, request);
  add_credentials(out, cors);
  add_exposed_headers(out, cors);
  return out;
}

bool origin_may_upgrade(const Cors* cors, const Request& request) noexcept {
  if (!cors || allows_any(*cors)) return true;
  const Origin origin = origin_of(request);
  if (origin.count == 0) return true;
  return origin.count == 1 && (listed(*cors, origin) || is_of_this_host(origin.value, request));
}

}  // namespace engineio
