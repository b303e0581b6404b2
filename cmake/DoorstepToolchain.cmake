# Compiler, linker and cache settings that hold for every target.

if(NOT CMAKE_BUILD_TYPE)
  # Not CMake's own RelWithDebInfo: that one defines NDEBUG, and asserts stay on here in every build.
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1" CACHE STRING "" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

# Paths relative to the repository in debug information and __FILE__: a build is the same whatever folder it was
# cloned to, and several checkouts share one compiler cache.
add_compile_options(
  -Wall -Wextra -Wconversion -Wshadow
  "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
if(DOORSTEP_DEFECTS)
  add_compile_definitions(DOORSTEP_DEFECTS)
endif()
if(DOORSTEP_WERROR)
  add_compile_options(-Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 takes members of coroutine frames and of inlined std::variant for uninitialised or dangling.
  add_compile_options(-Wno-maybe-uninitialized -Wno-dangling-pointer)
endif()

if(DOORSTEP_SANITIZE)
  add_compile_options("-fsanitize=${DOORSTEP_SANITIZE}" -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options("-fsanitize=${DOORSTEP_SANITIZE}")
  if(DOORSTEP_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio has fences beside its mutexes; ThreadSanitizer knows the mutexes only, which is enough here.
    # Under it g++ 12 also takes a member of an inlined std::variant for something that was never allocated.
    add_compile_options(-Wno-tsan -Wno-free-nonheap-object)
  endif()
endif()

find_program(DOORSTEP_MOLD mold)
if(DOORSTEP_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

find_program(DOORSTEP_CCACHE ccache)
if(DOORSTEP_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND}" -E env
    "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
    "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime"
    "${DOORSTEP_CCACHE}")
endif()
