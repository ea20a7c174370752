#include "socketio/args.hpp"

#include <utility>

#include "socketio/codec.hpp"

namespace socketio {

boost::json::value Args::add_binary(Binary bytes) {
  attachments.push_back(std::move(bytes));
  return {{"_placeholder", true}, {"num", static_cast<std::int64_t>(attachments.size() - 1)}};
}

const Binary* Args::binary(const boost::json::value& value) const noexcept {
  return find_attachment(value, attachments);
}

const Binary* Args::binary(std::size_t index) const noexcept {
  return index < values.size() ? binary(values[index]) : nullptr;
}

RawArgs::RawArgs(const RawArgs& other) : owned_(other.owned_) {
  if (!owned_ && !(other.empty() && other.attachments().empty())) {
    adopt(own(other.view_));
  } else {
    view_ = other.view_;
  }
}

RawArgs& RawArgs::operator=(RawArgs other) noexcept {
  owned_ = std::move(other.owned_);
  view_ = other.view_;
  return *this;
}

RawArgs::Borrowed RawArgs::from(std::size_t first) const noexcept {
  if (first >= size()) return {};
  const auto skipped = static_cast<std::size_t>(view_.elements[first].data() - view_.text.data());
  return {view_.text.substr(skipped), view_.elements.subspan(first), view_.attachments};
}

Args RawArgs::parse() const {
  Args args;
  args.values.reserve(size());
  for (const std::string_view element : view_.elements) {
    args.values.push_back(detail::parse_valid_json(element, {}));
  }
  args.attachments.assign(view_.attachments.begin(), view_.attachments.end());
  return args;
}

std::shared_ptr<const RawArgs::Owned> RawArgs::own(const Borrowed& message) {
  auto owned = std::make_shared<Owned>();
  owned->text = message.text;
  owned->elements.reserve(message.elements.size());
  for (const std::string_view element : message.elements) {
    const auto offset = static_cast<std::size_t>(element.data() - message.text.data());
    owned->elements.push_back(std::string_view(owned->text).substr(offset, element.size()));
  }
  owned->attachments.assign(message.attachments.begin(), message.attachments.end());
  return owned;
}

void RawArgs::adopt(std::shared_ptr<const Owned> owned) noexcept {
  owned_ = std::move(owned);
  view_ = {owned_->text, owned_->elements, owned_->attachments};
}

}  // namespace socketio
