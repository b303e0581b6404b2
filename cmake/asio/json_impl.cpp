// The non-template parts of Boost.JSON, compiled here once.
#include <boost/json/src.hpp>
