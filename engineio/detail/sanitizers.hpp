#pragma once

// Which sanitizer the program is built with: g++ defines a macro, clang answers __has_feature.

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

namespace engineio::detail {

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
inline constexpr bool address_sanitizer = true;
#else
inline constexpr bool address_sanitizer = false;
#endif

#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
inline constexpr bool thread_sanitizer = true;
#else
inline constexpr bool thread_sanitizer = false;
#endif

inline constexpr bool any_sanitizer = address_sanitizer || thread_sanitizer;

}  // namespace engineio::detail
