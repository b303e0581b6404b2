# Targets whose sources are found by pattern, so that adding a file needs no change here: Ninja looks at the patterns
# again before each build. A library without sources yet is built from one empty file.

# doorstep_glob(<variable> PATTERNS... [EXCLUDE regex]): sources relative to the calling folder, recursive for "**".
function(doorstep_glob out)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "EXCLUDE" "")
  set(found "")
  foreach(pattern IN LISTS arg_UNPARSED_ARGUMENTS)
    if(pattern MATCHES "\\*\\*/")
      string(REPLACE "**/" "" pattern "${pattern}")
      file(GLOB_RECURSE matches CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${pattern}")
    else()
      file(GLOB matches CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${pattern}")
    endif()
    list(APPEND found ${matches})
  endforeach()
  if(arg_EXCLUDE)
    list(FILTER found EXCLUDE REGEX "${arg_EXCLUDE}")
  endif()
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

# A file with Beast's WebSocket is compiled on its own, so that it is not compiled again for its neighbours' sake. Under
# the sanitizers it costs minutes: it keeps AddressSanitizer; the optimiser and UndefinedBehaviorSanitizer, which would
# mostly look at Beast's own templates, are left out for it (half the time).
function(doorstep_set_beast_apart)
  foreach(source IN LISTS ARGN)
    file(STRINGS "${source}" beast REGEX "#include <boost/beast" LIMIT_COUNT 1)
    if(NOT beast)
      continue()
    endif()
    set_source_files_properties("${source}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    if(DOORSTEP_SANITIZE MATCHES "undefined")
      set_source_files_properties("${source}" PROPERTIES COMPILE_OPTIONS "-O0;-fno-sanitize=undefined")
    endif()
  endforeach()
endfunction()

# doorstep_library(<name> SOURCES patterns... [EXCLUDE regex] [PUBLIC libs...] [PRIVATE libs...] [ONE_BY_ONE])
# A static library that includes from the repository root. ONE_BY_ONE: never several files at once.
function(doorstep_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ONE_BY_ONE" "EXCLUDE" "SOURCES;PUBLIC;PRIVATE")
  doorstep_glob(sources ${arg_SOURCES} EXCLUDE "${arg_EXCLUDE}")
  if(NOT sources)
    set(empty "${PROJECT_BINARY_DIR}/generated/${name}_empty.cpp")
    if(NOT EXISTS "${empty}")
      file(WRITE "${empty}" "// No sources yet.\n")
    endif()
    set(sources "${empty}")
  endif()
  doorstep_set_beast_apart(${sources})
  add_library(${name} STATIC ${sources})
  if(DOORSTEP_UNITY AND NOT arg_ONE_BY_ONE)
    # Most of the time goes into headers: several files at once are compiled three to four times as fast.
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)  # looks only at the main file's name
  endif()
  string(REGEX REPLACE "^doorstep_" "" short "${name}")
  add_library(doorstep::${short} ALIAS ${name})
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${short})
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_include_directories(${name} PUBLIC
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/doorstep-engine>")
  target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

# doorstep_executable(<name> SOURCES patterns... [EXCLUDE regex] [LINK libs...])
# Without sources there is no target yet.
function(doorstep_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "EXCLUDE" "SOURCES;LINK")
  doorstep_glob(sources ${arg_SOURCES} EXCLUDE "${arg_EXCLUDE}")
  if(NOT sources)
    message(STATUS "${name}: no sources yet")
    return()
  endif()
  add_executable(${name} ${sources})
  if(DOORSTEP_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_LINK})
endfunction()

# Data that goes into the programs as it is: generated/NAME.cpp defines FUNCTION as a string_view of FILE's text.
function(doorstep_embed target file header namespace function)
  set(path "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
  file(READ "${path}" text)
  set(source "${PROJECT_BINARY_DIR}/generated/${function}.cpp")
  file(CONFIGURE OUTPUT "${source}" @ONLY CONTENT
"#include \"@header@\"

namespace @namespace@ {

std::string_view @function@() {
  return R\"embedded(@text@)embedded\";
}

}  // namespace @namespace@
")
  target_sources(${target} PRIVATE "${source}")
endfunction()
