// The non-template parts of Boost.Asio, Boost.Beast and Boost.URL, compiled here once for client
// and server.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
#include <boost/url/src.hpp>
