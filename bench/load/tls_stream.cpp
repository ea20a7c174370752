#include "bench/load/tls_stream.hpp"

#include <algorithm>
#include <climits>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace bench {
namespace {

int as_int(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

}  // namespace

TlsContext::TlsContext(bool resume) : context_(::SSL_CTX_new(::TLS_client_method())) {
  if (!context_) throw std::runtime_error("TLS can't be used");
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (!resume) return;
  SSL_CTX_set_session_cache_mode(context_,
                                 SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_set_app_data(context_, this);
  ::SSL_CTX_sess_set_new_cb(context_, &TlsContext::keep_session);
}

TlsContext::~TlsContext() {
  ::SSL_SESSION_free(session_);
  ::SSL_CTX_free(context_);
}

// 1: the session is ours now.
int TlsContext::keep_session(ssl_st* connection, ssl_session_st* session) {
  auto* self = static_cast<TlsContext*>(SSL_CTX_get_app_data(::SSL_get_SSL_CTX(connection)));
  ::SSL_SESSION_free(self->session_);
  self->session_ = session;
  return 1;
}

TlsStream::TlsStream(TlsContext& context, int socket) : connection_(::SSL_new(context.context_)) {
  if (!connection_) throw std::runtime_error("a TLS connection can't be made");
  ::SSL_set_fd(connection_, socket);
  ::SSL_set_connect_state(connection_);
  if (!context.session_) return;
  // A copy: OpenSSL takes a ticket for used up after one handshake, and others are under way.
  SSL_SESSION* session = ::SSL_SESSION_dup(context.session_);
  ::SSL_set_session(connection_, session);
  ::SSL_SESSION_free(session);
}

TlsStream::~TlsStream() {
  // Or OpenSSL takes the session for a broken one, and does not resume it.
  ::SSL_set_shutdown(connection_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  ::SSL_free(connection_);
}

std::ptrdiff_t TlsStream::read(char* buffer, std::size_t size) {
  std::size_t filled = 0;
  while (filled < size) {  // OpenSSL gives one record at a time
    ::ERR_clear_error();
    const int got = ::SSL_read(connection_, buffer + filled, as_int(size - filled));
    if (got <= 0) {
      const int error = ::SSL_get_error(connection_, got);
      const bool later = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
      return filled > 0 || later ? static_cast<std::ptrdiff_t>(filled) : -1;
    }
    filled += static_cast<std::size_t>(got);
  }
  return static_cast<std::ptrdiff_t>(filled);
}

std::size_t TlsStream::write(std::string_view bytes) {
  ::ERR_clear_error();
  const int sent = ::SSL_write(connection_, bytes.data(), as_int(bytes.size()));
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

bool TlsStream::has_more() const noexcept { return ::SSL_pending(connection_) > 0; }
bool TlsStream::resumed() const noexcept { return ::SSL_session_reused(connection_) == 1; }

}  // namespace bench
