# Read by ctest: asks one doctest binary for its cases and registers each.
# In: test_binary, test_prefix, test_labels, test_timeout, test_serial, test_directory.

if(NOT EXISTS "${test_binary}")
  # A missing binary must be seen as a failure, not as an empty suite.
  # Under its label, so that a run that leaves the label out does not ask for the binary either.
  add_test("${test_prefix}${test_labels} is not built" "${test_binary}")
  set_tests_properties("${test_prefix}${test_labels} is not built" PROPERTIES LABELS "${test_labels}")
  return()
endif()

execute_process(COMMAND "${test_binary}" --list-test-cases --no-intro --no-version --no-colors
  OUTPUT_VARIABLE test_listing RESULT_VARIABLE test_result WORKING_DIRECTORY "${test_directory}")
if(NOT test_result EQUAL 0)
  add_test("${test_prefix}${test_labels} cannot list its cases" "${test_binary}" --list-test-cases)
  set_tests_properties("${test_prefix}${test_labels} cannot list its cases" PROPERTIES LABELS "${test_labels}")
  return()
endif()

# Walked by hand: names may hold brackets and semicolons, which would break a CMake list.
while(test_listing MATCHES "^([^\n]*)\n")
  set(test_name "${CMAKE_MATCH_1}")
  string(LENGTH "${test_name}" test_length)
  math(EXPR test_length "${test_length} + 1")
  string(SUBSTRING "${test_listing}" ${test_length} -1 test_listing)
  if(test_name STREQUAL "" OR test_name MATCHES "^(\\[doctest\\]|=+$)")
    continue()
  endif()
  # In a doctest filter a comma separates patterns, and a backslash escapes it.
  string(REPLACE "," "\\," test_filter "${test_name}")
  add_test("${test_prefix}${test_name}" "${test_binary}" "--test-case=${test_filter}" --no-intro --no-version)
  set_tests_properties("${test_prefix}${test_name}" PROPERTIES
    TIMEOUT ${test_timeout}
    LABELS "${test_labels}"
    WORKING_DIRECTORY "${test_directory}"
    # A filter that matches nothing passes in doctest; here it must not.
    FAIL_REGULAR_EXPRESSION "test cases: *0 "
    RUN_SERIAL ${test_serial})
endwhile()
