#include "socketio/detail/argument_codec.hpp"

#include "socketio/detail/json_writer.hpp"
#include "socketio/detail/placeholders.hpp"

namespace socketio::detail {
namespace {

void share(std::span<const Binary> attachments, ValueWriter& out) {
  for (const Binary& bytes : attachments) out.attachments().push_back(bytes.block());
}

}  // namespace

void write_argument(ValueWriter& out, const Args& arguments) {
  if (arguments.values.empty()) return;
  const AttachmentRange range{arguments.attachments, out.attachments().size()};
  for (const boost::json::value& value : arguments.values) {
    out.separate();
    append_json(out.text(), value, range);
  }
  share(arguments.attachments, out);
}

void write_argument(ValueWriter& out, const RawArgs& arguments) {
  if (arguments.empty()) return;
  out.separate();
  const std::size_t first = out.attachments().size();
  if (first == 0 || arguments.attachments().empty()) {
    out.write_raw(arguments.text());
  } else {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (i > 0) out.separate();
      append_renumbered(out.text(), arguments[i], first);
    }
  }
  share(arguments.attachments(), out);
}

}  // namespace socketio::detail
