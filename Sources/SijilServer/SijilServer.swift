import Hummingbird
import HummingbirdTLS
import HummingbirdHTTP2

