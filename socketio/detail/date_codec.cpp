#include <array>
#include <charconv>
#include <chrono>
#include <string_view>

#include "socketio/codec.hpp"

namespace socketio::detail {
namespace {

using Milliseconds = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Milliseconds>;

char* put_number(char* at, int value, int width) {
  for (int i = width - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
  return at + width;
}

// Reads the parts of a date from left to right; once one is missing all further ones are, too.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

  bool accept(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) { good_ = accept(c) && good_; }

  int number(std::size_t width) {
    int value = 0;
    const std::string_view digits = rest_.substr(0, width);
    const bool all_digits =
        digits.size() == width && digits.find_first_not_of("0123456789") == std::string_view::npos;
    if (!all_digits) return good_ = false, 0;
    std::from_chars(digits.data(), digits.data() + width, value);
    rest_.remove_prefix(width);
    return value;
  }

  int year() {
    if (accept('+')) return number(6);
    if (accept('-')) return -number(6);
    return number(4);
  }

  Milliseconds fraction() {
    Milliseconds value{0};
    if (!accept('.')) return value;
    value = Milliseconds(100 * number(1));
    for (int weight : {10, 1}) {
      if (is_digit()) value += Milliseconds(weight * number(1));
    }
    while (is_digit()) rest_.remove_prefix(1);
    return value;
  }

  // `Z`, or how far the time of day is ahead of UTC.
  std::chrono::minutes offset() {
    if (accept('Z')) return {};
    const bool behind = rest_.starts_with('-');
    good_ = (accept('-') || accept('+')) && good_;
    const std::chrono::hours hours(number(2));
    expect(':');
    const std::chrono::minutes ahead = hours + std::chrono::minutes(number(2));
    return behind ? -ahead : ahead;
  }

 private:
  bool is_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }

  std::string_view rest_;
  bool good_ = true;
};

boost::system::result<Time> parse_date(std::string_view text, ValueReader& reader) {
  using std::chrono::year;
  DateReader in(text);
  const int years = in.year();
  in.expect('-');
  const std::chrono::month month(static_cast<unsigned>(in.number(2)));
  in.expect('-');
  const std::chrono::day day(static_cast<unsigned>(in.number(2)));
  in.expect('T');
  const std::chrono::hours hours(in.number(2));
  in.expect(':');
  const std::chrono::minutes minutes(in.number(2));
  std::chrono::seconds seconds{0};
  if (in.accept(':')) seconds = std::chrono::seconds(in.number(2));
  const Milliseconds fraction = in.fraction();
  const std::chrono::minutes offset = in.offset();
  const bool in_range = hours.count() < 24 && minutes.count() < 60 && seconds.count() < 60;
  if (!in.good() || !in.at_end() || !in_range) return reader.fail("date expected");
  // JavaScript's years go up to 275760, those of std::chrono do not.
  if (years < int(year::min()) || years > int(year::max())) return reader.fail("date out of range");
  const std::chrono::year_month_day date(year(years), month, day);
  if (!date.ok()) return reader.fail("date expected");
  return std::chrono::sys_days(date) + hours + minutes + seconds + fraction - offset;
}

}  // namespace

void write_date(ValueWriter& out, Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const int year = static_cast<int>(date.year());
  std::array<char, 32> text;
  char* at = text.data();
  *at++ = '"';
  const bool usual = year >= 0 && year <= 9999;
  if (!usual) *at++ = year < 0 ? '-' : '+';
  at = put_number(at, year < 0 ? -year : year, usual ? 4 : 6);
  const auto part = [&](char before, auto value, int width) {
    *at++ = before;
    at = put_number(at, static_cast<int>(value), width);
  };
  part('-', static_cast<unsigned>(date.month()), 2);
  part('-', static_cast<unsigned>(date.day()), 2);
  part('T', clock.hours().count(), 2);
  part(':', clock.minutes().count(), 2);
  part(':', clock.seconds().count(), 2);
  part('.', clock.subseconds().count(), 3);
  *at++ = 'Z';
  *at++ = '"';
  out.write_raw(std::string_view(text.data(), static_cast<std::size_t>(at - text.data())));
}

boost::system::result<Time> read_date(const boost::json::value& json, ValueReader& in) {
  const boost::json::string* text = json.if_string();
  if (!text) return in.fail("date expected");
  return parse_date(std::string_view(text->data(), text->size()), in);
}

}  // namespace socketio::detail
