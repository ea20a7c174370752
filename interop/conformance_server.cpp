// conformance-server <profile> [--host H] [--port N] [--threads N]: the small servers that official
// clients' and protocols' test suites talk to, on our public headers only. README.md says what each
// profile does.

#include <charconv>
#include <exception>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "interop/profiles/profile.hpp"

namespace {

using Profile = void (*)(const interop::Setting&);

const std::map<std::string_view, Profile> profiles = {
    {"client", interop::run_client},     {"engine-client", interop::run_engine_client},
    {"engineio", interop::run_engineio}, {"interop", interop::run_interop},
    {"socketio", interop::run_socketio},
};

struct CommandLine {
  Profile profile = nullptr;
  interop::Setting setting = {};
};

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_flag(std::string_view name, std::string_view value, interop::Setting& setting) {
  if (name == "--host") {
    setting.host = value;
    return true;
  }
  if (name == "--port") return read_number(value, setting.port);
  if (name == "--threads") return read_number(value, setting.threads);
  return false;
}

/// What the arguments ask for; none, with the problem told, if they make no sense.
std::optional<CommandLine> read_command_line(int count, char** arguments, std::string& problem) {
  CommandLine line;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument.starts_with("--")) {
      if (i + 1 == count || !read_flag(argument, arguments[i + 1], line.setting)) {
        problem = "bad flag \"" + std::string(argument) + '"';
        return std::nullopt;
      }
      ++i;
    } else if (const auto found = profiles.find(argument);
               !line.profile && found != profiles.end()) {
      line.profile = found->second;
    } else {
      problem = "unknown profile \"" + std::string(argument) + '"';
      return std::nullopt;
    }
  }
  if (line.profile) return line;
  problem = "a profile is needed";
  return std::nullopt;
}

std::string usage() {
  std::string names;
  for (const auto& [name, profile] : profiles) {
    if (!names.empty()) names += '|';
    names += name;
  }
  return "usage: conformance-server " + names + " [--host H] [--port N] [--threads N]";
}

}  // namespace

int main(int count, char** arguments) {
  std::string problem;
  const auto line = read_command_line(count, arguments, problem);
  if (!line) {
    std::cerr << "conformance-server: " << problem << "; " << usage() << '\n';
    return 2;
  }
  try {
    interop::StopOnSignal::block();
    line->profile(line->setting);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "conformance-server: " << error.what() << '\n';
    return 1;
  }
}
