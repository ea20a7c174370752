#pragma once

#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>

namespace engineio::transports::detail {

/// A function that is called once, then gone, with whatever it owns. Movable. (std::function wants
/// copies, and Boost 1.81's any_completion_handler recurses without end when it is moved.)
template <class... Args>
class UniqueFunction {
 public:
  UniqueFunction() = default;
  template <class Function>
  requires(!std::is_same_v<Function, UniqueFunction>) explicit UniqueFunction(Function function)
      : call_(std::make_unique<CallOf<Function>>(std::move(function))) {}

  explicit operator bool() const noexcept { return call_ != nullptr; }
  /// Calls it. It is empty before the call begins, so a new one may be assigned inside.
  void operator()(Args... args) { std::exchange(call_, nullptr)->run(std::move(args)...); }

 private:
  struct Call {
    virtual ~Call() = default;
    virtual void run(Args... args) = 0;
  };
  template <class Function>
  struct CallOf final : Call {
    explicit CallOf(Function source) : function(std::move(source)) {}
    void run(Args... args) override { function(std::move(args)...); }
    Function function;
  };

  std::unique_ptr<Call> call_;
};

/// What an Asio executor posts, kept until its owner runs it: completions happen when and where the
/// owner says.
class Pump {
 public:
  explicit Pump(boost::asio::execution_context& context) noexcept : context_(context) {}
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  class Executor;
  Executor executor() noexcept;

  /// Runs the oldest job; false when there is none.
  bool run_one() {
    if (jobs_.empty()) return false;
    auto job = std::move(jobs_.front());
    jobs_.erase(jobs_.begin());  // there are never more than a few
    job();
    return true;
  }

 private:
  boost::asio::execution_context& context_;
  std::vector<UniqueFunction<>> jobs_;
};

/// The executor of a Pump, which outlives it.
class Pump::Executor {
 public:
  explicit Executor(Pump& pump) noexcept : pump_(&pump) {}

  boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
    return pump_->context_;
  }
  static constexpr boost::asio::execution::blocking_t query(
      boost::asio::execution::blocking_t) noexcept {
    return boost::asio::execution::blocking.never;
  }
  Executor require(boost::asio::execution::blocking_t::never_t) const noexcept { return *this; }
  template <class Function>
  void execute(Function&& function) const {
    pump_->jobs_.emplace_back(std::forward<Function>(function));
  }
  bool operator==(const Executor&) const noexcept = default;

 private:
  Pump* pump_;
};

inline Pump::Executor Pump::executor() noexcept { return Executor(*this); }

}  // namespace engineio::transports::detail
