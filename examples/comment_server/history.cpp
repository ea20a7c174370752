#include "examples/comment_server/history.hpp"

#include <algorithm>
#include <span>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "socketio/json.hpp"

namespace comment_server {
namespace {

namespace json = boost::json;
using socketio::Binary;

/// A value of a packet, with what its placeholders stand for.
struct Part {
  const json::value& value;
  std::span<const Binary> attachments;
};

json::value parsed(const StoredComment& comment) {
  // The decoder has checked it when it came in; a later, stricter limit must not hide it.
  auto value = socketio::parse_json(comment.json, {.max_depth = socketio::max_json_depth});
  return value ? std::move(*value) : json::value(nullptr);
}

bool looks_like_placeholder(const json::value& value) {
  if (const auto* array = value.if_array())
    return std::any_of(array->begin(), array->end(), looks_like_placeholder);
  const auto* object = value.if_object();
  if (object == nullptr) return false;
  const json::value* mark = object->if_contains("_placeholder");
  if (mark != nullptr && mark->is_bool() && mark->get_bool()) return true;
  return std::any_of(object->begin(), object->end(),
                     [](const auto& member) { return looks_like_placeholder(member.value()); });
}

std::size_t references(const Part& part) {
  if (find_attachment(part.value, part.attachments)) return 1;
  std::size_t count = 0;
  if (const auto* array = part.value.if_array()) {
    for (const auto& element : *array) count += references({element, part.attachments});
  } else if (const auto* object = part.value.if_object()) {
    for (const auto& member : *object) count += references({member.value(), part.attachments});
  }
  return count;
}

bool repeats(const Part& part) { return references(part) > part.attachments.size(); }

}  // namespace

bool repeats_attachments(const StoredComment& comment) {
  return !comment.attachments.empty() && repeats({parsed(comment), comment.attachments});
}

}  // namespace comment_server

template <>
struct socketio::Codec<comment_server::Part> {
  static void encode(ValueWriter& out, const comment_server::Part& part) {
    using comment_server::Part;
    if (const Binary* bytes = find_attachment(part.value, part.attachments)) {
      out.write_binary(*bytes);
    } else if (const auto* array = part.value.if_array()) {
      out.begin_array();
      for (const auto& element : *array) out.write_element(Part{element, part.attachments});
      out.end_array();
    } else if (const auto* object = part.value.if_object()) {
      out.begin_object();
      for (const auto& member : *object)
        out.write_member(member.key(), Part{member.value(), part.attachments});
      out.end_object();
    } else {
      out.write(part.value);
    }
  }
};

void socketio::Codec<comment_server::HistoryEvent>::encode(
    ValueWriter& out, const comment_server::HistoryEvent& event) {
  using namespace comment_server;
  const auto is_binary = [](const StoredComment& comment) { return !comment.attachments.empty(); };
  const bool binary = std::any_of(event.comments->begin(), event.comments->end(), is_binary);
  out.begin_array();
  for (const StoredComment& comment : *event.comments) {
    if (is_binary(comment)) {
      const auto value = parsed(comment);
      const Part part{value, comment.attachments};
      if (!repeats(part)) out.write_element(part);
    } else if (!binary || !looks_like_placeholder(parsed(comment))) {
      out.separate();
      out.write_raw(comment.json);
    }
  }
  out.end_array();
}
