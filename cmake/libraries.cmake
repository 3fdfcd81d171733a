# Outside libraries, as Debian 12 packages them (ops/packages.txt).
find_package(PkgConfig REQUIRED)
foreach(module libprotobuf-c libsodium lmdb libzmq libconfuse jansson libosip2 ortp libsrtp2 opus spandsp libuv libwebsockets openssl expat liboath
        libqrencode libpq ldap libcurl pangocairo cairo-pdf cmocka)
    string(REGEX REPLACE "^lib" "" short ${module})
    string(REPLACE "-" "_" short ${short})
    pkg_check_modules(${short} REQUIRED IMPORTED_TARGET ${module})
endforeach()
find_program(PROTOC_C protoc-c REQUIRED)
find_package(Threads REQUIRED)
