#pragma once

namespace engineio::detail {

/// Empties a string or a list and gives its memory back, which neither clear() nor assigning `{}`
/// or an empty one does for sure.
template <class Container>
void free_memory(Container& container) noexcept {
  Container().swap(container);
}

}  // namespace engineio::detail
