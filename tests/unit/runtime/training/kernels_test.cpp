// Does every set of kernels compute what the definitions say, whatever the sizes?
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "made_up.hpp"
#include "training/convolution.hpp"
#include "training/dense.hpp"
#include "training/kernels.hpp"

using namespace godwit;

namespace {

double worst(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return largest;
}

/// The same kernels, but dense layers always go through OpenBLAS, where the build has it.
kernels through_blas(const kernels& with) {
  kernels changed = with;
  changed.blas_forward_rows = changed.blas_input_rows = changed.blas_update_rows =
      changed.blas_outputs_min = 0;
  return changed;
}

kernels never_blas(const kernels& with) {
  kernels changed = with;
  changed.blas_forward_rows = changed.blas_input_rows = changed.blas_update_rows = blas_never;
  return changed;
}

struct dense_results {
  std::vector<float> y, dx, target;
};

/// A layer and what it is fed with.
struct dense_case {
  dense_layer layer;
  std::size_t rows = 0;
  float beta = 0.0F;
  bool pulled = false;
  std::vector<float> parameters, x, dy, pull;

  dense_case(std::size_t inputs, std::size_t outputs, std::size_t row_count)
      : layer{inputs, outputs, 0, inputs * outputs}, rows(row_count),
        beta(rows % 3 == 0 ? 0.0F : 0.75F), pulled(rows % 2 == 0),
        parameters(made_up::numbers(outputs * (inputs + 1), 1)),
        x(made_up::numbers(rows * inputs, 2)), dy(made_up::numbers(rows * outputs, 3)),
        pull(made_up::numbers(parameters.size(), 4)) {}
};

constexpr float step_alpha = -0.25F, step_gamma = 0.5F;

dense_results run_dense(const kernels& with, const dense_case& given) {
  const auto& layer = given.layer;
  dense_results out{std::vector<float>(given.dy.size()), std::vector<float>(given.x.size()),
                    given.parameters};
  std::vector<float> scratch(dense_scratch(layer, given.rows) + 1);
  dense_forward(with, layer, given.rows, given.parameters.data(), given.x.data(), true,
                out.y.data(), scratch.data());
  dense_backward(with, layer, given.rows, out.target.data(), given.x.data(), given.dy.data(),
                 out.dx.data(),
                 {.target = out.target.data(),
                  .alpha = step_alpha,
                  .beta = given.beta,
                  .pull = given.pulled ? given.pull.data() : nullptr,
                  .gamma = step_gamma});
  return out;
}

/// What is meant, in three plain loops.
dense_results plain_dense(const dense_case& given) {
  const std::size_t inputs = given.layer.inputs, outputs = given.layer.outputs;
  std::vector<double> y(given.dy.size()), dx(given.x.size()), gradient(given.parameters.size());
  for (std::size_t i = 0; i < given.rows; ++i)
    for (std::size_t o = 0; o < outputs; ++o) {
      double sum = static_cast<double>(given.parameters[inputs * outputs + o]);
      const auto slope = static_cast<double>(given.dy[i * outputs + o]);
      for (std::size_t l = 0; l < inputs; ++l) {
        const auto feature = static_cast<double>(given.x[i * inputs + l]);
        const auto weight = static_cast<double>(given.parameters[o * inputs + l]);
        sum += feature * weight;
        dx[i * inputs + l] += slope * weight;
        gradient[o * inputs + l] += slope * feature;
      }
      gradient[inputs * outputs + o] += slope;
      y[i * outputs + o] = std::max(sum, 0.0);
    }
  dense_results out{{y.begin(), y.end()}, {dx.begin(), dx.end()}, {}};
  for (std::size_t i = 0; i < gradient.size(); ++i)
    out.target.push_back(step_alpha * static_cast<float>(gradient[i]) +
                         given.beta * given.parameters[i] +
                         (given.pulled ? step_gamma * given.pull[i] : 0.0F));
  return out;
}

} // namespace

TEST_CASE(
    "dense layers compute what three plain loops do, for batches from 1 to 70 and odd sizes") {
  constexpr std::array<std::array<std::size_t, 2>, 5> sizes{
      {{1, 1}, {37, 21}, {130, 70}, {1100, 10}, {64, 65}}};
  for (const auto& [inputs, outputs] : sizes)
    for (std::size_t rows = 1; rows <= 70; ++rows) {
      CAPTURE(inputs);
      CAPTURE(rows);
      const dense_case given(inputs, outputs, rows);
      const auto plain = plain_dense(given);
      for (const kernels* with : usable_kernels())
        for (const auto& chosen : {never_blas(*with), through_blas(*with)}) {
          CAPTURE(std::string(with->name));
          const auto computed = run_dense(chosen, given);
          REQUIRE(worst(computed.y, plain.y) < 2e-4);
          REQUIRE(worst(computed.dx, plain.dx) < 1e-4);
          REQUIRE(worst(computed.target, plain.target) < 1e-4);
        }
    }
}

