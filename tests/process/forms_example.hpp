// The C++ of docs/guide/forms.md, compiled. The page holds these functions word for word;
// forms_guide_test.cpp checks that.
#pragma once

#include <string>

#include <doorstep/form.hpp>
#include <doorstep/replica.hpp>

namespace doorstep::test::guide {

[[nodiscard]] doorstep::Result<doorstep::Form> open_screen(doorstep::Replica& replica,
                                                           const doorstep::Value& resident);
[[nodiscard]] doorstep::Status save_screen(doorstep::Replica& replica, doorstep::Form& form,
                                           const std::string& phone, const std::string& relation);
[[nodiscard]] doorstep::Result<std::string> what_changed(doorstep::Replica& replica,
                                                         doorstep::Form& form);
[[nodiscard]] doorstep::Status save_with_note(doorstep::Replica& replica, doorstep::Form& form,
                                              const std::string& findings);
[[nodiscard]] doorstep::Result<doorstep::Form> register_resident(doorstep::Replica& replica,
                                                                 const doorstep::Value& household,
                                                                 const std::string& name);

}  // namespace doorstep::test::guide
