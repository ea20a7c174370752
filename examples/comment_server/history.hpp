#pragma once

#include "examples/comment_server/comment_store.hpp"
#include "socketio/codec.hpp"

namespace comment_server {

/// Stored comments as the one argument of a `history` event: an array of the values, oldest first.
///
/// Values without attachments are passed on byte for byte. In a packet with attachments an object
/// with `_placeholder: true` stands for one of them, and there is no way to say that it doesn't; so
/// a comment that merely looks so is left out of a history with attachments. Otherwise one such
/// comment would make the packet malformed for everybody who opens the page.
///
/// One that refers to an attachment more than once is left out, too, as the attachment would be
/// sent for each time: CommentApp takes none, but the database may have some from before it was so.
struct HistoryEvent {
  CommentStore::History comments;
};

/// True when the value refers to its attachments more often than there are any.
bool repeats_attachments(const StoredComment& comment);

}  // namespace comment_server

template <>
struct socketio::Codec<comment_server::HistoryEvent> {
  static void encode(ValueWriter& out, const comment_server::HistoryEvent& event);
};
