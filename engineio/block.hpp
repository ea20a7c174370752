#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace engineio {

/// What a Block carries, which decides how a transport writes it.
enum class BlockKind : std::uint8_t {
  text,    ///< a complete Engine.IO text packet: type digit and data, e.g. `42["hi"]`
  binary,  ///< the raw bytes of a binary message, without a type
};

/// Immutable bytes, shared by reference count: one outgoing packet, encoded once for all its
/// receivers.
///
/// The header of the WebSocket frame that would carry the bytes (unmasked, final) is built once,
/// right in front of them, so that a transport writes `frame()` (WebSocket) or `payload()`
/// (long-polling) without a copy.
///
/// Thread safety: distinct objects are independent even when they share bytes; the count is atomic
/// because a broadcast crosses loops. A moved-from or default-constructed Block is empty.
class Block {
 public:
  Block() noexcept = default;
  Block(const Block& other) noexcept : rep_(other.rep_) {
    if (rep_) rep_->refs.fetch_add(1, std::memory_order_relaxed);
  }
  Block(Block&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  Block& operator=(Block other) noexcept {
    std::swap(rep_, other.rep_);
    return *this;
  }
  ~Block() { release(); }

  /// Copies `bytes` into a new block.
  static Block copy_of(std::string_view bytes, BlockKind kind = BlockKind::text);

  explicit operator bool() const noexcept { return rep_ != nullptr; }
  BlockKind kind() const noexcept { return rep_->kind; }
  /// The packet's bytes. Valid as long as any Block shares them.
  std::string_view payload() const noexcept {
    return rep_ ? std::string_view(rep_->payload(), rep_->size) : std::string_view{};
  }
  /// The payload with its WebSocket frame header in front.
  std::string_view frame() const noexcept {
    return {rep_->payload() - rep_->header_size, std::size_t{rep_->size} + rep_->header_size};
  }
  std::size_t size() const noexcept { return rep_ ? rep_->size : 0; }

 private:
  friend class BlockBuilder;
  static constexpr std::size_t max_frame_header =
      10;  // RFC 6455 5.2: 2 bytes, then up to 8 of length; no mask

  struct Rep {
    std::atomic<std::uint32_t> refs{1};
    std::uint32_t size = 0;
    std::uint32_t capacity = 0;  // of the memory, this object included
    BlockKind kind = BlockKind::text;
    std::uint8_t header_size = 0;
    char* payload() noexcept { return reinterpret_cast<char*>(this + 1) + max_frame_header; }
  };

  explicit Block(Rep* rep) noexcept : rep_(rep) {}
  void release() noexcept {
    if (rep_ && rep_->refs.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(rep_);
  }
  static void destroy(Rep* rep) noexcept;

  Rep* rep_ = nullptr;
};

/// Builds the bytes of one Block in place; `finish` hands the memory over without copying it.
///
/// Not thread safe. After `finish` the builder is empty and can be used again.
/// Throws std::length_error beyond 4 GiB - 128 bytes, std::bad_alloc when memory runs out.
class BlockBuilder {
 public:
  /// `capacity` bytes will do without growing; more are possible.
  explicit BlockBuilder(std::size_t capacity = 112) : initial_(capacity) {}
  BlockBuilder(BlockBuilder&& other) noexcept
      : rep_(std::exchange(other.rep_, nullptr)),
        capacity_(std::exchange(other.capacity_, 0)),
        initial_(other.initial_) {}
  BlockBuilder& operator=(BlockBuilder&&) = delete;
  ~BlockBuilder();

  void append(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(extend(bytes.size()), bytes.data(), bytes.size());
  }
  void push_back(char byte) { *extend(1) = byte; }
  /// Makes room for `count` more bytes, and some.
  void reserve(std::size_t count) {
    if (!rep_ || capacity_ - rep_->size < count) grow(count);
  }
  /// Grows by `count` bytes and returns where they begin; the caller fills them. Invalidates
  /// earlier pointers.
  char* extend(std::size_t count) {
    reserve(count);
    char* at = rep_->payload() + rep_->size;
    rep_->size += static_cast<std::uint32_t>(count);
    return at;
  }
  /// Drops the bytes and frees the memory.
  void clear() noexcept;
  /// Takes back the last bytes. Requires: `size` ≤ size().
  void shrink(std::size_t size) noexcept { rep_->size = static_cast<std::uint32_t>(size); }
  std::size_t size() const noexcept { return rep_ ? rep_->size : 0; }
  std::string_view view() const noexcept {
    return rep_ ? std::string_view(rep_->payload(), rep_->size) : std::string_view{};
  }

  /// Ends the building: writes the frame header and returns the bytes as a Block.
  Block finish(BlockKind kind = BlockKind::text);

 private:
  void grow(std::size_t more);
  void move_to(std::size_t capacity);

  Block::Rep* rep_ = nullptr;
  std::size_t capacity_ = 0;  // of the payload
  std::size_t initial_;
};

}  // namespace engineio
