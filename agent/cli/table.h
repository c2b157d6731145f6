// Table: rows under headings, for a terminal or awk.
#pragma once

#include <string>
#include <vector>

namespace berth::agent::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> headings) : rows_{std::move(headings)} {}

  /// One cell for each heading; an empty one is shown as "-", so that every row has as many words.
  void Add(std::vector<std::string> row);
  /// The columns as wide as their widest cell and three spaces apart; no spaces at line ends.
  std::string Render() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace berth::agent::cli
