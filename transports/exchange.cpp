#include "transports/exchange.hpp"

#include "transports/http_stage.hpp"

namespace engineio::transports {

bool Exchange::body_expected() const noexcept { return stage_ && stage_->reading_body_; }

void Exchange::read_body() {
  if (stage_) stage_->give_body();
}

void Exchange::respond(const HttpResponse& response, std::span<const Block> payload) {
  if (stage_) stage_->answer(response, payload);
}

void Exchange::upgrade(const HttpResponse& response, std::unique_ptr<Stage> stage) {
  if (stage_) stage_->upgrade(response, std::move(stage));
}

void Exchange::abort() {
  owner_ = nullptr;
  if (stage_) connection_.abort();
}

}  // namespace engineio::transports
