#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engineio/block.hpp"

namespace socketio {

/// Immutable bytes that may stand anywhere in the arguments of an event or an ack: what JavaScript
/// sends as ArrayBuffer, Uint8Array, Buffer or Blob.
///
/// Copies share the bytes. Sending never copies them, however many clients receive them: a Binary
/// is the very block that the transports write. Constructing one from other bytes copies them once.
///
/// Thread safety: distinct objects are independent even when they share bytes.
class Binary {
 public:
  /// No bytes.
  Binary() = default;
  explicit Binary(std::string_view bytes)
      : block_(engineio::Block::copy_of(bytes, engineio::BlockKind::binary)) {}
  explicit Binary(const std::string& bytes) : Binary(std::string_view(bytes)) {}
  /// The bytes up to the first zero.
  explicit Binary(const char* bytes) : Binary(std::string_view(bytes)) {}
  explicit Binary(std::span<const std::byte> bytes)
      : Binary(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())) {}
  explicit Binary(std::span<const unsigned char> bytes) : Binary(std::as_bytes(bytes)) {}
  explicit Binary(const std::vector<std::byte>& bytes) : Binary(std::span(bytes)) {}
  explicit Binary(const std::vector<unsigned char>& bytes) : Binary(std::span(bytes)) {}
  /// Shares a block. Requires: it is of kind binary.
  explicit Binary(engineio::Block block) noexcept : block_(std::move(block)) {}

  std::size_t size() const noexcept { return block_.size(); }
  bool empty() const noexcept { return size() == 0; }
  /// The bytes, valid as long as any copy of this object lives.
  std::string_view view() const noexcept { return block_.payload(); }
  std::span<const std::byte> bytes() const noexcept { return std::as_bytes(std::span(view())); }
  /// The bytes as a block that can be sent; made on the spot for an empty Binary.
  engineio::Block block() const {
    return block_ ? block_ : engineio::Block::copy_of({}, engineio::BlockKind::binary);
  }

  /// Equal bytes.
  friend bool operator==(const Binary& a, const Binary& b) noexcept { return a.view() == b.view(); }

 private:
  engineio::Block block_;
};

}  // namespace socketio
