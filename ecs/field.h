// What a list of a struct's fields is made of; ecs/fields.h and its like hold the lists, read.h and
// write.h go by them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace berth::ecs {

/// A field that may be left out; the member then keeps its default.
template <typename Struct, typename Member>
struct Field {
  std::string_view name;
  Member Struct::*member;
};

/// A field without which the struct means nothing, and whose absence the member can't show.
/// (Text of a task definition that is required is empty when it is absent: the rules look at that.)
template <typename Struct, typename Member>
struct Required {
  std::string_view name;
  Member Struct::*member;
};

/// A field that may be left out by who writes to ECS, but that ECS's own answers always have: users
/// of its clients index it without a look.
template <typename Struct, typename Member>
struct Always {
  std::string_view name;
  Member Struct::*member;
};

/// An Always that is written only for some values of the struct.
template <typename Struct, typename Member>
struct AlwaysIf {
  std::string_view name;
  Member Struct::*member;
  bool (*applies)(const Struct&);
};

/// A member whose own fields stand among those of the struct.
template <typename Struct, typename Member>
struct Inlined {
  Member Struct::*member;
};

enum class SizeUnit { kCpuUnits, kMiB };

/// cpu or memory of a whole task: text in JSON, a number in the struct.
template <typename Struct>
struct TaskSize {
  std::string_view name;
  std::optional<int64_t> Struct::*member;
  SizeUnit unit;
};

// clang 14 does not deduce aggregates by itself.
template <typename Struct, typename Member>
Field(const char*, Member Struct::*) -> Field<Struct, Member>;
template <typename Struct, typename Member>
Required(const char*, Member Struct::*) -> Required<Struct, Member>;
template <typename Struct, typename Member>
Always(const char*, Member Struct::*) -> Always<Struct, Member>;
template <typename Struct, typename Member>
AlwaysIf(const char*, Member Struct::*, bool (*)(const Struct&)) -> AlwaysIf<Struct, Member>;
template <typename Struct, typename Member>
Inlined(Member Struct::*) -> Inlined<Struct, Member>;
template <typename Struct>
TaskSize(const char*, std::optional<int64_t> Struct::*, SizeUnit) -> TaskSize<Struct>;

/// Fields<Struct>::Visit(visitor) calls visitor(field, ...) once, with all the struct's fields in
/// the order of the API. (A tuple of them would be all of what compiling this costs.)
template <typename Struct>
struct Fields;

/// Stands in namespace berth::ecs, whatever namespace the struct is of.
#define BERTH_ECS_FIELDS(Struct, ...)           \
  template <>                                   \
  struct Fields<Struct> {                       \
    using S = Struct;                           \
    template <typename Visitor>                 \
    static void Visit(const Visitor& visitor) { \
      visitor(__VA_ARGS__);                     \
    }                                           \
  }

template <typename T>
concept HasFields = requires {
  typename Fields<T>::S;
};

}  // namespace berth::ecs
