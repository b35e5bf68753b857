int sijil_curl_placeholder(void){return 0;}
