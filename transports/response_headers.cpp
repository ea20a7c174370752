#include "transports/response_headers.hpp"

#include <iterator>

#include "engineio/cors.hpp"

namespace engineio::transports {

void add_headers(std::vector<HeaderField>& headers, const Options& options, const Request& request, bool opens_session) {
  if (options.cors) {
    auto fields = response_headers(*options.cors, request);
    std::move(fields.begin(), fields.end(), std::back_inserter(headers));
  }
  if (opens_session && options.initial_headers) options.initial_headers(headers, request);
  if (options.headers) options.headers(headers, request);
}

}  // namespace engineio::transports
