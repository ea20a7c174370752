#pragma once

#include <chrono>
#include <future>
#include <latch>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/comment_server/comment_store.hpp"

namespace comment_server {

inline const Place here{"/", "/socket.io/?page=%2Farticles%2F42"};
inline constexpr std::chrono::seconds long_enough{30};

inline socketio::Binary bytes(std::string_view content) { return socketio::Binary(content); }

inline StoredComment text(std::string words) {
  return {.json = '"' + std::move(words) + '"', .attachments = {}};
}

/// Saves and waits: the error of the callback, or of the refusal.
inline std::string save_now(CommentStore& store, const Place& place, StoredComment comment) {
  std::promise<std::string> answer;
  std::string refused = store.save(place, std::move(comment),
                                   [&](const std::string& error) { answer.set_value(error); });
  if (!refused.empty()) return "refused: " + refused;
  return answer.get_future().get();
}

struct Answer {
  std::string error;
  std::vector<StoredComment> comments;
};

inline Answer load_now(CommentStore& store, const Place& place, HistoryLimits limits = {}) {
  std::promise<Answer> answer;
  store.load(place, limits, [&](const std::string& error, const CommentStore::History& comments) {
    answer.set_value({error, *comments});
  });
  return answer.get_future().get();
}

inline std::vector<std::string> texts(CommentStore& store, const Place& place,
                                      HistoryLimits limits = {}) {
  std::vector<std::string> found;
  for (const StoredComment& comment : load_now(store, place, limits).comments)
    found.push_back(comment.json);
  return found;
}

inline StoreOptions in_memory() { return {.path = ":memory:"}; }

/// Keeps the store's thread inside a callback, so that what is saved meanwhile gathers in the
/// queue.
class Held {
 public:
  explicit Held(CommentStore& store) {
    store.load(here, {}, [this](const std::string&, const CommentStore::History&) {
      entered_.count_down();
      release_.wait();
    });
    entered_.wait();
  }
  void release() { release_.count_down(); }

 private:
  std::latch entered_{1};
  std::latch release_{1};
};

}  // namespace comment_server
