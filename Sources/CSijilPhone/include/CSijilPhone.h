#ifndef CSIJILPHONE_H
#define CSIJILPHONE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Reads a telephone number as people type it, with libphonenumber.
///
/// Safe from several threads. The first call costs some milliseconds.
///
/// @param text    UTF-8, ended by a zero byte.
/// @param country two capitals of ISO 3166-1 for numbers without the code of a country, or NULL.
/// @param e164    where `+` and the digits go, ended by a zero byte; untouched for 0.
/// @param size    bytes there; 24 are enough.
/// @return 2 for a number that may have been given out, 1 for one of a possible length, 0 for none.
int sijil_phone_read(const char *text, const char *country, char *e164, size_t size);

#ifdef __cplusplus
}
#endif

#endif
