#include "src/train/batch_source.hpp"

#include <memory>
#include <string>

namespace trainbench {

Facts data_facts(const Dataset& dataset, bool augment) {
  return {{"data_set", dataset.id},
          {"data_set_hash", dataset.hash},
          {"train_images", std::to_string(dataset.train.size())},
          {"augment", augment ? "crop and flip" : "none"}};
}

BatchSource loader_source(Dataset dataset, const LoaderOptions& options) {
  const auto data = std::make_shared<const Dataset>(std::move(dataset));
  const auto loader = std::make_shared<Loader>(data->train, options);
  // The loader's threads read the images: `data` is captured beside it so that it goes last.
  return {.next = [data, loader] { return loader->next(); },
          .test_batch =
              [data, channels_last = options.channels_last](std::int64_t begin, std::int64_t count) {
                return evaluation_batch(data->test, static_cast<std::size_t>(begin),
                                        static_cast<std::size_t>(count), channels_last);
              },
          .batch_size = options.batch_size,
          .batches_per_epoch = loader->batches_per_epoch(),
          .test_images = static_cast<std::int64_t>(data->test.size()),
          .facts = data_facts(*data, options.augment)};
}

}  // namespace trainbench
