#include "agent/cli/table.h"

#include <algorithm>

#include "agent/cli/styled_text.h"

namespace berth::agent::cli {

void Table::Add(std::vector<std::string> row) {
  row.resize(rows_.front().size());
  for (std::string& cell : row) {
    if (cell.empty()) cell = "-";
  }
  rows_.push_back(std::move(row));
}

std::string Table::Render() const {
  std::vector<int> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    for (size_t i = 0; i + 1 < row.size(); ++i) text += Pad(row[i], widths[i]) + "   ";
    text += row.back() + "\n";
  }
  return text;
}

}  // namespace berth::agent::cli
