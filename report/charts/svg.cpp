#include "report/charts/svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/text/format.hpp"

namespace trainbench::report::svg {
namespace {

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

}  // namespace

std::string escape(std::string_view raw) {
  const std::string text = without_direction_controls(raw);
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        // XML 1.0 has no control characters at all, not even escaped ones.
        result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return result;
}

std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

double width_of(std::string_view text) {
  return kCharacterWidth * static_cast<double>(length_of(text));
}

std::string shortened(const std::string& raw) {
  std::string label = without_direction_controls(raw);
  if (length_of(label) <= kLongestLabel) return label;
  std::vector<std::string> characters;
  for (const char c : label) {
    if (starts_character(c) || characters.empty()) characters.emplace_back();
    characters.back() += c;
  }
  constexpr std::size_t kHead = kLongestLabel / 2;
  constexpr std::size_t kTail = kLongestLabel - kHead - 1;
  std::string result;
  for (std::size_t i = 0; i < kHead; ++i) result += characters[i];
  result += "…";
  for (std::size_t i = characters.size() - kTail; i < characters.size(); ++i) result += characters[i];
  return result;
}

double fit_width(double width, std::string_view title, std::string_view subtitle) {
  const auto longest = static_cast<double>(std::max(length_of(title), length_of(subtitle)));
  return std::ceil(std::max(width, kCharacterWidth * 1.2 * longest + 2 * kMargin));
}

std::string begin(const Head& head, const Style& style) {
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
      "{1:.0f}\" role=\"img\">\n<title>{2}</title>\n<style>",
      head.width, head.height, escape(head.title));
  svg += fmt::format(
      "text{{font:13px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#1f2328}}"
      ".title{{font-weight:600;font-size:15px}}.quiet{{fill:#59636e}}.page{{fill:#ffffff}}{}"
      "@media(prefers-color-scheme:dark){{text{{fill:#e6edf3}}.quiet{{fill:#9198a1}}.page{{fill:#0d1117}}{}}}"
      "</style>\n",
      style.light, style.dark);
  svg += "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n";
  svg += fmt::format("<text class=\"title\" x=\"{:.0f}\" y=\"26\">{}</text>\n", kMargin, escape(head.title));
  svg +=
      fmt::format("<text class=\"quiet\" x=\"{:.0f}\" y=\"46\">{}</text>\n", kMargin, escape(head.subtitle));
  return svg;
}

}  // namespace trainbench::report::svg
