#include "socketio/error.hpp"

namespace socketio {
namespace {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"  // Boost.System's base class has none
class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "socketio"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::timed_out: return "operation has timed out";
      case Errc::too_many_acks: return "too many outstanding acknowledgements";
      case Errc::too_many_rooms: return "too many rooms";
      case Errc::arguments_mismatch: return "arguments do not fit the signature";
      case Errc::malformed_packet: return "malformed packet";
      case Errc::rejected_by_middleware: return "rejected by middleware";
      case Errc::handler_failed: return "handler failed";
    }
    return "unknown error";
  }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

boost::system::error_code make_error_code(Errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

}  // namespace socketio
