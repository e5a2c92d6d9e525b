#include "src/model/resnet18.hpp"

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <torch/utils.h>
#include <boost/json/value_to.hpp>

#include <bit>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/files.hpp"
#include "src/base/json.hpp"
#include "src/data/counter_random.hpp"
#include "src/model/work.hpp"

namespace trainbench {
namespace {

// The rule is in make_golden.py, which wrote the file.
constexpr std::uint64_t kSeed = 18;
constexpr std::uint64_t kImagesStream = 1000;
constexpr std::int64_t kNumImages = 8;

// Of a value's own size; for one element of a gradient or a logit, of the size of the whole.
constexpr double kTolerance = 1e-10;

const json::object& golden() {
  static const json::value file = parse_json(
      read_file(std::filesystem::path(TRAINBENCH_TESTS_DIR) / "model/testdata/resnet18_golden.json"),
      "resnet18_golden.json");
  return file.as_object();
}

template <class Scale>
void fill(const at::Tensor& tensor, std::uint64_t stream, Scale scale) {
  const std::uint64_t key = random_key(kSeed, stream);
  auto* values = tensor.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < tensor.numel(); ++i) {
    const std::uint64_t bits = random_bits(key, static_cast<std::uint64_t>(i)) >> 11;
    values[i] = scale(static_cast<double>(bits) * 0x1p-52 - 1.0);
  }
}

void fill_parameter(const std::string& name, const at::Tensor& parameter, std::uint64_t stream) {
  const auto fan_in = static_cast<double>(parameter.numel() / parameter.size(0));
  if (parameter.dim() == 4) {
    fill(parameter, stream, [a = std::sqrt(6.0 / fan_in)](double u) { return u * a; });
  } else if (parameter.dim() == 2) {
    fill(parameter, stream, [a = std::sqrt(3.0 / fan_in)](double u) { return u * a; });
  } else if (name.ends_with("bias")) {
    fill(parameter, stream, [](double u) { return u * 0.125; });
  } else {
    fill(parameter, stream, [](double u) { return 1.0 + u * 0.125; });
  }
}

std::string checksum(const ResNet18Impl& model) {
  std::uint64_t sum = 0;
  std::uint64_t factor = 1;
  for (const at::Tensor& parameter : model.parameters()) {
    const auto* values = parameter.const_data_ptr<double>();
    for (std::int64_t i = 0; i < parameter.numel(); ++i, factor += 2) {
      sum += std::bit_cast<std::uint64_t>(values[i]) * factor;
    }
  }
  return fmt::format("{:016x}", sum);
}

std::unique_ptr<ResNet18Impl> make_model(const ResNet18Options& options) {
  auto model = std::make_unique<ResNet18Impl>(options);
  model->to(at::kDouble);
  std::uint64_t stream = 0;
  for (const auto& parameter : model->named_parameters()) {
    fill_parameter(parameter.key(), parameter.value().detach(), stream++);
  }
  return model;
}

at::Tensor make_images() {
  at::Tensor images = at::empty({kNumImages, 3, 32, 32}, at::kDouble);
  fill(images, kImagesStream, [](double u) { return u * 1.75; });
  return images;
}

at::Tensor make_labels() {
  at::Tensor labels = at::empty({kNumImages}, at::kLong);
  for (std::int64_t n = 0; n < kNumImages; ++n) labels[n] = (3 * n + 1) % 10;
  return labels;
}

double norm_of(const at::Tensor& tensor) {
  return tensor.norm().item<double>();
}

void expect_rows(const at::Tensor& actual, const json::value& expected, std::string_view what) {
  const double scale = actual.abs().max().item<double>();
  for (std::int64_t row = 0; row < actual.size(0); ++row) {
    for (std::int64_t column = 0; column < actual.size(1); ++column) {
      const auto& value =
          expected.as_array().at(static_cast<std::size_t>(row)).at(static_cast<std::size_t>(column));
      EXPECT_NEAR(actual[row][column].item<double>(), value.to_number<double>(), kTolerance * scale)
          << what << " of image " << row << ", class " << column;
    }
  }
}

void expect_gradient(const std::string& name, const at::Tensor& gradient, const json::object& expected) {
  const double norm = expected.at("norm").to_number<double>();
  ASSERT_GT(norm, 0) << name;
  EXPECT_NEAR(norm_of(gradient), norm, kTolerance * norm) << name;
  const at::Tensor flat = gradient.contiguous().flatten();
  ASSERT_EQ(expected.at("entries").as_array().size(), 8U) << name;
  for (const json::value& entry : expected.at("entries").as_array()) {
    const auto index = entry.at(0).to_number<std::int64_t>();
    EXPECT_NEAR(flat[index].item<double>(), entry.at(1).to_number<double>(), kTolerance * norm)
        << name << ", element " << index;
  }
}

struct StemCase {
  Stem stem;
  const char* name;
  std::int64_t parameters;
};

void PrintTo(const StemCase& stem, std::ostream* out) {
  *out << stem.name;
}

class ResNet18OfStem : public testing::TestWithParam<StemCase> {
 protected:
  const json::object& expected() const { return golden().at(GetParam().name).as_object(); }
};

TEST_P(ResNet18OfStem, HasThePublishedNumberOfParametersAndTheOneThatItsFormulaCounts) {
  std::int64_t count = 0;
  for (const at::Tensor& parameter : ResNet18Impl({.stem = GetParam().stem}).parameters()) {
    count += parameter.numel();
  }
  EXPECT_EQ(count, GetParam().parameters);
  EXPECT_EQ(count, work_per_image(GetParam().stem).parameters);
}

TEST_P(ResNet18OfStem, NamesAndShapesItsStateAsTorchvisionDoes) {
  const ResNet18Impl model({.stem = GetParam().stem});
  std::map<std::string, std::vector<std::int64_t>> actual;
  for (const auto& entry : model.named_parameters()) actual[entry.key()] = entry.value().sizes().vec();
  for (const auto& entry : model.named_buffers()) actual[entry.key()] = entry.value().sizes().vec();
  std::map<std::string, std::vector<std::int64_t>> published;
  for (const json::value& entry : expected().at("state_dict").as_array()) {
    published[std::string(entry.at(0).as_string())] = json::value_to<std::vector<std::int64_t>>(entry.at(1));
  }
  EXPECT_EQ(published.size(), 122U);
  EXPECT_EQ(actual, published);
}

TEST_P(ResNet18OfStem, EqualsTorchvisionInLogitsLossAndEveryGradient) {
  const auto model = make_model({.stem = GetParam().stem});
  ASSERT_EQ(checksum(*model), expected().at("weights_checksum").as_string());
  const at::Tensor images = make_images();
  const at::Tensor logits = model->forward(images);
  const at::Tensor loss = at::cross_entropy_loss(logits, make_labels());
  loss.backward();
  expect_rows(logits, expected().at("logits"), "logit");
  const double expected_loss = expected().at("loss").to_number<double>();
  EXPECT_NEAR(loss.item<double>(), expected_loss, kTolerance * expected_loss);
  const json::object& gradients = expected().at("gradients").as_object();
  EXPECT_EQ(gradients.size(), 62U);
  for (const auto& parameter : model->named_parameters()) {
    expect_gradient(parameter.key(), parameter.value().grad(), gradients.at(parameter.key()).as_object());
  }
  // With the running statistics that this one training step left.
  model->eval();
  expect_rows(model->forward(images), expected().at("evaluation_logits"), "evaluation logit");
}

TEST_P(ResNet18OfStem, ComputesTheSameBitsInPlaceAndNot) {
  const at::Tensor images = make_images();
  std::vector<at::Tensor> logits;
  std::vector<at::Tensor> gradients;
  for (const bool in_place : {true, false}) {
    const auto model = make_model({.stem = GetParam().stem, .in_place = in_place});
    logits.push_back(model->forward(images));
    at::cross_entropy_loss(logits.back(), make_labels()).backward();
    gradients.push_back(model->parameters().front().grad());
  }
  EXPECT_TRUE(at::equal(logits[0], logits[1]));
  EXPECT_TRUE(at::equal(gradients[0], gradients[1]));
}

INSTANTIATE_TEST_SUITE_P(Stems, ResNet18OfStem,
                         testing::Values(StemCase{Stem::imagenet, "imagenet", 11'181'642},
                                         StemCase{Stem::cifar, "cifar", 11'173'962}),
                         [](const auto& stem) { return std::string(stem.param.name); });

// float32 norms: how a normal number is drawn from the generator differs in the last bits between CPUs.
TEST(ResNet18, BeginsWithTheWeightsThatTorchvisionDrawsFromTheSameSeed) {
  torch::manual_seed(1);
  const ResNet18Impl model;
  const json::object& norms = golden().at("initial_norms_of_seed_1").as_object();
  EXPECT_EQ(norms.size(), 62U);
  for (const auto& parameter : model.named_parameters()) {
    const double norm = norms.at(parameter.key()).to_number<double>();
    EXPECT_NEAR(norm_of(parameter.value()), norm, 1e-5 * norm) << parameter.key();
  }
}

TEST(ResNet18, GivesOneLogitPerClass) {
  ResNet18Impl model({.stem = Stem::imagenet, .classes = 7});
  const at::Tensor logits = model.forward(at::ones({2, 3, 32, 32}));
  EXPECT_EQ(logits.sizes(), (std::vector<std::int64_t>{2, 7}));
  EXPECT_TRUE(at::isfinite(logits).all().item<bool>());
}

}  // namespace
}  // namespace trainbench
