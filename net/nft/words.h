// What the expressions of a rule say, in a few words.
#pragma once

#include <cstdint>
#include <string>

namespace berth::net {

/// What is loaded: "protocol", "source", "destination port". (NFT_META_*; NFT_PAYLOAD_*.)
std::string MetaWords(uint32_t key);
std::string PayloadWords(uint32_t base, uint32_t offset, uint32_t size);

/// " protocol tcp", " source 10.0.0.0/8", " destination port >= 80": a comparison (NFT_CMP_*) of
/// what `loaded` says, under a mask unless that is empty. "" for what goes without saying.
std::string ComparisonWords(const std::string& loaded, uint32_t operation, const std::string& value,
                            const std::string& mask);

}  // namespace berth::net
