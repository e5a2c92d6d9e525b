#include "src/train/prefetch_source.hpp"

#include <memory>
#include <utility>

#include "src/gpu/copy_stream.hpp"

namespace trainbench {
namespace {

class Prefetch {
 public:
  Prefetch(std::function<Batch()> next, BatchCopier copier)
      : next_(std::move(next)), copier_(std::move(copier)) {}

  Batch next() {
    if (!started_) copier_.start(next_());
    Batch batch = copier_.take();
    started_ = false;  // where next_ throws
    copier_.start(next_());
    started_ = true;
    return batch;
  }

 private:
  std::function<Batch()> next_;
  BatchCopier copier_;
  bool started_ = false;
};

}  // namespace

BatchSource prefetch_source(BatchSource host, at::Device device) {
  if (device.is_cpu()) return host;
  const auto stream = std::make_shared<gpu::CopyStream>(device);
  return prefetch_through(std::move(host), {.start =
                                                [stream](const Batch& batch) {
                                                  stream->start({batch.images, batch.labels});
                                                },
                                            .take =
                                                [stream] {
                                                  std::vector<at::Tensor> tensors = stream->take();
                                                  return Batch{.images = std::move(tensors[0]),
                                                               .labels = std::move(tensors[1])};
                                                }});
}

BatchSource prefetch_through(BatchSource host, BatchCopier copier) {
  const auto prefetch = std::make_shared<Prefetch>(std::move(host.next), std::move(copier));
  host.next = [prefetch] { return prefetch->next(); };
  return host;
}

}  // namespace trainbench
