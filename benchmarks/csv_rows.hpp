// How does a benchmark write its figures?
#pragma once

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace godwit {

inline constexpr const char* csv_header = "workload,variant,metric,value,unit";

inline double median_of(std::vector<double> all) {
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

inline double mebibytes(double byte_count) {
  return byte_count / (1024.0 * 1024.0);
}

/// One row after the other of one workload's variant.
class rows {
public:
  rows(std::ostream& csv, std::string head) : csv_(csv), head_(std::move(head)) {}
  void write(const std::string& metric, double value, const std::string& unit) {
    csv_ << head_ << ',' << metric << ',' << value << ',' << unit << std::endl;
  }

private:
  std::ostream& csv_;
  std::string head_;
};

} // namespace godwit
