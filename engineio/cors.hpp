#pragma once

#include <string>
#include <vector>

#include "engineio/options.hpp"
#include "engineio/request.hpp"

namespace engineio {

/// Checks the rules once, at the server's start. Throws std::invalid_argument, saying what is wrong
/// in words: "*" together with credentials (a browser would not accept it, and reflecting every
/// origin would let any page act for the user), "*" among others, an empty origin, a line break in
/// a value, a status that is no success.
void validate(const Cors& cors);

/// True when the request is answered by preflight_headers alone, with Cors::success_status and no
/// body: any OPTIONS.
bool is_preflight(const Request& request) noexcept;

/// Header fields of the answer to a preflight, without Content-Length: Access-Control-Allow-Origin,
/// Vary, -Allow-Credentials, -Allow-Methods, -Allow-Headers, -Max-Age, -Expose-Headers, those that
/// apply, in this order.
std::vector<HeaderField> preflight_headers(const Cors& cors, const Request& request);

/// Header fields for every other answer on the engine's path, errors and 101 too:
/// Access-Control-Allow-Origin, Vary, -Allow-Credentials, -Expose-Headers, those that apply. An
/// origin that is not listed gets no Allow-Origin; its request is still answered, and it is the
/// browser that keeps the answer from the page.
std::vector<HeaderField> response_headers(const Cors& cors, const Request& request);

/// Whether a page of the request's origin may open a WebSocket, which browsers do without a
/// preflight. Without rules, or with "*", any may. Else the Origin must be listed (compared
/// exactly, so `null` too only when it is listed), or absent (not a browser), or of the host and
/// port that the Host header names (the server's own pages).
bool origin_may_upgrade(const Cors* cors, const Request& request) noexcept;

}  // namespace engineio
