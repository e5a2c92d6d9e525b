#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace trainbench::report::svg {

// A monospaced face makes the width of a text a matter of counting: nothing can overlap.
inline constexpr double kFontSize = 13;
inline constexpr double kCharacterWidth = 0.61 * kFontSize;
inline constexpr double kMargin = 16;
inline constexpr double kHeadHeight = 58;  // of title and subtitle
inline constexpr std::size_t kLongestLabel = 48;

/// `raw` as text or attribute of XML; control characters become spaces, those of writing direction are spelt
/// out.
std::string escape(std::string_view raw);

/// Characters of UTF-8, not bytes.
std::size_t length_of(std::string_view text);
/// In pixels, of a text of the usual size.
double width_of(std::string_view text);

/// At most kLongestLabel characters: the middle goes, for the family and the last argument tell benchmarks
/// apart.
std::string shortened(const std::string& raw);

/// CSS classes of a chart beside the common ones (text, title, quiet, page).
struct Style {
  std::string_view light;
  std::string_view dark;  // what differs on a dark page
};

struct Head {
  std::string title;
  std::string subtitle;
  double width = 0;  // of the whole picture; `fit_width` makes it wide enough for the texts
  double height = 0;
};

/// `width` or, if that is more, what title and subtitle need.
double fit_width(double width, std::string_view title, std::string_view subtitle);

/// The beginning of a file, up to title and subtitle. It ends with "</svg>\n", which the caller adds.
std::string begin(const Head& head, const Style& style);

}  // namespace trainbench::report::svg
