// libcurl for Swift. Swift cannot call variadic functions, and `curl_easy_setopt` and
// `curl_easy_getinfo` are variadic: one inline wrapper per kind of argument, and nothing else.

#ifndef CSIJILCURL_H
#define CSIJILCURL_H

#include <curl/curl.h>

// Before 7.88 a write to a closed TLS connection may raise SIGPIPE when signals are left alone
// (CURLOPT_NOSIGNAL), which would end the process.
#if LIBCURL_VERSION_NUM < 0x075800
#error "libcurl 7.88 or later is needed"
#endif

static inline CURLcode sijil_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode sijil_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode sijil_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode sijil_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, (void *)value);
}

static inline CURLcode sijil_curl_set_callback(CURL *handle, CURLoption option,
                                               curl_write_callback value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode sijil_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode sijil_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}

#endif
