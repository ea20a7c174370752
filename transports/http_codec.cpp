#include "transports/http_codec.hpp"

#include <algorithm>
#include <limits>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

namespace engineio::transports {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

// Beast's parser for the head alone, writing straight into a Request. It skips bodies: those are
// detail::BodyReader's, because Beast 1.81 merges trailers into the head and bears chunk extensions
// of any length.
class HeadParser final : public http::basic_parser<true> {
 public:
  HeadParser(Request& request, std::size_t fields) : request_(request) {
    header_limit(std::numeric_limits<std::uint32_t>::max());  // the validator has counted
    body_limit(boost::none);
    skip(true);
    request_.headers.reserve(fields);
  }

  bool run(std::string_view head) {
    error_code error;
    const std::size_t read = put(boost::asio::const_buffer(head.data(), head.size()), error);
    return !error && is_header_done() && read == head.size();
  }

 private:
  using View = boost::beast::string_view;

  void on_request_impl(http::verb, View method, View target, int, error_code&) override {
    request_.method.assign(method.data(), method.size());
    request_.target.assign(target.data(), target.size());
  }
  void on_field_impl(http::field, View name, View value, error_code&) override {
    request_.headers.push_back(
        {std::string(name.data(), name.size()), std::string(value.data(), value.size())});
  }
  void on_response_impl(int, View, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(View, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, View, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  Request& request_;
};

}  // namespace

HttpProgress HttpCodec::feed(std::string_view bytes) {
  switch (state_) {
    case State::head: return feed_head(bytes);
    case State::body: return feed_body(bytes);
    case State::done: return {HttpEvent::need_more, 0};
    case State::failed: break;
  }
  return {HttpEvent::error, 0};
}

HttpProgress HttpCodec::feed_head(std::string_view bytes) {
  using Verdict = detail::HeadValidator::Verdict;
  if (bytes.empty()) return {HttpEvent::need_more, 0};
  const std::size_t before = partial_head_.size();
  // One byte more than a head may have is enough to know that it is too long.
  const std::string_view piece =
      bytes.substr(0, max_head_bytes_ - std::min(before, max_head_bytes_) + 1);
  if (before != 0) partial_head_ += piece;
  const std::string_view head = before == 0 ? piece : std::string_view(partial_head_);
  switch (validator_.advance(head)) {
    case Verdict::refused: return fail(validator_.fault(), piece.size());
    case Verdict::complete:
      return end_head(head.substr(0, validator_.size()), validator_.size() - before);
    case Verdict::need_more: break;
  }
  if (before == 0) partial_head_ = piece;
  return {HttpEvent::need_more, piece.size()};
}

HttpProgress HttpCodec::end_head(std::string_view head, std::size_t consumed) {
  if (!parse(head)) return fail({400, "malformed request head"}, consumed);
  std::string().swap(partial_head_);
  body_reader_ = validator_.chunked()
                     ? detail::BodyReader::chunked(max_head_bytes_)
                     : detail::BodyReader::sized(validator_.content_length().value_or(0));
  state_ = State::body;
  return {HttpEvent::head, consumed};
}

bool HttpCodec::parse(std::string_view head) {
  HeadParser parser(request_, validator_.fields());
  if (!parser.run(head)) return false;
  keep_alive_ = parser.keep_alive();
  // Only HTTP/1.1 knows upgrades and expectations (RFC 6455 4.1, RFC 9110 10.1.1).
  request_.upgrade = validator_.is_1_1() && parser.upgrade() &&
                     equals_ignoring_case(request_.header("Upgrade"), "websocket");
  expects_continue_ = validator_.is_1_1() && has_body() &&
                      equals_ignoring_case(request_.header("Expect"), "100-continue");
  const std::size_t query = request_.target.find('?');
  if (query != std::string::npos)
    request_.query = Query::parse(std::string_view(request_.target).substr(query + 1));
  return true;
}

HttpProgress HttpCodec::feed_body(std::string_view bytes) {
  using Verdict = detail::BodyReader::Verdict;
  const auto progress = body_reader_.feed(bytes, body_, max_body_bytes_);
  switch (progress.verdict) {
    case Verdict::need_more: return {HttpEvent::need_more, progress.consumed};
    case Verdict::refused: return fail(body_reader_.fault(), progress.consumed);
    case Verdict::complete: break;
  }
  state_ = State::done;
  return {HttpEvent::body, progress.consumed};
}

HttpProgress HttpCodec::fail(const HttpFault& fault, std::size_t consumed) noexcept {
  fault_ = fault;
  state_ = State::failed;
  std::string().swap(partial_head_);
  std::string().swap(body_);
  return {HttpEvent::error, consumed};
}

void HttpCodec::next() noexcept {
  state_ = State::head;
  keep_alive_ = expects_continue_ = false;
  max_body_bytes_ = 0;
  validator_ = detail::HeadValidator(max_head_bytes_, max_head_fields_);
  body_reader_ = detail::BodyReader();
  request_ = Request();
  std::string().swap(body_);
}

}  // namespace engineio::transports
