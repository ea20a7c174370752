#include "transports/response_headers.hpp"

#include <iterator>

#include "engineio/cors.hpp"
#include "transports/http_response.hpp"

namespace engineio::transports {

void add_headers(std::vector<HeaderField>& headers, const Options& options, const Request& request,
                 bool opens_session) {
  if (options.cors) {
    auto fields = response_headers(*options.cors, request);
    std::move(fields.begin(), fields.end(), std::back_inserter(headers));
  }
  if (!options.initial_headers && !options.headers) return;
  if (opens_session && options.initial_headers) options.initial_headers(headers, request);
  if (options.headers) options.headers(headers, request);
  const std::size_t invalid =
      std::erase_if(headers, [](const HeaderField& field) { return !is_valid(field); });
  if (invalid > 0 && options.log) {
    options.log(LogLevel::error,
                "left out response header fields with an impossible name or value");
  }
}

}  // namespace engineio::transports
