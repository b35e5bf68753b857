int sijil_curl_placeholder(void);
