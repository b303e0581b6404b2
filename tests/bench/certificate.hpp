// A certificate for a hub that serves with TLS.
#pragma once

#include <string>
#include <vector>

namespace doorstep::bench {

/// Makes key.pem and cert.pem in `folder`; returns the options of `doorstepd serve` that name them.
[[nodiscard]] std::vector<std::string> make_certificate(const std::string& folder);

}  // namespace doorstep::bench
