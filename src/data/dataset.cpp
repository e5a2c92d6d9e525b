#include "src/data/dataset.hpp"

#include "src/base/hash.hpp"
#include "src/data/dataset_hash.hpp"

namespace trainbench {

std::string hash_of(const ImageSet& train, const ImageSet& test) {
  Hash64 hash;
  for (const ImageSet* set : {&train, &test}) {
    hash.update_words(set->labels);
    hash.update_words(set->pixels);
  }
  return hash.hex();
}

Dataset load_dataset(std::string_view spec, const SyntheticOptions& synthetic) {
  return spec == "synthetic" ? make_synthetic(synthetic) : load_cifar10(std::filesystem::path(spec));
}

}  // namespace trainbench
