#include "examples/comment_server/comment_store.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "examples/comment_server/comment_tables.hpp"

namespace comment_server {
namespace {

constexpr std::chrono::seconds default_grace{5};
constexpr const char* shutting_down = "the server is shutting down";
constexpr const char* too_many_comments =
    "the server has too many comments to write, try again later";
constexpr const char* too_many_histories = "too many histories are asked for";
constexpr const char* nobody_waits = "nobody waits for it any more";

}  // namespace

std::size_t StoredComment::size_bytes() const noexcept {
  std::size_t sum = json.size();
  for (const socketio::Binary& bytes : attachments) sum += bytes.size();
  return sum;
}

CommentStore::CommentStore(StoreOptions options) : options_(std::move(options)) {
  try {
    tables_ = std::make_unique<CommentTables>(options_, [this] { return abandoning_.load(); });
  } catch (const std::exception& error) {
    throw StoreError("cannot use the database " + options_.path + ": " + error.what());
  }
  thread_ = std::thread([this] { run(); });
}

CommentStore::~CommentStore() { close(default_grace); }

std::string CommentStore::save(Place place, StoredComment comment, Saved saved) {
  const std::size_t bytes = comment.size_bytes();
  const std::lock_guard lock(mutex_);
  if (closing_) return shutting_down;
  if (queued_comments_ >= options_.max_queued_comments ||
      bytes > options_.max_queued_bytes - queued_bytes_) {
    return too_many_comments;
  }
  ++queued_comments_;
  queued_bytes_ += bytes;
  enqueue(SaveJob{std::move(place), std::move(comment), std::move(saved)});
  return {};
}

void CommentStore::load(Place place, const HistoryLimits& limits, Loaded loaded, Wanted wanted) {
  const char* why_not = shutting_down;
  {
    const std::lock_guard lock(mutex_);
    const bool full = queued_histories_ >= options_.max_queued_histories;
    if (!closing_ && !full) {
      ++queued_histories_;
      return enqueue(
          LoadJob{std::move(place), limits, std::move(loaded), std::move(wanted), nullptr, {}});
    }
    if (!closing_) why_not = too_many_histories;
  }
  loaded(why_not, std::make_shared<const std::vector<StoredComment>>());
}

void CommentStore::enqueue(Job job) {
  queue_.push_back(std::move(job));
  ++taken_;
  work_.notify_one();
}

bool CommentStore::flush(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const std::uint64_t target = taken_;
  return done_changed_.wait_for(lock, patience, [&] { return done_ >= target; });
}

bool CommentStore::close(std::chrono::milliseconds grace) {
  bool complete = true;
  {
    std::unique_lock lock(mutex_);
    closing_ = true;
    work_.notify_one();
    complete = done_changed_.wait_for(lock, grace, [&] { return done_ == taken_; });
    if (!complete) abandoning_ = true;
  }
  if (thread_.joinable()) thread_.join();
  tables_.reset();
  return complete;
}

CommentStore::Statistics CommentStore::statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

void CommentStore::run() {
  for (Batch batch = next_batch(); !batch.empty(); batch = next_batch()) {
    if (abandoning_) {
      abandon(batch);
    } else {
      process(batch);
    }
  }
}

CommentStore::Batch CommentStore::next_batch() {
  std::unique_lock lock(mutex_);
  work_.wait(lock, [&] { return closing_ || !queue_.empty(); });
  const auto size = std::min(queue_.size(), options_.max_batch);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(size);
  Batch batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return batch;
}

void CommentStore::process(Batch& batch) {
  std::string error;
  try {
    write(batch);
  } catch (const std::exception& failure) {
    error = failure.what();
    tables_->rollback();
    recent_.reset();
    // What the histories had seen was never committed.
    for (Job& job : batch) {
      if (auto* load = std::get_if<LoadJob>(&job)) read(*load);
    }
  }
  answer(batch, error);
}

/// One transaction for the whole batch; the histories in it are read at their place in the order.
void CommentStore::write(Batch& batch) {
  bool writing = false;
  for (Job& job : batch) {
    if (auto* load = std::get_if<LoadJob>(&job)) {
      read(*load);
      continue;
    }
    if (!std::exchange(writing, true)) tables_->begin();
    const auto& save = std::get<SaveJob>(job);
    if (recent_ && recent_->place == save.place) recent_.reset();
    tables_->insert(save.place, save.comment);
  }
  if (writing) tables_->commit();
}

void CommentStore::read(LoadJob& job) {
  job.result = std::make_shared<const std::vector<StoredComment>>();
  job.error.clear();
  if (job.wanted && !job.wanted()) {
    job.error = nobody_waits;
    return;
  }
  if (recent_ && recent_->place == job.place && recent_->limits == job.limits) {
    job.result = recent_->comments;
    return;
  }
  try {
    job.result =
        std::make_shared<const std::vector<StoredComment>>(tables_->last(job.place, job.limits));
    recent_ = Recent{job.place, job.limits, job.result};
    const std::lock_guard lock(mutex_);
    ++statistics_.reads;
  } catch (const std::exception& failure) {
    job.error = failure.what();
  }
}

void CommentStore::answer(Batch& batch, const std::string& error) {
  std::size_t bytes = 0;
  std::size_t saves = 0;
  for (Job& job : batch) {
    if (auto* load = std::get_if<LoadJob>(&job)) {
      load->loaded(load->error, load->result);
      continue;
    }
    auto& save = std::get<SaveJob>(job);
    bytes += save.comment.size_bytes();
    ++saves;
    if (save.saved) save.saved(error);
  }
  const std::lock_guard lock(mutex_);
  queued_comments_ -= saves;
  queued_bytes_ -= bytes;
  queued_histories_ -= batch.size() - saves;
  done_ += batch.size();
  if (error.empty()) {
    statistics_.commits += saves > 0 ? 1 : 0;
    statistics_.comments += saves;
  } else {
    statistics_.failures += saves;
  }
  done_changed_.notify_all();
}

void CommentStore::abandon(Batch& batch) {
  for (Job& job : batch) {
    if (auto* load = std::get_if<LoadJob>(&job)) {
      load->error = shutting_down;
      load->result = std::make_shared<const std::vector<StoredComment>>();
    }
  }
  answer(batch, shutting_down);
}

}  // namespace comment_server
