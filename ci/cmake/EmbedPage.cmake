# Writes OUTPUT, a C++ file with the texts of report/history/page/page_files.hpp: of the folder PAGE the template page.html,
# the style page.css, the scripts one behind the other, and the hashes of the last two as a Content-Security-Policy
# wants them.

# "sha256-" and base64 of the digest that `hex` spells: 3 hexadecimal digits are 2 characters.
function(policy_hash hex result)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  set(padded "${hex}00")
  set(text "")
  foreach(at RANGE 0 63 3)
    string(SUBSTRING "${padded}" ${at} 3 digits)
    math(EXPR high "0x${digits} >> 6")
    math(EXPR low "0x${digits} & 63")
    string(SUBSTRING "${alphabet}" ${high} 1 first)
    string(SUBSTRING "${alphabet}" ${low} 1 second)
    string(APPEND text "${first}${second}")
  endforeach()
  # 32 bytes are 43 characters and one that fills up.
  string(SUBSTRING "${text}" 0 43 text)
  set(${result} "sha256-${text}=" PARENT_SCOPE)
endfunction()

file(READ "${PAGE}/page.html" html)
file(READ "${PAGE}/page.css" style)
set(script "")
foreach(file IN ITEMS chart.js series.js detail.js keyboard.js page.js)
  file(READ "${PAGE}/${file}" part)
  string(APPEND script "${part}")
endforeach()
foreach(text IN ITEMS html style script)
  string(FIND "${${text}}" ")~page~" found)
  if(NOT found EQUAL -1)
    message(FATAL_ERROR "The page's ${text} holds the end of a raw string literal, ')~page~'.")
  endif()
endforeach()
string(SHA256 style_hash "${style}")
string(SHA256 script_hash "${script}")
policy_hash(${style_hash} style_hash)
policy_hash(${script_hash} script_hash)
file(WRITE "${OUTPUT}" "#include \"report/history/page/page_files.hpp\"

namespace trainbench::report::history {

const std::string_view kPageTemplate = R\"~page~(${html})~page~\";
const std::string_view kPageStyle = R\"~page~(${style})~page~\";
const std::string_view kPageScript = R\"~page~(${script})~page~\";
const std::string_view kPageStyleHash = \"${style_hash}\";
const std::string_view kPageScriptHash = \"${script_hash}\";

}  // namespace trainbench::report::history
")
