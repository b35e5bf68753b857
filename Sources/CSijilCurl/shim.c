// Every wrapper is inline; SwiftPM wants one source file in a C target.
#include "CSijilCurl.h"
