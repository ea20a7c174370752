#pragma once

#include <vector>

#include "engineio/options.hpp"

namespace engineio::transports {

/// Adds what every response of the engine carries besides its own: the CORS fields for this
/// request. A page of another origin may see why its request was refused, too.
void add_cors_headers(std::vector<HeaderField>& headers, const Options& options,
                      const Request& request);

/// For a 200 of polling, or a 101: the same, then what Options::initial_headers (if
/// `opens_session`) and Options::headers say. Fields that can't be sent are left out and logged.
void add_headers(std::vector<HeaderField>& headers, const Options& options, const Request& request,
                 bool opens_session);

}  // namespace engineio::transports
