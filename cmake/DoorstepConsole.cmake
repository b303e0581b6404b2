# The console's front-end: built by Vite from console/ when its sources change, and linked into doorstepd as data.
#
# Packages come from npm as the lock file names them, once for each lock file; after that nothing needs the network. The
# sources are copied beside the packages, so that nothing is ever written into the source tree.

find_program(DOORSTEP_NODE node DOC "Node.js, 18 or newer")
find_program(DOORSTEP_NPM npm DOC "npm, 9 or newer")
mark_as_advanced(DOORSTEP_NODE DOORSTEP_NPM)

set(doorstep_node_fits OFF)
if(DOORSTEP_NODE AND DOORSTEP_NPM)
  execute_process(COMMAND "${DOORSTEP_NODE}" --version OUTPUT_VARIABLE doorstep_node_version
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(doorstep_node_version MATCHES "^v([0-9]+)\\." AND CMAKE_MATCH_1 GREATER_EQUAL 18)
    set(doorstep_node_fits ON)
  endif()
endif()
option(DOORSTEP_CONSOLE "The console's front-end goes into doorstepd; needs node and npm" ${doorstep_node_fits})
if(DOORSTEP_CONSOLE AND NOT doorstep_node_fits)
  message(FATAL_ERROR "DOORSTEP_CONSOLE needs Node.js 18 or newer and npm (found: node '${DOORSTEP_NODE}' "
    "${doorstep_node_version}, npm '${DOORSTEP_NPM}'); -DDOORSTEP_CONSOLE=OFF builds without the console's pages")
endif()
if(NOT DOORSTEP_CONSOLE)
  message(STATUS "doorstepd is built without the console's pages")
endif()

# doorstep_node_packages(<folder> <output variable>): a rule that installs what package-lock.json of <folder> (in the
# source tree) names into the same folder of the build tree. The variable is a file that is newer than the packages.
function(doorstep_node_packages folder out)
  set(source "${PROJECT_SOURCE_DIR}/${folder}")
  set(installed "${PROJECT_BINARY_DIR}/${folder}")
  set(stamp "${installed}/packages.stamp")
  set(lists "${source}/package.json" "${source}/package-lock.json" "${source}/.npmrc")
  add_custom_command(OUTPUT "${stamp}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${installed}"
    COMMAND "${CMAKE_COMMAND}" -E copy ${lists} "${installed}"
    # No package's own scripts are run: none of ours needs them.
    COMMAND "${DOORSTEP_NPM}" ci --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error
    COMMAND "${CMAKE_COMMAND}" -E touch "${stamp}"
    DEPENDS ${lists} WORKING_DIRECTORY "${PROJECT_BINARY_DIR}/${folder}"
    COMMENT "npm packages of ${folder}" VERBATIM)
  file(MAKE_DIRECTORY "${installed}")
  set(${out} "${stamp}" PARENT_SCOPE)
endfunction()

# doorstep_console(<target>): <target> gets console_files().
function(doorstep_console target)
  set(source "${PROJECT_SOURCE_DIR}/console")
  set(copy "${PROJECT_BINARY_DIR}/console")
  set(generated "${copy}/built/console_files.cpp")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${source}/src/*" "${source}/public/*" "${source}/bundle/*")
  list(APPEND sources "${source}/index.html" "${source}/tsconfig.json" "${source}/vite.config.ts")
  doorstep_node_packages(console packages)
  add_custom_command(OUTPUT "${generated}"
    COMMAND "${CMAKE_COMMAND}" -E rm -rf "${copy}/src" "${copy}/public" "${copy}/bundle" "${copy}/built"
    COMMAND "${CMAKE_COMMAND}" -E copy_directory "${source}/src" "${copy}/src"
    COMMAND "${CMAKE_COMMAND}" -E copy_directory "${source}/public" "${copy}/public"
    COMMAND "${CMAKE_COMMAND}" -E copy_directory "${source}/bundle" "${copy}/bundle"
    COMMAND "${CMAKE_COMMAND}" -E copy "${source}/index.html" "${source}/tsconfig.json" "${source}/vite.config.ts"
      "${copy}"
    COMMAND "${DOORSTEP_NODE}" "${copy}/bundle/check_words.mjs"
    COMMAND "${DOORSTEP_NODE}" "${copy}/bundle/bundle.mjs" "${copy}/built"
    DEPENDS ${sources} "${packages}" COMMENT "The console's pages" VERBATIM)
  target_sources(${target} PRIVATE "${generated}")
  set_source_files_properties("${generated}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
