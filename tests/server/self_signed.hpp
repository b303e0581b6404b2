// A certificate that no authority signed, as a township makes itself one.
#pragma once

#include <filesystem>

namespace doorstep::test {

/// Writes cert.pem and key.pem: a P-256 key and a certificate that it signed itself.
void write_self_signed(const std::filesystem::path& dir);

}  // namespace doorstep::test
