#include "base/sqlite/database.h"

#include <sqlite3.h>

#include <chrono>
#include <thread>

namespace berth {
namespace {

// What the kernel said, where it was asked. SQLite tells a full disk apart itself.
int KernelError(sqlite3* handle) {
  switch (::sqlite3_errcode(handle) & 0xff) {
    case SQLITE_FULL:
      return ENOSPC;
    case SQLITE_IOERR:
      return ::sqlite3_system_errno(handle) == 0 ? EIO : ::sqlite3_system_errno(handle);
    case SQLITE_CANTOPEN:
      return ::sqlite3_system_errno(handle);
    default:
      return 0;
  }
}

Error SqlError(sqlite3* handle, std::string_view path) {
  const int code = KernelError(handle);
  return Error(fmt::format("{}: {}{}", path, ::sqlite3_errmsg(handle),
                           code == 0 ? "" : fmt::format(" ({})", ErrnoMessage(code))),
               code);
}

Error SqlError(sqlite3* handle) {
  const char* path = ::sqlite3_db_filename(handle, "main");
  return SqlError(handle, path == nullptr ? "database" : path);
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const {
  ::sqlite3_finalize(statement);
}

Statement& Statement::Bind(int64_t value) {
  ::sqlite3_bind_int64(statement_.get(), next_parameter_++, value);
  return *this;
}

Statement& Statement::Bind(std::string_view value) {
  ::sqlite3_bind_text(statement_.get(), next_parameter_++, value.data(),
                      static_cast<int>(value.size()), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::Bind(const std::optional<int64_t>& value) {
  if (value) return Bind(*value);
  ::sqlite3_bind_null(statement_.get(), next_parameter_++);
  return *this;
}

Statement& Statement::BindBytes(std::string_view value) {
  // A null pointer would bind NULL.
  ::sqlite3_bind_blob(statement_.get(), next_parameter_++, value.data() ? value.data() : "",
                      static_cast<int>(value.size()), SQLITE_TRANSIENT);
  return *this;
}

Result<bool> Statement::Step() {
  switch (::sqlite3_step(statement_.get())) {
    case SQLITE_ROW:
      return true;
    case SQLITE_DONE:
      return false;
    default:
      return SqlError(::sqlite3_db_handle(statement_.get()));
  }
}

Result<void> Statement::Run() {
  while (TRY(Step())) {
  }
  return {};
}

void Statement::Reset() {
  ::sqlite3_reset(statement_.get());  // repeats the error of the last step
  next_parameter_ = 1;
}

int64_t Statement::Integer(int column) const {
  return ::sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(::sqlite3_column_text(statement_.get(), column));
  const int size = ::sqlite3_column_bytes(statement_.get(), column);
  return text == nullptr ? "" : std::string(text, static_cast<size_t>(size));
}

std::string Statement::Bytes(int column) const {
  const auto* bytes = static_cast<const char*>(::sqlite3_column_blob(statement_.get(), column));
  const int size = ::sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr ? "" : std::string(bytes, static_cast<size_t>(size));
}

bool Statement::IsNull(int column) const {
  return ::sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3* handle) const { ::sqlite3_close_v2(handle); }

Result<Database> Database::Open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int code =
      ::sqlite3_open_v2(path.c_str(), &handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(handle);  // there is a handle to close even after a failure
  if (code != SQLITE_OK) return SqlError(handle, path).WithContext("open");
  ::sqlite3_busy_timeout(handle, 10'000);
  // The log and its index stay between commands, the log emptied. On a full disk they could not be
  // made anew, and then nothing could be stopped or removed any more.
  int keep = 1;
  ::sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
  TRY(database.KeepLog());
  TRY(database.SetDurability(Durability::kCrash));
  return database;
}

// The first to open a new file changes it, and meanwhile others are told that it is locked without
// being made to wait.
Result<void> Database::KeepLog() {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (true) {
    auto kept = Execute("PRAGMA journal_mode=WAL; PRAGMA journal_size_limit=0");
    const bool busy = !kept && ::sqlite3_errcode(handle_.get()) == SQLITE_BUSY;
    if (!busy || std::chrono::steady_clock::now() > patience) return kept;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

Result<void> Database::SetDurability(Durability durability) {
  return Execute(durability == Durability::kPowerCut ? "PRAGMA synchronous=FULL"
                                                     : "PRAGMA synchronous=NORMAL");
}

Result<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (::sqlite3_prepare_v2(handle_.get(), sql.data(), static_cast<int>(sql.size()), &statement,
                           nullptr) != SQLITE_OK) {
    return SqlError(handle_.get()).WithContext(sql);
  }
  return Statement(statement);
}

Result<void> Database::Execute(const std::string& sql) {
  if (::sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return SqlError(handle_.get());
  }
  return {};
}

}  // namespace berth
