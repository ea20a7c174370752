// Boost.JSON's non-template code, built here so that it has the sanitizers of our build and needs
// no shared library. It is a file of its own in a static library: a program that has its own copy
// uses that one, and this file stays out.
#include <boost/json/src.hpp>
