#include "examples/comment_server/logging.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace comment_server {
namespace {

constexpr std::size_t waiting_lines = 8192;
constexpr std::size_t event_bytes = 1024;
constexpr std::string_view cut_mark = "…";

struct CodePoint {
  char32_t value;
  std::size_t bytes;  // 0: not UTF-8
};

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// The code point at the start of a text that is not empty.
CodePoint first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {0, 0};
  auto value = static_cast<char32_t>(lead & (0xFF >> (bytes + 1)));
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!continues(text[i])) return {0, 0};
    value = value << 6 | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  const bool too_long = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (too_long || surrogate || value > 0x10FFFF) return {0, 0};
  return {value, bytes};
}

bool is_control(char32_t value) { return value < 0x20 || (value >= 0x7F && value < 0xA0); }

/// Characters that break lines or turn the direction of what follows.
bool is_layout(char32_t value) {
  return (value >= 0x200B && value <= 0x200F) || (value >= 0x2028 && value <= 0x202E) ||
         (value >= 0x2060 && value <= 0x206F) || value == 0x061C || value == 0xFEFF;
}

std::string_view escape_of(char32_t value, std::array<char, 8>& buffer) {
  switch (value) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
  }
  if (!is_control(value) && !is_layout(value)) return {};
  const int size =
      std::snprintf(buffer.data(), buffer.size(), "\\u%04x", static_cast<unsigned>(value));
  return {buffer.data(), static_cast<std::size_t>(size)};
}

std::string_view name_of(LogLevel level) {
  constexpr std::array<std::string_view, 4> names{"debug", "info", "warning", "error"};
  return names[static_cast<std::size_t>(level)];
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  constexpr std::array<spdlog::level::level_enum, 5> levels{
      spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err,
      spdlog::level::off};
  return levels[static_cast<std::size_t>(level)];
}

void append_json(std::string& line, const LogField& field) {
  line.append(",\"").append(field.name).append("\":");
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    line.append(std::to_string(*number));
  } else {
    line.append("\"").append(escaped(std::get<std::string_view>(field.value))).append("\"");
  }
}

void append_text(std::string& line, const LogField& field) {
  line.append(" ").append(field.name).append("=");
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    line.append(std::to_string(*number));
    return;
  }
  const std::string value = escaped(std::get<std::string_view>(field.value));
  const bool plain = !value.empty() && value.find_first_of(" \"\\=") == std::string::npos;
  line.append(plain ? "" : "\"").append(value).append(plain ? "" : "\"");
}

}  // namespace

std::string escaped(std::string_view untrusted, std::size_t max_bytes) {
  std::string out;
  std::array<char, 8> buffer{};
  std::size_t fits = 0;  // how long `out` was when the mark of a cut still fitted behind it
  while (!untrusted.empty()) {
    const CodePoint next = first_of(untrusted);
    const std::size_t consumed = next.bytes == 0 ? 1 : next.bytes;
    std::string_view written = next.bytes == 0 ? "\xEF\xBF\xBD" : escape_of(next.value, buffer);
    if (written.empty()) written = untrusted.substr(0, consumed);
    if (out.size() + written.size() > max_bytes) {
      out.resize(fits);
      return max_bytes < cut_mark.size() ? out : out.append(cut_mark);
    }
    out.append(written);
    if (out.size() + cut_mark.size() <= max_bytes) fits = out.size();
    untrusted.remove_prefix(consumed);
  }
  return out;
}

std::optional<std::size_t> LineRate::admit(engineio::TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (rate_.admit(now, lines_per_second_)) return std::exchange(left_out_, 0);
  ++left_out_;
  return std::nullopt;
}

Log::Log(const LogOptions& options) : level_(options.level), format_(options.format) {
  threads_ = std::make_shared<spdlog::details::thread_pool>(waiting_lines, 1);
  logger_ = std::make_shared<spdlog::async_logger>(
      "comment-server", std::make_shared<spdlog::sinks::stderr_sink_mt>(), threads_,
      spdlog::async_overflow_policy::overrun_oldest);
  set_up();
}

Log::Log(const LogOptions& options, std::ostream& out)
    : level_(options.level), format_(options.format) {
  logger_ = std::make_shared<spdlog::logger>("comment-server",
                                             std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
  set_up();
}

// Ends the thread while the logger still lives, which the lines that wait are written by.
Log::~Log() { threads_.reset(); }

void Log::set_up() {
  logger_->set_level(spdlog_level(level_));
  const char* pattern = format_ == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ",%v})"
                                                   : "%Y-%m-%dT%H:%M:%S.%eZ %v";
  logger_->set_pattern(pattern, spdlog::pattern_time_type::utc);
}

void Log::write_some(LogLevel level, std::string_view event,
                     std::initializer_list<LogField> fields) {
  if (!enabled(level)) return;
  const auto left_out = some_.admit();
  if (!left_out) return;
  if (*left_out > 0)
    write(LogLevel::warning, "lines left out", {{"count", static_cast<std::int64_t>(*left_out)}});
  write(level, event, fields);
}

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  std::string line;
  line.reserve(256);
  const bool json = format_ == LogFormat::json;
  line.append(json ? R"("level":")" : "")
      .append(name_of(level))
      .append(json ? R"(","event":")" : " ");
  line.append(escaped(event, event_bytes)).append(json ? "\"" : "");
  for (const LogField& field : fields) json ? append_json(line, field) : append_text(line, field);
  logger_->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace comment_server
