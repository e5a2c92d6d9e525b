#pragma once

#include <string_view>

namespace trainbench::report::history {

// The files of report/history/page, which the build embeds (ci/cmake/EmbedPage.cmake).

extern const std::string_view kPageTemplate;  // page.html, with {{names}} of what is put in
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;
// As a Content-Security-Policy names them: "sha256-...".
extern const std::string_view kPageStyleHash;
extern const std::string_view kPageScriptHash;

}  // namespace trainbench::report::history
