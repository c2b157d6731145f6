// JSON 1.1 (awsJson1_1) of the ECS API: bodies to structs and back.
#pragma once

#include <string>
#include <string_view>

#include "ecs/api_error.h"

namespace berth::ecs::api {

/// Reads the body of a request, or of an answer. Fields that the model does not have are ignored,
/// as AWS does. Errors: SerializationException for what is no JSON or of a wrong type, with its
/// path; InvalidParameterException (required fields, values outside of an enumeration), with the
/// path and what is allowed. An empty body is an empty object.
///
/// Instantiated in codec.cpp for every struct of ecs/api/ that is a whole body.
template <typename Body>
ApiResult<Body> ParseBody(std::string_view json);

template <typename Body>
std::string FormatBody(const Body& body);

/// {"__type": "ClusterNotFoundException", "message": "Cluster not found."}
std::string FormatError(const ApiError& error);
/// What such a body says; `status` is that of the answer it came with. One that can't be read gives
/// the code "ServerException", or "UnknownError" below 500, with the text as it is.
ApiError ParseError(std::string_view json, int status);

/// The service's name in X-Amz-Target.
inline constexpr std::string_view kTargetPrefix = "AmazonEC2ContainerServiceV20141113.";
inline constexpr std::string_view kContentType = "application/x-amz-json-1.1";

}  // namespace berth::ecs::api
