#pragma once

#include <map>
#include <string>

#include "src/base/json.hpp"

namespace trainbench {

/// Facts in clear, by name, in one order. A fact that is unknown says "unknown".
using Facts = std::map<std::string, std::string>;

/// The fact's value; "unknown" where there is none or it is empty.
std::string fact_or_unknown(const Facts& facts, const std::string& name);

/// 16 hexadecimal digits over every name and value: two results with different fingerprints are not compared.
std::string fingerprint(const Facts& facts);

json::object to_json(const Facts& facts);
/// Members that are not strings are left out.
Facts facts_from_json(const json::object& object);

}  // namespace trainbench