TEST_CASE("a product reads A in either order and adds up runs") {
  for (const kernels* with : usable_kernels())
    for (std::size_t m : {1U, 5U, 13U, 14U, 15U, 29U})
      for (std::size_t n : {1U, 7U, 16U, 47U}) {
        CAPTURE(std::string(with->name));
        CAPTURE(m);
        CAPTURE(n);
        const std::size_t k = 6, runs = 3;
        const std::vector<float> a = made_up::numbers(200, m),
                                 b = made_up::numbers(runs * k * n, n);
        std::vector<float> c = made_up::numbers(m * n, 9), expected = c;
        const std::vector<float> u = made_up::numbers(m * n, 10);
        // A is a window that slides by 2 over lines of 50: neither row-major nor column-major
        product p{.m = m,
                  .n = n,
                  .k = k,
                  .run_count = runs,
                  .a = a.data(),
                  .a_m = 2,
                  .a_k = 1,
                  .a_run = 50,
                  .b = b.data(),
                  .b_k = n,
                  .b_run = k * n,
                  .c = c.data(),
                  .c_m = n,
                  .alpha = 2.0F,
                  .beta = 0.5F,
                  .u = u.data(),
                  .gamma = 0.25F};
        with->multiply(p);
        for (std::size_t i = 0; i < m; ++i)
          for (std::size_t j = 0; j < n; ++j) {
            double sum = 0.0;
            for (std::size_t run = 0; run < runs; ++run)
              for (std::size_t l = 0; l < k; ++l)
                sum += static_cast<double>(a[2 * i + l + 50 * run]) *
                       static_cast<double>(b[(run * k + l) * n + j]);
            float& here = expected[i * n + j];
            here = static_cast<float>(2.0 * sum + 0.5 * static_cast<double>(here) +
                                      0.25 * static_cast<double>(u[i * n + j]));
          }
        REQUIRE(worst(c, expected) < 1e-5);
      }
}

TEST_CASE("a product with beta 0 does not read what was there") {
  for (const kernels* with : usable_kernels()) {
    const std::vector<float> a{1.0F, 2.0F}, b{3.0F, 4.0F};
    std::vector<float> c{std::nanf("")};
    product p{.m = 1, .n = 1, .k = 2};
    p.a = a.data();
    p.a_m = 2;
    p.a_k = 1;
    p.b = b.data();
    p.b_k = 1;
    p.c = c.data();
    p.c_m = 1;
    with->multiply(p);
    CHECK(c[0] == 11.0F);
  }
}

TEST_CASE("pooling takes the largest of four, and its way back returns the gradient to it") {
  for (const kernels* with : usable_kernels())
    for (std::size_t channels : {3U, 16U, 37U}) {
      CAPTURE(std::string(with->name));
      CAPTURE(channels);
      const std::size_t out_width = 3;
      const auto upper = made_up::numbers(2 * out_width * channels, 1);
      const auto lower = made_up::numbers(2 * out_width * channels, 2);
      auto bias = made_up::numbers(channels, 3);
      bias[0] = -0.9F; // so that some outputs are dead, whatever the number of channels
      const auto gradient = made_up::numbers(out_width * channels, 4);
      std::vector<float> out(out_width * channels), back_upper(upper.size()),
          back_lower(upper.size());
      std::vector<float> sums(channels, 1.0F), expected_sums(channels, 1.0F);
      std::vector<std::int8_t> winners(out.size());
      with->pool({out_width, channels, upper.data(), lower.data(), bias.data(), out.data(),
                  winners.data()});
      with->unpool({out_width, channels, gradient.data(), winners.data(), back_upper.data(),
                    back_lower.data(), sums.data()});
      std::size_t dead = 0;
      for (std::size_t x = 0; x < out_width; ++x)
        for (std::size_t c = 0; c < channels; ++c) {
          const std::array<std::size_t, 2> at{2 * x * channels + c, (2 * x + 1) * channels + c};
          const std::array<float, 4> four{upper[at[0]], upper[at[1]], lower[at[0]], lower[at[1]]};
          const std::array<float, 4> back{back_upper[at[0]], back_upper[at[1]], back_lower[at[0]],
                                          back_lower[at[1]]};
          const auto best =
              static_cast<std::size_t>(std::max_element(four.begin(), four.end()) - four.begin());
          const float value = four[best] + bias[c], weight = gradient[x * channels + c];
          const bool alive = value > 0.0F;
          dead += !alive;
          expected_sums[c] += alive ? weight : 0.0F;
          REQUIRE(out[x * channels + c] == (alive ? value : 0.0F));
          REQUIRE(winners[x * channels + c] ==
                  (alive ? static_cast<std::int8_t>(best) : pool_dead));
          for (std::size_t i = 0; i < 4; ++i)
            REQUIRE(back[i] == (alive && i == best ? weight : 0.0F));
        }
      CHECK(dead > 0);
      CHECK(worst(sums, expected_sums) < 1e-6);
    }
}

