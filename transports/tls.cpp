#include "transports/tls.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <new>
#include <stdexcept>
#include <system_error>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "engineio/detail/free_memory.hpp"

namespace engineio::transports {
namespace {

/// OpenSSL's words for the first error since ERR_clear_error.
std::string first_error_text() {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  const char* const reason = ERR_reason_error_string(error);
  return reason ? reason : "unknown TLS error";
}

bool first_error_is(int library, int reason) noexcept {
  const unsigned long error = ERR_peek_error();
  return ERR_GET_LIB(error) == library && ERR_GET_REASON(error) == reason;
}

std::string quoted(std::string_view what, const std::string& file) {
  return std::string("TLS ").append(what).append(" \"").append(file).append("\"");
}

/// OpenSSL does not tell why a file cannot be read; the system does.
void require_readable(std::string_view what, const std::string& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(std::fopen(file.c_str(), "rb"),
                                                               &std::fclose);
  if (!opened || (std::fgetc(opened.get()) == EOF && std::ferror(opened.get()) != 0)) {
    throw std::system_error(errno, std::generic_category(), quoted(what, file));
  }
}

/// Never ask for a password on the terminal: a server has nobody there. Notes that one was wanted.
int refuse_password(char*, int, int, void* wanted) noexcept {
  *static_cast<bool*>(wanted) = true;
  return -1;
}

void load_certificate(SSL_CTX* context, const std::string& file) {
  require_readable("certificate", file);
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, file.c_str()) == 1) return;
  const std::string why = first_error_is(ERR_LIB_PEM, PEM_R_NO_START_LINE)
                              ? "no PEM certificate in this file"
                              : first_error_text();
  throw std::invalid_argument(quoted("certificate", file) + ": " + why);
}

void load_key(SSL_CTX* context, const std::string& file, const std::string& certificate_file) {
  require_readable("private key", file);
  bool password_wanted = false;
  SSL_CTX_set_default_passwd_cb(context, &refuse_password);
  SSL_CTX_set_default_passwd_cb_userdata(context, &password_wanted);
  ERR_clear_error();
  const bool loaded = SSL_CTX_use_PrivateKey_file(context, file.c_str(), SSL_FILETYPE_PEM) == 1 &&
                      SSL_CTX_check_private_key(context) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  SSL_CTX_set_default_passwd_cb(context, nullptr);
  if (loaded) return;
  const std::string name = quoted("private key", file);
  if (password_wanted)
    throw std::invalid_argument(name + ": is encrypted, a key without a password is needed");
  if (first_error_is(ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH) ||
      first_error_is(ERR_LIB_X509, X509_R_KEY_TYPE_MISMATCH) ||
      first_error_is(ERR_LIB_SSL, SSL_R_NO_CERTIFICATE_ASSIGNED)) {
    throw std::invalid_argument(name + ": does not belong to the certificate \"" +
                                certificate_file + "\"");
  }
  throw std::invalid_argument(name + ": no usable PEM private key in this file (" +
                              first_error_text() + ")");
}

/// Clients that offer protocols get HTTP/1.1; one that offers others only goes on without an
/// agreement.
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void*) noexcept {
  static constexpr unsigned char ours[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  const int result =
      SSL_select_next_proto(&chosen, out_size, ours, sizeof ours, offered, offered_size);
  *out = chosen;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

void configure(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(
      context, SSL_SESS_CACHE_OFF);  // tickets need none, and it would be shared by all loops
  SSL_CTX_set_alpn_select_cb(context, &select_protocol, nullptr);
}

}  // namespace

TlsContext::TlsContext(const std::string& certificate_chain_file,
                       const std::string& private_key_file)
    : context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
  if (!context_) throw std::bad_alloc();
  configure(context_.get());
  load_certificate(context_.get(), certificate_chain_file);
  load_key(context_.get(), private_key_file, certificate_chain_file);
}

/// The BIO through which OpenSSL reads from TlsCodec::input_ and writes to TlsCodec::output_: no
/// buffer between.
struct TlsCodecBio {
  static TlsCodec& codec(BIO* bio) noexcept { return *static_cast<TlsCodec*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* out, std::size_t size, std::size_t* count) {
    auto& input = codec(bio).input_;
    BIO_clear_retry_flags(bio);
    *count = std::min(size, input.size());
    if (*count == 0) {
      BIO_set_retry_read(bio);
      return 0;
    }
    std::copy_n(input.data(), *count, out);
    input = input.subspan(*count);
    return 1;
  }
  static int write(BIO* bio, const char* bytes, std::size_t size, std::size_t* count) {
    BIO_clear_retry_flags(bio);
    codec(bio).output_.append(bytes, size);
    *count = size;
    return 1;
  }
  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    static const std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)> made(make_method(),
                                                                         &BIO_meth_free);
    return made.get();
  }
  static BIO_METHOD* make_method() {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "TlsCodec");
    if (!made) throw std::bad_alloc();
    BIO_meth_set_read_ex(made, &read);
    BIO_meth_set_write_ex(made, &write);
    BIO_meth_set_ctrl(made, &control);
    return made;
  }
};

void TlsCodec::SslFree::operator()(ssl_st* ssl) const noexcept { SSL_free(ssl); }

TlsCodec::TlsCodec(const TlsContext& context) : ssl_(SSL_new(context.native_handle())) {
  BIO* const bio = ssl_ ? BIO_new(TlsCodecBio::method()) : nullptr;
  if (!bio) throw std::bad_alloc();
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

TlsCodec::~TlsCodec() = default;

TlsCodec::Read TlsCodec::read(std::span<const char> ciphertext, std::span<char> plaintext) {
  Read done;
  input_ = ciphertext;
  if (state_ == State::handshaking) advance_handshake();
  if (state_ == State::established) done.produced = decrypt(plaintext);
  done.used = state_ == State::closed || state_ == State::failed
                  ? ciphertext.size()
                  : ciphertext.size() - input_.size();
  input_ = {};
  return done;
}

void TlsCodec::advance_handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) return check(result);
  state_ = State::established;
}

std::size_t TlsCodec::decrypt(std::span<char> plaintext) {
  std::size_t produced = 0;
  while (produced < plaintext.size()) {
    std::size_t count = 0;
    ERR_clear_error();
    const int result =
        SSL_read_ex(ssl_.get(), plaintext.data() + produced, plaintext.size() - produced, &count);
    if (result != 1) {
      check(result);
      break;
    }
    produced += count;
  }
  return produced;
}

bool TlsCodec::write(std::string_view plaintext) {
  if (shut_down_ || state_ == State::handshaking || state_ == State::failed) return false;
  if (plaintext.empty()) return true;
  std::size_t count = 0;
  ERR_clear_error();
  const int result = SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &count);
  if (result != 1) check(result);
  return result == 1;
}

void TlsCodec::shutdown() {
  if (shut_down_ || state_ == State::handshaking || state_ == State::failed) return;
  shut_down_ = true;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

void TlsCodec::output_sent(std::size_t count) {
  if (count < output_.size()) {
    output_.erase(0, count);
  } else {
    engineio::detail::free_memory(output_);
  }
}

/// Draws the consequence of an OpenSSL call that did not succeed.
void TlsCodec::check(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ: return;
    case SSL_ERROR_ZERO_RETURN: state_ = State::closed; return;
    default:
      state_ = State::failed;
      fault_ = first_error_text();
      return;
  }
}

}  // namespace engineio::transports
