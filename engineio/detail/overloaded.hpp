#pragma once

namespace engineio::detail {

/// One function object with all the calls of several, to visit a variant with.
template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};

// Clang 14 does not deduce an aggregate's arguments itself.
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace engineio::detail
