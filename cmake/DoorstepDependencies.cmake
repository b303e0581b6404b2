# Third-party libraries, as Debian 12 packages them. Shared with the installed package (doorstep-config.cmake).

find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(Boost 1.81 REQUIRED)  # headers only
find_package(PkgConfig REQUIRED)

foreach(doorstep_module IN ITEMS libsodium libxxhash libcbor libzstd tomlplusplus libqrencode)
  if(NOT TARGET PkgConfig::${doorstep_module})
    pkg_check_modules(${doorstep_module} REQUIRED IMPORTED_TARGET GLOBAL ${doorstep_module})
  endif()
endforeach()
unset(doorstep_module)