TEST_CASE("a transpose moves every element, and nothing else") {
  for (const kernels* with : usable_kernels())
    for (std::size_t rows : {1U, 4U, 19U, 35U})
      for (std::size_t columns : {1U, 8U, 21U, 34U}) {
        const auto from = made_up::numbers(rows * (columns + 2), 1);
        std::vector<float> to(columns * (rows + 3), 7.0F);
        with->transpose(from.data(), columns + 2, rows, columns, to.data(), rows + 3);
        for (std::size_t j = 0; j < columns; ++j)
          for (std::size_t i = 0; i < rows + 3; ++i)
            REQUIRE(to[j * (rows + 3) + i] == (i < rows ? from[i * (columns + 2) + j] : 7.0F));
      }
}

TEST_CASE("the exponential is right to seven digits, and stays finite outside its range") {
  for (const kernels* with : usable_kernels()) {
    std::vector<float> x;
    for (int i = -8700; i <= 8800; i += 7)
      x.push_back(static_cast<float>(i) / 100.0F);
    std::vector<float> y = x;
    with->exponentiate(y.data(), y.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double exact = std::exp(static_cast<double>(x[i]));
      REQUIRE(std::fabs(static_cast<double>(y[i]) - exact) < 3e-7 * exact);
    }
    std::vector<float> edges{0.0F, -1000.0F, 1000.0F, std::nanf("")};
    with->exponentiate(edges.data(), edges.size());
    CHECK(edges[0] == 1.0F);
    CHECK(edges[1] < 1e-37F);
    CHECK(std::isfinite(edges[2]));
    CHECK(std::isnan(edges[3]));
  }
}

TEST_CASE("bytes become 255ths") {
  for (const kernels* with : usable_kernels()) {
    std::vector<std::uint8_t> bytes(256 + 5);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<std::uint8_t>(i);
    std::vector<float> values(bytes.size());
    with->scale_bytes(bytes.data(), values.data(), bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i)
      REQUIRE(values[i] == doctest::Approx(bytes[i] / 255.0).epsilon(1e-6));
  }
}

TEST_CASE("sparse sums add each list's terms to its own target, line by line") {
  for (const kernels* with : usable_kernels())
    for (std::size_t length : {1U, 15U, 160U, 181U}) {
      CAPTURE(std::string(with->name));
      CAPTURE(length);
      const std::size_t capacity = 3, lines = 2, line = 200;
      const auto source = made_up::numbers(1000, 1);
      const std::vector<sparse_term> terms{{0, 2.0F}, {5, -1.0F},  {0, 9.0F},
                                           {7, 0.5F}, {100, 1.0F}, {300, 3.0F}};
      const std::vector<std::uint32_t> counts{2, 3}, targets{0, 400};
      std::vector<float> target = made_up::numbers(900, 2), expected = target;
      with->add_sparse({2, capacity, terms.data(), counts.data(), lines, length, source.data(),
                        line, target.data(), targets.data(), line});
      for (std::size_t list = 0; list < 2; ++list)
        for (std::size_t r = 0; r < lines; ++r)
          for (std::size_t j = 0; j < length; ++j)
            for (std::size_t e = 0; e < counts[list]; ++e) {
              const sparse_term& term = terms[list * capacity + e];
              expected[targets[list] + r * line + j] +=
                  term.weight * source[term.offset + r * line + j];
            }
      CHECK(worst(target, expected) < 1e-5);
    }
}
