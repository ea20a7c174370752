#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include "transports/detail/pump.hpp"

namespace engineio::transports::detail {

/// What a MemoryStream reads from and writes to, and the loop that completes its operations. An
/// operation never completes inside of the function that starts it: run() does all of that.
class MemoryPipe {
 public:
  explicit MemoryPipe(boost::asio::execution_context& context) noexcept : pump_(context) {}

  /// Offers bytes to the reads, and completes whatever can be completed. They must stay valid until
  /// they are taken.
  void run(std::span<const char> input) {
    input_ = input;
    run();
  }
  void run() {
    while (finish_write() || pump_.run_one() || finish_read()) continue;
  }

  std::span<const char> input() const noexcept { return input_; }
  std::string_view output() const noexcept { return output_; }
  void clear_output() noexcept { output_.clear(); }

 private:
  friend class MemoryStream;
  using Completion = UniqueFunction<boost::system::error_code, std::size_t>;

  bool finish_write() {
    if (!writer_) return false;
    writer_({}, written_);
    return true;
  }
  bool finish_read() {
    if (!reader_ || input_.empty()) return false;
    const std::size_t count =
        boost::asio::buffer_copy(room_, boost::asio::buffer(input_.data(), input_.size()));
    input_ = input_.subspan(count);
    reader_({}, count);
    return true;
  }
  template <class Buffers>
  std::size_t append(const Buffers& buffers) {
    const std::size_t before = output_.size();
    for (auto at = boost::asio::buffer_sequence_begin(buffers);
         at != boost::asio::buffer_sequence_end(buffers); ++at) {
      const boost::asio::const_buffer piece(*at);
      output_.append(static_cast<const char*>(piece.data()), piece.size());
    }
    return output_.size() - before;
  }

  Pump pump_;
  std::span<const char> input_;
  std::string output_;
  Completion reader_;  // waits for input
  boost::asio::mutable_buffer room_;
  Completion writer_;  // has written, waits to be told
  std::size_t written_ = 0;
};

/// The stream under Beast's websocket::stream: AsyncStream and SyncStream over a MemoryPipe.
class MemoryStream {
 public:
  using executor_type = Pump::Executor;

  explicit MemoryStream(MemoryPipe& pipe) noexcept : pipe_(&pipe) {}
  executor_type get_executor() noexcept { return pipe_->pump_.executor(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [pipe = pipe_](auto handler, const Buffers& into) {
          pipe->room_ = *boost::asio::buffer_sequence_begin(into);
          pipe->reader_ = MemoryPipe::Completion(std::move(handler));
        },
        token, buffers);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
        [pipe = pipe_](auto handler, const Buffers& from) {
          pipe->written_ = pipe->append(from);
          pipe->writer_ = MemoryPipe::Completion(std::move(handler));
        },
        token, buffers);
  }

  /// Beast wants a SyncStream for its handshake, which only writes.
  template <class Buffers>
  std::size_t read_some(const Buffers&, boost::system::error_code& error) {
    error = boost::asio::error::operation_not_supported;
    return 0;
  }
  template <class Buffers>
  std::size_t read_some(const Buffers&) {
    throw boost::system::system_error(boost::asio::error::operation_not_supported);
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers, boost::system::error_code& error) {
    error = {};
    return pipe_->append(buffers);
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& buffers) {
    return pipe_->append(buffers);
  }

 private:
  MemoryPipe* pipe_;
};

// Beast's customisation points: there is no connection here to shut down.
inline void beast_close_socket(MemoryStream&) {}
inline void teardown(boost::beast::role_type, MemoryStream&, boost::system::error_code& error) {
  error = {};
}
template <class Handler>
void async_teardown(boost::beast::role_type, MemoryStream& stream, Handler&& handler) {
  boost::asio::post(stream.get_executor(), [handler = std::forward<Handler>(handler)]() mutable {
    handler(boost::system::error_code());
  });
}

}  // namespace engineio::transports::detail
