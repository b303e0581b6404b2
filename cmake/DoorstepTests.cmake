# doorstep_test(<name> SOURCES patterns... [LINK libs...] [TIMEOUT seconds] [SERIAL] [BARE] [PLAIN_NAMES]
#   [OPTIMISED])
# A doctest executable with the shared main; each TEST_CASE becomes a CTest entry when ctest starts
# (cmake/DiscoverTests.cmake), so that the list is never older than the binary. SERIAL: its cases run alone. BARE: links
# nothing of ours but the main. CTest label: the middle of the name, which also stands before each case's name, unless
# PLAIN_NAMES. OPTIMISED: compiled like the libraries.
function(doorstep_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL;BARE;PLAIN_NAMES;OPTIMISED" "TIMEOUT" "SOURCES;LINK")
  doorstep_glob(sources ${arg_SOURCES})
  if(NOT sources)
    message(STATUS "${name}: no sources yet")
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 600)
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE
    $<IF:$<BOOL:${arg_BARE}>,doorstep_test_main,doorstep_test_support> ${arg_LINK})
  # Stories are short; what takes time is compiled in the libraries, which keep their optimisation.
  if(NOT arg_OPTIMISED)
    target_compile_options(${name} PRIVATE -O0)
  endif()

  target_precompile_headers(${name} PRIVATE
    <doctest/doctest.h> <algorithm> <functional> <map> <memory> <optional> <set> <string> <variant> <vector>)

  string(REGEX REPLACE "^doorstep_(.*)_tests$" "\\1" prefix "${name}")
  set(shown "${prefix}: ")
  if(arg_PLAIN_NAMES)
    set(shown "")
  endif()
  set(include_file "${CMAKE_CURRENT_BINARY_DIR}/${name}.ctest.cmake")
  file(GENERATE OUTPUT "${include_file}" CONTENT
"set(test_binary [==[$<TARGET_FILE:${name}>]==])
set(test_prefix [==[${shown}]==])
set(test_labels [==[${prefix}]==])
set(test_timeout ${arg_TIMEOUT})
set(test_serial $<BOOL:${arg_SERIAL}>)
set(test_directory [==[${PROJECT_SOURCE_DIR}]==])
include([==[${PROJECT_SOURCE_DIR}/cmake/DiscoverTests.cmake]==])
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${include_file}")
endfunction()
