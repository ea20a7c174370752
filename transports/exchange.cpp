#include "transports/exchange.hpp"

#include "transports/http_stage.hpp"

namespace engineio::transports {

bool Exchange::body_expected() const noexcept {
  return stage_ && stage_->state_ == HttpStage::State::body;
}

std::size_t Exchange::unsent_bytes() const noexcept { return stage_ ? stage_->unsent_bytes() : 0; }

void Exchange::read_body() {
  if (pending()) stage_->give_body();
}

void Exchange::respond(const HttpResponse& response, std::span<const Block> payload) {
  if (pending()) stage_->answer(response, payload);
}

void Exchange::upgrade(const HttpResponse& response, std::unique_ptr<Stage> stage) {
  if (pending()) stage_->upgrade(response, std::move(stage));
}

void Exchange::abort() {
  owner_ = nullptr;
  if (pending()) connection_.abort();
}

}  // namespace engineio::transports
