#include "transports/response_headers.hpp"

#include <iterator>

#include "engineio/cors.hpp"
#include "engineio/session_events.hpp"
#include "transports/http_response.hpp"

namespace engineio::transports {
namespace {

void call(const HeadersCallback& callback, std::vector<HeaderField>& headers,
          const Options& options, const Request& request) {
  if (!callback) return;
  call_guarded(
      options.log, [&] { callback(headers, request); }, "a response headers callback");
}

}  // namespace

void add_cors_headers(std::vector<HeaderField>& headers, const Options& options,
                      const Request& request) {
  if (!options.cors) return;
  auto fields = response_headers(*options.cors, request);
  std::move(fields.begin(), fields.end(), std::back_inserter(headers));
}

void add_headers(std::vector<HeaderField>& headers, const Options& options, const Request& request,
                 bool opens_session) {
  add_cors_headers(headers, options, request);
  if (!options.initial_headers && !options.headers) return;
  if (opens_session) call(options.initial_headers, headers, options, request);
  call(options.headers, headers, options, request);
  const std::size_t invalid =
      std::erase_if(headers, [](const HeaderField& field) { return !is_valid(field); });
  if (invalid > 0) {
    write_log(options.log, LogLevel::error,
              "left out response header fields with an impossible name or value");
  }
}

}  // namespace engineio::transports
