#include "src/train/batch_source.hpp"

#include <memory>
#include <string>

namespace trainbench {

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
          .facts = {{"data_set", data->id},
                    {"data_set_hash", data->hash},
                    {"train_images", std::to_string(data->train.size())},
                    {"augment", options.augment ? "crop and flip" : "none"}}};
}

}  // namespace trainbench
