// How does a folder hold one owner's examples, whatever their kind?
#include "data/folder.hpp"

#include <fstream>
#include <string>
#include <system_error>

#include "data/csv.hpp"
#include "data/idx.hpp"

namespace godwit {

namespace {

constexpr std::uint32_t class_count_max = 256;

} // namespace

attempt<std::uint32_t> read_class_count(const std::filesystem::path& folder) {
  const auto file = folder / "class_count";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    return std::uint32_t{0};
  std::ifstream in(file);
  std::uint32_t count = 0;
  std::string rest;
  if (!(in >> count) || (in >> rest) || count == 0 || count > class_count_max)
    return failure{.code = failure_code::corrupt,
                   .detail = file.string() + ": expected one number from 1 to 256"};
  return count;
}

attempt<done> write_class_count(const std::filesystem::path& folder, std::uint32_t class_count) {
  std::error_code why;
  std::filesystem::create_directories(folder, why);
  if (why)
    return failure{.code = failure_code::io,
                   .detail = folder.string() + ": cannot be made: " + why.message()};
  std::ofstream out(folder / "class_count", std::ios::trunc);
  out << class_count << '\n';
  out.close();
  if (!out)
    return failure{.code = failure_code::io,
                   .detail = (folder / "class_count").string() +
                             ": cannot be written; check the folder's space and permissions"};
  return done{};
}

attempt<done> save_examples(const examples& held, const std::filesystem::path& folder,
                            split which) {
  const bool train = which == split::train;
  if (held.data->values.empty())
    return write_idx(held, folder, train ? "train" : "t10k");
  if (auto noted = write_class_count(folder, held.data->class_count); !noted)
    return noted;
  return write_csv(held, folder / (train ? "train.csv" : "test.csv"));
}

} // namespace godwit
