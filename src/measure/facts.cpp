#include "src/measure/facts.hpp"

#include "src/base/hash.hpp"

namespace trainbench {

std::string fact_or_unknown(const Facts& facts, const std::string& name) {
  const auto found = facts.find(name);
  return found == facts.end() || found->second.empty() ? "unknown" : found->second;
}

std::string fingerprint(const Facts& facts) {
  Hash64 hash;
  for (const auto& [name, value] : facts) {
    hash.update(name);
    hash.update("=");
    hash.update(value);
    hash.update("\n");
  }
  return hash.hex();
}

json::object to_json(const Facts& facts) {
  json::object object;
  for (const auto& [name, value] : facts) object[name] = value;
  return object;
}

Facts facts_from_json(const json::object& object) {
  Facts facts;
  for (const auto& member : object) {
    if (member.value().is_string()) facts[std::string(member.key())] = member.value().get_string().c_str();
  }
  return facts;
}

}  // namespace trainbench
