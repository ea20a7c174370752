// Asio's non-template code, once for everybody: see BOOST_ASIO_SEPARATE_COMPILATION in
// engineio/CMakeLists.txt.
#include <boost/asio/impl/src.hpp>
