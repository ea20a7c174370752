#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "socketio/binary.hpp"

namespace comment_server {

class CommentTables;

/// Where a comment belongs. Rooms of the same name in different namespaces are different places.
struct Place {
  std::string name_space;
  std::string room;

  friend bool operator==(const Place&, const Place&) = default;
};

/// One comment, byte for byte as it came: the JSON text of the value, and the bytes that its
/// placeholders stand for.
struct StoredComment {
  std::string json;
  std::vector<socketio::Binary> attachments;

  std::size_t size_bytes() const noexcept;
  friend bool operator==(const StoredComment&, const StoredComment&) = default;
};

/// How much of a place's past is read. Whichever limit is met first ends the list, which has no
/// gaps: an older comment that would fit is not taken when a newer one did not.
struct HistoryLimits {
  std::size_t comments = 50;
  std::size_t bytes = 262'144;  ///< JSON text and attachments together
  std::size_t attachments = 10;

  friend bool operator==(const HistoryLimits&, const HistoryLimits&) = default;
};

struct StoreOptions {
  /// A file, made if it is missing, or `:memory:` for a store that ends with the process.
  std::string path = "comments.db";
  /// How big the database may become, 0 for as big as the disk. At the limit it is as if the disk
  /// were full.
  std::uint64_t max_file_bytes = 0;
  /// What may wait for the disk: beyond either, save() refuses.
  std::size_t max_queued_comments = 10'000;
  std::size_t max_queued_bytes = 64'000'000;
  /// Histories that may wait to be read. Apart, so that many who come at once don't keep others
  /// from writing.
  std::size_t max_queued_histories = 100'000;
  /// Comments per transaction.
  std::size_t max_batch = 1'000;
  /// How long a database that another process has locked is waited for.
  std::chrono::milliseconds lock_patience{5'000};
};

/// The database cannot be used: what() says which file and why, in one line.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Keeps comments in SQLite.
///
/// One thread of its own does all the work, in the order in which it was asked for, from a queue
/// that is bounded. It takes what has gathered, writes it in one transaction, commits, and then
/// calls back; so the more there is to write, the more one commit carries. A comment whose callback
/// came without an error survives the end of the process, however it ends (WAL with
/// synchronous=NORMAL; a loss of power may take the last moments).
///
/// Threads: every member may be called from any thread. Callbacks run on the store's thread; they
/// must not throw, and whoever needs another thread posts there. A callback must not destroy or
/// close() the store. Each is called exactly once, at the latest in close().
///
/// Errors: a full disk, a lock that stays, a broken file: the callbacks concerned get the reason,
/// the store goes on and tries anew with the next job.
class CommentStore {
 public:
  /// `error` is empty if the comment is committed.
  using Saved = std::function<void(const std::string& error)>;
  using History = std::shared_ptr<const std::vector<StoredComment>>;
  /// The comments come oldest first; none if `error` is not empty. Several callbacks may be given
  /// the same list.
  using Loaded = std::function<void(const std::string& error, const History& comments)>;
  /// Whether anybody still waits for a history.
  using Wanted = std::function<bool()>;

  struct Statistics {
    std::uint64_t commits = 0;  ///< transactions that wrote comments
    std::uint64_t comments = 0;
    std::uint64_t failures = 0;  ///< comments whose callback got an error
    /// Histories read from the database: fewer than were asked for when several ask at once.
    std::uint64_t reads = 0;
  };

  /// Opens the database, brings its tables up to date and starts the thread. Throws StoreError.
  explicit CommentStore(StoreOptions options);
  /// close() with a deadline of some seconds, if it was not called before.
  ~CommentStore();
  CommentStore(const CommentStore&) = delete;
  CommentStore& operator=(const CommentStore&) = delete;

  /// Queues a comment. The answer is empty if it was taken: `saved` follows, later. Otherwise it
  /// says why not in words fit for the writer, and `saved` is never called.
  [[nodiscard]] std::string save(Place place, StoredComment comment, Saved saved);

  /// Reads the last comments of a place: all that save() took before this call, none that it took
  /// after. If too many wait or the store is closed, `loaded` gets its error at once, on the
  /// caller's thread. `wanted` is asked when its turn has come: who has left meanwhile, as clients
  /// that come and go all the time, keeps nobody waiting; `loaded` gets an error then.
  void load(Place place, const HistoryLimits& limits, Loaded loaded, Wanted wanted = {});

  /// Waits until everything queued before this call has been called back, but no longer than
  /// `patience`; false if that was too short. Not to be called from a callback.
  bool flush(std::chrono::milliseconds patience);

  /// Takes nothing more, goes on with the queue for at most `grace`, then fails what is left. True:
  /// everything was written. Returns when the thread has ended, which may be later than `grace`
  /// only while the disk itself does not answer.
  bool close(std::chrono::milliseconds grace);

  Statistics statistics() const;

 private:
  struct SaveJob {
    Place place;
    StoredComment comment;
    Saved saved;
  };
  struct LoadJob {
    Place place;
    HistoryLimits limits;
    Loaded loaded;
    Wanted wanted;
    History result;
    std::string error;
  };
  using Job = std::variant<SaveJob, LoadJob>;
  using Batch = std::vector<Job>;
  struct Recent {
    Place place;
    HistoryLimits limits;
    History comments;
  };

  void enqueue(Job job);

  // On the store's thread.
  void run();
  Batch next_batch();
  void process(Batch& batch);
  void write(Batch& batch);
  void read(LoadJob& job);
  void answer(Batch& batch, const std::string& error);
  void abandon(Batch& batch);

  const StoreOptions options_;
  std::unique_ptr<CommentTables> tables_;  // of the store's thread while that runs
  std::optional<Recent> recent_;  // the last history, until its place has more; of that thread

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_changed_;
  std::deque<Job> queue_;
  std::size_t queued_comments_ = 0;  // in the queue and in the batch at work
  std::size_t queued_bytes_ = 0;     // of these
  std::size_t queued_histories_ = 0;
  std::uint64_t taken_ = 0;  // jobs ever taken, and ever called back
  std::uint64_t done_ = 0;
  bool closing_ = false;
  std::atomic<bool> abandoning_ = false;
  Statistics statistics_;

  std::thread thread_;
};

}  // namespace comment_server
