#pragma once

#include <any>
#include <memory>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace socketio::detail {

/// One value of a type that only the user knows.
class DataSlot {
 public:
  /// The value, default-constructed at the first call. Throws std::bad_any_cast if it is of another
  /// type.
  template <class T>
  T& get() {
    if (!held_) held_ = std::make_unique<Held<T>>();
    if (T* value = find<T>()) return *value;
    throw std::bad_any_cast();
  }
  /// Null: no value, or one of another type.
  template <class T>
  T* find() const noexcept {
    const bool fits = held_ && held_->type() == typeid(T);
    return fits ? &static_cast<Held<T>&>(*held_).value : nullptr;
  }
  /// A copy of the value; none when its type can't be copied.
  DataSlot copy() const {
    DataSlot out;
    if (held_) out.held_ = held_->copy();
    return out;
  }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual const std::type_info& type() const noexcept = 0;
    virtual std::unique_ptr<Base> copy() const = 0;
  };
  template <class T>
  struct Held final : Base {
    Held() = default;
    explicit Held(T original) : value(std::move(original)) {}
    const std::type_info& type() const noexcept override { return typeid(T); }
    std::unique_ptr<Base> copy() const override {
      if constexpr (std::is_copy_constructible_v<T>) {
        return std::make_unique<Held>(value);
      } else {
        return nullptr;
      }
    }
    T value{};
  };

  std::unique_ptr<Base> held_;
};

}  // namespace socketio::detail
